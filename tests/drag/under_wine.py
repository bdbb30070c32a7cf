"""The Windows side under Wine: our window's files onto its own receiving half, and files from X11 into it.

under_wine.py EXAMPLE.exe EXAMPLE OUT    The example `drag_window` built for x86_64-pc-windows-gnu and for this system.

Run by `cargo xtask cross --wine`: WINEPREFIX names a prefix that runs Rust programs, WINE the program. Not tried: a drag
from the Windows window into another program's. Debian: wine64 xvfb openbox xsettingsd xdotool x11-utils imagemagick."""
import os
import pathlib
import sys

from talk import Program, move, place, press, release, xdotool
from common import check, display, finish, fresh, screenshot

windows_example, example, out = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), fresh(os.path.abspath(sys.argv[3]))
WINE = os.environ.get("WINE", "/usr/lib/wine/wine64")


def start_wine(path):
    """The Windows window; a file's Windows path is its own under drive Z."""
    windows_path = "Z:" + path.replace("/", "\\")
    program = Program([WINE, windows_example, "wine ours", windows_path], f"{out}/wine.log")
    check("the window opens under Wine", program.wait("ready", patience_s=60) is not None)
    _, x, y = place("wine ours", 100, 100)
    return program, (x + 60, y + 40), (x + 110, y + 150)


def drag(wine, handle, to):
    press(*handle)
    move(*handle, *to)
    check("a press and a move begin the drag", wine.wait("start") is not None)
    # OLE looks at the pointer when it moves, and begins a timer's tick after the press.
    move(to[0] - 30, to[1], *to)


def main():
    path = os.path.join(out, "deephouse_bass_124_Am_t3.mid")
    pathlib.Path(path).write_bytes(b"MThd")
    with display(out):
        wine, handle, receiving = start_wine(path)
        drag(wine, handle, receiving)
        accepted = wine.wait("progress Dragging { is_accepted: true }")
        screenshot(f"{out}/wine_dragging.png")
        release()
        told = [wine.wait("dropped", "progress Ended", "up") for _ in range(3)]
        check("OLE: the receiving half would take the file", accepted is not None)
        check("OLE: it is dropped there", any(line and line.startswith("dropped") and "t3.mid" in line for line in told), told)
        check("OLE: the drag ends as taken", "progress Ended(Taken)" in told, told)
        check("OLE: the framework's window hears the release", "up" in told, told)

        drag(wine, handle, (handle[0] + 40, handle[1]))
        release()
        ended = wine.wait("progress Ended")
        check("OLE: refused outside of the zone", ended == "progress Ended(Refused)", ended)

        drag(wine, handle, receiving)
        wine.wait("progress Dragging { is_accepted: true }")
        xdotool("key", "Escape")
        move(*receiving, receiving[0] + 10, receiving[1], steps=3)
        ended = wine.wait("progress Ended")
        check("OLE: Escape cancels", ended == "progress Ended(Cancelled)", ended)
        release()

        wine.heard()
        ours = Program([example, "drag ours", path], f"{out}/ours.log")
        ours.wait("ready")
        _, x, y = place("drag ours", 700, 100)
        press(x + 60, y + 40)
        move(x + 60, y + 40, *receiving, steps=30)
        accepted = ours.wait("progress Dragging { is_accepted: true }")
        release()
        dropped, ended = wine.wait("dropped"), ours.wait("progress Ended")
        check("X11 to Wine: the file arrives", accepted and dropped is not None and "t3.mid" in dropped, dropped)
        check("X11 to Wine: and is taken", ended == "progress Ended(Taken)", ended)
        check("everybody lives", wine.is_alive() and ours.is_alive())
        ours.end()
        wine.end()
    finish()


main()
