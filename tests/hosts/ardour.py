"""Ardour as the scripts need it: plugins scanned, its own window without a sound card and without questions."""
import os
import pathlib
import subprocess
import time

from common import check, screenshot, start

STATE = (
    '<State backend="None (Dummy)" driver="Normal Speed" device="Silence" input-device="" output-device=""'
    ' sample-rate="48000" buffer-size="512" n-periods="0" input-latency="0" output-latency="0" lm-input="" lm-output=""'
    ' active="1" use-buffered-io="0" midi-option="1 in, 1 out, Silence" lru="1795000000"><MIDIDevices/></State>'
)
OPTIONS = {"hide-dummy-backend": 0, "try-autostart-engine": 1, "monitoring-model": "SoftwareMonitoring"}


def home(out):
    """A home of its own: no first-run assistant, no sound card, no questions about imports."""
    path = pathlib.Path(out, "home")
    config = path / ".config" / "ardour7"
    config.mkdir(parents=True)
    (config / ".a7").touch()
    options = "".join(f'<Option name="{name}" value="{value}"/>' for name, value in OPTIONS.items())
    (config / "config").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><Ardour><Config>{options}</Config>'
        f"<Extra><AudioMIDISetup><EngineStates>{STATE}</EngineStates></AudioMIDISetup></Extra></Ardour>"
    )
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        os.environ.pop(name, None)
    os.environ["HOME"] = str(path)
    return path


def install(plugin, path, out):
    """The plugin in a home, scanned: headless Ardour reads only what the scanner has written."""
    (path / ".vst3").mkdir(parents=True, exist_ok=True)
    link = path / ".vst3" / "Continuo.vst3"
    if not link.exists():
        link.symlink_to(plugin)
    # The scanner's file is dated in whole seconds, and one older than the plugin is not read.
    newest = max(file.stat().st_mtime for file in pathlib.Path(plugin).rglob("*.so"))
    time.sleep(max(0.0, newest + 1.1 - time.time()))
    libraries = sorted(pathlib.Path("/usr/lib").glob("ardour[0-9]*"))[-1]
    command = [str(libraries / "ardour-vst3-scanner"), "-f", "-v", str(link)]
    environment = dict(os.environ, LD_LIBRARY_PATH=str(libraries))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, errors="replace")
    pathlib.Path(out, "scan.log").write_text(done.stdout + done.stderr)
    check("the scanner finds Continuo", "Found Plugin: Continuo" in done.stdout + done.stderr)


def windows(title):
    found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title], capture_output=True, text=True, timeout=20)
    return found.stdout.split()


def open_session(folder, name, out):
    """Ardour with the session of this name, its window there and drawn."""
    process = start(["ardour", "-a", "-n", f"{folder}/{name}.ardour"], f"{out}/ardour.log")
    until_s = time.monotonic() + 60
    while not windows(f"^{name} - Ardour$") and time.monotonic() < until_s:
        time.sleep(0.3)
    time.sleep(4)
    screenshot(f"{out}/before.png")
    return process
