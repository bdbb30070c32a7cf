"""Our window inside a host's window that is itself aware of drags, as Qtractor's is: out of it, into it, past it.

within_host.py EXAMPLE OUT      EXAMPLE is the built example `drag_window` of crates/dragout.

Debian: xvfb openbox xsettingsd xdotool x11-utils imagemagick python3-gi gir1.2-gtk-3.0 python3-pyqt5."""
import os
import pathlib
import sys

from talk import Program, move, place, press, release, xdotool
from common import check, display, finish, fresh, screenshot

example, out = os.path.abspath(sys.argv[1]), fresh(os.path.abspath(sys.argv[2]))
here = pathlib.Path(__file__).parent
PYTHON = "/usr/bin/python3"


def program(kind, title, path):
    started = Program([PYTHON, str(here / f"receive_{kind}.py"), title, path], f"{out}/{title}.log")
    check(f"{title} is there", started.wait("ready", patience_s=20) is not None)
    return started


def main():
    ours_path, theirs_path = os.path.join(out, "ours_bass.mid"), os.path.join(out, "theirs.wav")
    for path in (ours_path, theirs_path):
        pathlib.Path(path).write_bytes(b"-")
    with display(out):
        host, other = program("qt", "host", theirs_path), program("gtk", "other", theirs_path)
        host_id, x, y = place("host", 100, 100)
        xdotool("windowsize", "--sync", host_id, 600, 200)
        # Left to right: our window 200 wide, 100 of the host's that receive, 300 that do not.
        handle, receiving, beside = (x + 60, y + 40), (x + 120, y + 150), (x + 250, y + 150)
        _, x, y = place("other", 500, 500)
        sink, source = (x + 60, y + 100), (x + 240, y + 100)
        ours = Program([example, host_id, ours_path], f"{out}/ours.log")
        check("our window is there", ours.wait("ready") is not None)

        press(*handle)
        move(*handle, *sink)
        ours.wait("progress Dragging { is_accepted: true }")
        release()
        got, ended = other.wait("got"), ours.wait("progress Ended")
        check("out of the host's window", got is not None and "ours_bass.mid" in got and "Taken" in ended, got, ended)

        press(*handle)
        move(*handle, *receiving)
        ours.wait("progress Dragging { is_accepted: true }")
        release()
        dropped, ended = ours.wait("dropped"), ours.wait("progress Ended")
        check("from our window onto itself", dropped is not None and dropped.startswith("dropped 120 150"), dropped, ended)

        other.heard()
        press(*source)
        move(*source, *receiving, steps=25)
        hover = ours.wait("hover")
        screenshot(f"{out}/into.png")
        release()
        dropped, end = ours.wait("dropped"), other.wait("end", "failed")
        check("into our window, though the host's is aware", hover and dropped is not None and "theirs.wav" in dropped, dropped)
        check("and whoever dragged knows it", end == "end", end)

        host.heard(), ours.heard(), other.heard()
        press(*source)
        move(*source, *receiving, steps=25)
        ours.wait("hover")
        move(*receiving, *beside)
        left = ours.wait("left")
        moved = host.wait("motion")
        release()
        got, end = host.wait("got"), other.wait("end", "failed")
        check("past our window it is the host's", left and moved and got is not None and "theirs.wav" in got, got)
        check("and whoever dragged knows that too", end == "end", end)
        check("we got nothing of it", not [line for line in ours.heard() if line.startswith("dropped")])

        press(*handle)
        move(*handle, *sink)
        ours.wait("progress Dragging { is_accepted: true }")
        host.kill()
        ended = ours.wait("progress Ended", patience_s=1)
        release()
        ended = ended or ours.wait("progress Ended")
        check("the host's end in the middle of a drag: the other lives", other.is_alive(), ended)
        other.end()
        ours.end()
    finish()


main()
