"""The Windows bundles under Wine beside the Linux ones: the same takes, sound and projects; and the window.

under_wine.py LINUX WINDOWS OUT    Folders with the bundles (Continuo.clap, Continuo.vst3) and the programs cross-host and
(Windows only) win32-window.

Run by `cargo xtask cross --wine`: WINEPREFIX names a prefix that runs Rust programs, WINE the program. Evidence, not proof:
Wine is not Windows. Debian: wine64 xvfb openbox xsettingsd xdotool x11-utils imagemagick."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).parent.parent / folder) for folder in ("hosts", "drag")]
from common import check, display, finish, fresh, screenshot  # noqa: E402
from talk import Program, place, xdotool  # noqa: E402

linux, windows_built, out = (os.path.abspath(argument) for argument in sys.argv[1:])
WINE = os.environ.get("WINE", "/usr/lib/wine/wine64")
# Many times what a session takes on an idle machine.
PATIENCE_S = 600
# The first Wine in which the window's OpenGL reaches the screen here; in Wine 8 it is black.
FIRST_THAT_DRAWS = 10
TITLE = "Continuo under Wine"
# Generate, in pixels from the upper left corner of the window's inside.
GENERATE = (820, 24)


def dos(path):
    """A path as programs under Wine write it: the root is drive Z."""
    return "Z:" + path.replace("/", "\\")


def environment(home, spell):
    """Data and settings of one run in folders of its own."""
    folders = {"CONTINUO_DATA_DIR": f"{home}/data", "CONTINUO_CONFIG_DIR": f"{home}/config"}
    return {**os.environ, "CONTINUO_SEED": "1", **{name: spell(path) for name, path in folders.items()}}


def session(system, name, command, *paths, data=None):
    """`cross-host COMMAND PATHS...` to its end on one system; `data` is a library it starts with. True when it succeeded."""
    home = fresh(f"{out}/homes/{system}-{name}")
    if data:
        shutil.copytree(data, f"{home}/data")
    spell = dos if system == "wine" else str
    program = [WINE, f"{windows_built}/cross-host.exe"] if system == "wine" else [f"{linux}/cross-host"]
    started_s = time.monotonic()
    try:
        done = subprocess.run(
            [*program, *command, *(spell(path) for path in paths)], env=environment(home, spell),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=PATIENCE_S, check=False,
        )
        is_fine, told = done.returncode == 0, done.stdout + ("" if done.returncode == 0 else f"{done.stderr}{done.returncode}")
    except subprocess.TimeoutExpired:
        is_fine, told = False, "took too long"
    check(f"{system}: {name}", is_fine, f"{time.monotonic() - started_s:.1f} s: {told.strip()}")
    return is_fine


def compare(what, folder):
    """Every WAV and MIDI file of both systems; the program prints how they differ."""
    command = [f"{linux}/cross-host", "compare", f"{out}/linux/{folder}", f"{out}/wine/{folder}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    check(f"{folder}: {what}", done.returncode == 0, (done.stdout + done.stderr).strip())


def sound(form):
    """The same session on both systems, and Linux's project opened under Wine."""
    bundles = {"linux": f"{linux}/Continuo.{form}", "wine": f"{windows_built}/Continuo.{form}"}
    if all([session(system, form, ["play", form], bundles[system], f"{out}/{system}/{form}") for system in bundles]):
        compare("Wine makes the same take and the same sound as Linux", form)
    project, data = f"{out}/linux/{form}/project.bin", f"{out}/homes/linux-{form}/data"
    name = f"{form}-opened"
    paths = {system: (bundles[system], project, f"{out}/{system}/{name}") for system in bundles}
    if all([session(system, name, ["recall", form], *paths[system], data=data) for system in bundles]):
        compare("a project saved on Linux sounds the same under Wine", name)


def wine_version():
    told = subprocess.run([WINE, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    print(f"note: {told.strip()}", flush=True)
    return int(re.search(r"wine-(\d+)", told).group(1))


def num_colours(window, picture):
    """Colours inside the window, after a picture of it was taken from the screen."""
    _, x, y = window
    screenshot(picture)
    told = subprocess.run(
        ["convert", picture, "-crop", f"1000x700+{x}+{y}", "-format", "%k", "info:"],
        capture_output=True, text=True, timeout=30, check=True,
    )
    return int(told.stdout)


def drawn(window, picture, wanted, patience_s):
    """Waits until the inside of the window has so many colours; software renderers take their time."""
    until_s = time.monotonic() + patience_s
    while (colours := num_colours(window, picture)) < wanted and time.monotonic() < until_s:
        time.sleep(0.5)
    return colours


def window(version):
    """Opens the plugin's window inside a Windows host's, twice, with a take playing; presses Generate with the mouse."""
    home = fresh(f"{out}/homes/wine-window")
    os.environ.update(environment(home, dos))
    program = Program([WINE, f"{windows_built}/win32-window.exe", dos(f"{windows_built}/Continuo.clap")], f"{out}/window.log")
    try:
        draws = version >= FIRST_THAT_DRAWS
        for number in (1, 2):
            opened = program.wait("open ", patience_s=PATIENCE_S)
            if not check(f"wine: the window opens with a take playing, time {number}", opened is not None):
                return
            inside = place(TITLE, 40, 60)
            picture = f"{out}/window-{number}.png"
            # An empty host window has one colour; ours has hundreds, from smoothed text alone.
            colours = drawn(inside, picture, 256, 90 if draws else 5)
            if draws:
                check("wine: the window is drawn", colours >= 256, f"{colours} colours in {picture}")
            else:
                print(f"note: {colours} colour(s) in {picture}: Wine {version} does not show it", flush=True)
            if number == 1:
                program.wait("takes 1", patience_s=30)
                xdotool("mousemove", "--sync", inside[1] + GENERATE[0], inside[2] + GENERATE[1])
                time.sleep(0.5)
                xdotool("click", 1)
                check("wine: a click on Generate makes a take", program.wait("takes 2", patience_s=60) is not None)
            program.say("close")
            check("wine: it closes", program.wait("closed", patience_s=60) is not None)
        check("wine: the host ends well", program.wait("fine", patience_s=30) is not None)
    finally:
        program.end()


def main():
    fresh(out)
    version = wine_version()
    # Even an instance without a window needs a display there: it makes a hidden one for its messages.
    with display(out):
        sound("clap")
        sound("vst3")
        window(version)
    finish()


main()
