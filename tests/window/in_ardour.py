"""Keys pressed over the plugin's own window in Ardour: the space bar starts and stops Ardour's transport.

in_ardour.py PLUGIN.vst3 OUT    Whether the transport rolls is read off Ardour's clock.

Debian: ardour xvfb openbox xsettingsd xdotool x11-utils imagemagick."""
import os
import pathlib
import re
import subprocess
import sys
import time

tests = pathlib.Path(__file__).parent.parent
sys.path += [str(tests / "hosts"), str(tests / "drag")]

import ardour  # noqa: E402

import places  # noqa: E402
from talk import xdotool  # noqa: E402
from common import check, display, end, finish, fresh, screenshot  # noqa: E402

plugin, out = os.path.abspath(sys.argv[1]), fresh(os.path.abspath(sys.argv[2]))
here = pathlib.Path(__file__).parent
session = os.path.join(out, "session")
SCREEN = (2300, 900)
# Ardour's window is put at the left, the plugin's beside it. The button of the mixer, and the plugin in its first strip.
ARDOUR, WINDOW, MIXER, ENTRY = (0, 0, 1150, 860), (1160, 20), (1143, 92), (292, 235)
# Ardour's clock of bars and beats.
CLOCK = "150x30+500+48"


def make_session():
    home = ardour.home(out)
    ardour.install(plugin, home, out)
    command = ["ardour7-lua", str(here / "ardour_session.lua"), session]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    pathlib.Path(out, "make.log").write_text(told.stdout + told.stderr)
    check("Ardour makes a session with Continuo", "> done" in told.stdout)


def clock():
    """Ardour's clock as pixels."""
    command = ["import", "-window", "root", "-crop", CLOCK, "rgb:-"]
    return subprocess.run(command, capture_output=True, timeout=20).stdout


def rolls():
    # Ardour takes a moment to start and to stop.
    time.sleep(0.5)
    before = clock()
    time.sleep(0.7)
    return clock() != before


def click(x, y):
    xdotool("mousemove", x, y)
    time.sleep(0.1)
    xdotool("click", 1)
    time.sleep(0.3)


def open_window(main):
    """The plugin's window beside Ardour's; where its inside begins."""
    xdotool("windowmove", "--sync", main, *ARDOUR[:2])
    xdotool("windowsize", "--sync", main, *ARDOUR[2:])
    time.sleep(1)
    click(*MIXER)
    time.sleep(2)
    xdotool("mousemove", *ENTRY)
    xdotool("click", "--repeat", 2, "--delay", 120, 1)
    for _ in range(100):
        time.sleep(0.1)
        if frames := ardour.windows("^Band: Continuo"):
            break
    else:
        screenshot(f"{out}/no_window.png")
        raise SystemExit("FAILED the plugin's window does not open")
    time.sleep(1)
    xdotool("windowmove", "--sync", frames[-1], *WINDOW)
    time.sleep(1)
    tree = subprocess.run(["xwininfo", "-tree", "-id", frames[-1]], capture_output=True, text=True, timeout=20).stdout
    inside = re.search(rf" {places.SIZE[0]}x{places.SIZE[1]}\S+ +\+(-?\d+)\+(-?\d+)", tree)
    screenshot(f"{out}/window.png")
    if not check("the plugin's window opens, in its first size", inside):
        raise SystemExit(1)
    return int(inside[1]), int(inside[2])


def keys(x, y):
    # A click that changes nothing: on the number of deck 1, which is chosen already.
    click(x + 24, y + 131)
    check("nothing rolls yet", not rolls())
    xdotool("key", "space")
    check("space in the plugin's window starts Ardour", rolls())
    screenshot(f"{out}/rolling.png")
    xdotool("key", "space")
    check("and stops it", not rolls())
    click(x + places.PROMPT[0], y + places.PROMPT[1])
    xdotool("type", "--delay", "40", "dub bass ")
    check("while the prompt is edited the space bar is a letter", not rolls())
    screenshot(f"{out}/typed.png")
    xdotool("key", "Escape")
    time.sleep(0.3)
    xdotool("key", "space")
    check("after Escape it starts Ardour again", rolls())


def main():
    make_session()
    os.environ.update(CONTINUO_DATA_DIR=os.path.join(out, "data"), CONTINUO_CONFIG_DIR=os.path.join(out, "config"))
    with display(out, SCREEN):
        process = ardour.open_session(session, "window", out)
        try:
            keys(*open_window(ardour.windows("^window - Ardour$")[-1]))
            check("Ardour lives", process.poll() is None)
        finally:
            end(process)
    finish()


main()
