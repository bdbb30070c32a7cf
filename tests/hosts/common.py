"""What the host scripts share: checks, a private display and sound server, and looking at recordings."""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

BPM = 126.0
RATE = 48_000
STYLE_TECHNO_MINIMAL = 0

_failed = []


def check(what, is_ok, *more):
    """Prints one line; remembers a failure."""
    print("ok    " if is_ok else "FAILED", what, *more, flush=True)
    if not is_ok:
        _failed.append(what)
    return is_ok


def finish():
    """Ends the process: 0 only when every check held."""
    print(f"{'FAILED: ' + '; '.join(_failed) if _failed else 'all checks held'}", flush=True)
    sys.stdout.flush()
    # Hosts that live in this process may not like to be torn down by the interpreter.
    os._exit(1 if _failed else 0)


def start(command, log, **more):
    """A program with its own log. The caller ends it."""
    with open(log, "w") as file:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, **more)


def end(process, patience_s=5):
    """Ends one process that we started, by its own handle."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def display(out, size=(1400, 900)):
    """A private X display with a window manager and an XSETTINGS daemon (JUCE hosts die without one)."""
    read_end, write_end = os.pipe()
    processes = []
    screen = ["-screen", "0", f"{size[0]}x{size[1]}x24", "-nolisten", "tcp", "-noreset", "+extension", "GLX"]
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), *screen], pass_fds=[write_end], stderr=open(f"{out}/xvfb.log", "w")
    )
    processes.append(server)
    try:
        os.close(write_end)
        number = os.read(read_end, 16).decode().strip()
        if not number:
            raise RuntimeError(f"Xvfb gave no display; see {out}/xvfb.log")
        os.environ.update(DISPLAY=f":{number}", LIBGL_ALWAYS_SOFTWARE="1")
        settings = os.path.join(out, "xsettings.conf")
        with open(settings, "w") as file:
            file.write("Net/DoubleClickTime 250\n")
        processes.append(start(["openbox"], f"{out}/openbox.log"))
        processes.append(start(["xsettingsd", "-c", settings], f"{out}/xsettingsd.log"))
        time.sleep(0.7)
        yield f":{number}"
    finally:
        for process in reversed(processes):
            end(process)
        os.environ.pop("DISPLAY", None)


def _jack_names():
    """Names for a JACK server, those of dead servers of ours first.

    JACK keeps eight entries for servers in all, in memory that outlives them. A server that was killed leaves its
    entry behind, and only one of the same name takes it over: with a new name every time the ninth finds no place."""
    import re

    try:
        with open("/dev/shm/jack-shm-registry", "rb") as file:
            entries = file.read()
    except OSError:
        entries = b""
    left = re.findall(rf"jack-{os.getuid()}:(continuo\w*):".encode(), entries)
    names = [name.decode() for name in left] + [f"continuo{number}" for number in range(4)]
    return list(dict.fromkeys(names))


@contextlib.contextmanager
def jack_server(out, rate=RATE, period=512):
    """A private JACK server without a sound card."""
    os.environ["JACK_NO_AUDIO_RESERVATION"] = "1"
    log = f"{out}/jackd.log"
    for name in _jack_names():
        command = ["jackd", "--no-realtime", "-n", name, "-d", "dummy", "-r", str(rate), "-p", str(period)]
        server = start(command, log)
        time.sleep(1.5)
        if server.poll() is None:
            break
    else:
        with open(log) as file:
            raise RuntimeError(f"jackd ended at once:\n{file.read()}")
    os.environ["JACK_DEFAULT_SERVER"] = name
    try:
        yield name
    finally:
        end(server, patience_s=20)


def screenshot(path):
    """The whole screen, as a picture."""
    subprocess.run(["import", "-window", "root", path], check=True, timeout=30)
    return path


def picture_has_content(path, min_colours=64):
    """More colours than an empty window has."""
    told = subprocess.run(["identify", "-format", "%k", path], capture_output=True, text=True, timeout=30)
    return int(told.stdout or 0) >= min_colours


def windows():
    """Titles of the windows on the display."""
    tree = subprocess.run(["xwininfo", "-root", "-tree"], capture_output=True, text=True, timeout=30).stdout
    return [line.strip() for line in tree.splitlines() if '"' in line]


def peak(audio):
    """Largest absolute sample."""
    return float(np.abs(audio).max()) if audio.size else 0.0


def best_shift(signal, template, at, reach):
    """Shift at which `template` fits best onto `signal` around `at`; None outside or in silence."""
    begin = at - reach
    if begin < 0 or at + reach + len(template) > len(signal):
        return None
    window = signal[begin : at + reach + len(template)].astype(np.float64)
    pieces = np.lib.stride_tricks.sliding_window_view(window, len(template))
    energy = np.sqrt((pieces**2).sum(axis=1))
    if energy.max() < 1e-4:
        return None
    fit = pieces @ template.astype(np.float64) / np.maximum(energy, 1e-6)
    return int(fit.argmax()) - reach


def rise(signal, at, rate, reach_s=0.012):
    """Seconds from `at` to where a hit there has reached a third of its peak; None when it cannot be told."""
    reach = int(reach_s * rate)
    if at < reach or at + reach > len(signal):
        return None
    window = np.abs(signal[at - reach : at + reach])
    top = window.max()
    if top < 1e-3 or window[: reach // 3].max() > top / 3:
        return None
    return (int(np.argmax(window >= top / 3)) - reach) / rate


def takes(data_dir):
    """Every take.json of a library, as (path, parsed), oldest first."""
    import json
    import pathlib

    found = sorted(pathlib.Path(data_dir).rglob("take.json"), key=lambda path: path.stat().st_mtime)
    return [(path, json.loads(path.read_text())) for path in found]


def current_takes(state):
    """Ids of the takes that lie on decks, from the bytes of a saved state."""
    import re

    text = state.decode("utf-8", "replace")
    return re.findall(r'\\*"current\\*":\\*"([0-9a-f]{64})', text)


def juce_state(state):
    """The plugin's own bytes inside a VST3 state that a JUCE host wrote.

    JUCE's text form of a memory block is its size, a dot, and six bits a letter, lowest bit first."""
    import re

    letters = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+"
    size, text = re.search(rb"<IComponent>(\d+)\.([^<]*)", state).groups()
    number = 0
    for place, letter in enumerate(text.decode()):
        number |= letters.index(letter) << (6 * place)
    return number.to_bytes(len(text) * 6 // 8 + 1, "little")[: int(size)]


def find_take(data_dir, take_id, patience_s=30):
    """A take of the library as (path, parsed): on the deck first, in the library a moment later."""
    end_s = time.monotonic() + patience_s
    while time.monotonic() < end_s:
        for path, take in takes(data_dir):
            if path.parent.name == take_id:
                return path, take
        time.sleep(0.05)
    raise SystemExit(f"FAILED take {take_id} is not in the library")


def fresh(path):
    """An empty folder."""
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def temporary():
    """A folder that is gone when the interpreter ends."""
    return tempfile.mkdtemp(prefix="continuo-")
