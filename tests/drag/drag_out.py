"""Files out of a window of ours into GTK's and Qt's, and back; and everything that may go wrong on the way.

drag_out.py EXAMPLE OUT         EXAMPLE is the built example `drag_window` of crates/dragout.

Debian: xvfb openbox xdotool x11-utils imagemagick python3-gi gir1.2-gtk-3.0 python3-pyqt5."""
import os
import pathlib
import sys
import time
import urllib.parse

from talk import Program, move, place, press, release, xdotool
from common import check, display, finish, fresh, screenshot

example, out = os.path.abspath(sys.argv[1]), fresh(os.path.abspath(sys.argv[2]))
here = pathlib.Path(__file__).parent
# Debian's modules for GTK and Qt belong to Debian's Python.
PYTHON = "/usr/bin/python3"
# A point in the handle, one in our receiving half, one on the bare screen; windows are 200 x 200 and 300 x 200.
OURS, THEIRS, NOTHING = (100, 100), (700, 100), (500, 600)


def write_files():
    """One with the usual name and one with every character that needs care."""
    paths = [os.path.join(out, "files", name) for name in ("deephouse_bass_124_Am_t3.mid", "ünusual #1 50%?&+.wav")]
    os.makedirs(os.path.dirname(paths[0]))
    for path in paths:
        pathlib.Path(path).write_bytes(os.path.basename(path).encode())
    return paths


def uri_paths(line):
    """The paths behind a line of URIs."""
    return [urllib.parse.unquote(uri.removeprefix("file://")) for uri in line.split()[1:]]


class Bench:
    """Our window and one of theirs, side by side."""

    def __init__(self, kind, paths):
        self.kind, self.paths = kind, paths
        self.ours = self.theirs = None
        self.start_ours()
        self.start_theirs()

    def start_ours(self):
        self.ours = Program([example, "drag ours", *self.paths], f"{out}/ours.log")
        check(f"{self.kind}: our window is there", self.ours.wait("ready") is not None)
        self.window, x, y = place("drag ours", *OURS)
        self.handle, self.receiving = (x + 60, y + 40), (x + 120, y + 150)

    def start_theirs(self):
        command = [PYTHON, str(here / f"receive_{self.kind}.py"), f"{self.kind} theirs", self.paths[1]]
        self.theirs = Program(command, f"{out}/{self.kind}.log")
        check(f"{self.kind}: their window is there", self.theirs.wait("ready", patience_s=20) is not None)
        _, x, y = place(f"{self.kind} theirs", *THEIRS)
        self.sink, self.source = (x + 60, y + 100), (x + 240, y + 100)

    def drag(self, to, until=None):
        """Presses the handle and holds the files there."""
        press(*self.handle)
        move(*self.handle, *to)
        self.ours.wait("start")
        return self.ours.wait(until) if until else None

    def drop_onto_theirs(self, what):
        accepted = self.drag(self.sink, "progress Dragging { is_accepted: true }")
        if "first" in what:
            screenshot(f"{out}/{self.kind}_dragging.png")
        release()
        got = self.theirs.wait("got")
        ended = self.ours.wait("progress Ended")
        check(f"{self.kind}: {what}: both files arrive", accepted and got and uri_paths(got) == self.paths, got)
        check(f"{self.kind}: {what}: and are taken", ended == "progress Ended(Taken)", ended)

    def end(self):
        self.ours.end()
        self.theirs.end()


def goes_wrong(bench):
    """Nothing below may leave anything dead or stuck."""
    kind = bench.kind
    bench.drag(bench.sink, "progress Dragging { is_accepted: true }")
    xdotool("key", "Escape")
    ended = bench.ours.wait("progress Ended")
    check(f"{kind}: Escape cancels", ended == "progress Ended(Cancelled)", ended)
    check(f"{kind}: they are left", bench.theirs.wait("leave") is not None)
    release()
    keys = [line for line in bench.ours.heard() if line.startswith("key")]
    check(f"{kind}: nobody else hears that Escape", not keys, keys)

    bench.theirs.heard()
    bench.drag(NOTHING)
    release()
    ended = bench.ours.wait("progress Ended")
    check(f"{kind}: a drop on nothing", ended == "progress Ended(Nowhere)", ended)

    bench.drag(bench.source)
    time.sleep(0.3)
    release()
    ended = bench.ours.wait("progress Ended")
    check(f"{kind}: a drop where they refuse", ended in ("progress Ended(Refused)", "progress Ended(Nowhere)"), ended)

    bench.drag(bench.sink, "progress Dragging { is_accepted: true }")
    bench.ours.kill()
    time.sleep(0.3)
    release()
    check(f"{kind}: our end in the middle of a drag: they live", bench.theirs.is_alive())
    check(f"{kind}: and got nothing of all that", not [line for line in bench.theirs.heard() if line.startswith("got")])
    bench.start_ours()

    bench.drag(bench.sink, "progress Dragging { is_accepted: true }")
    bench.theirs.kill()
    no_more = bench.ours.wait("progress Dragging { is_accepted: false }")
    release()
    ended = bench.ours.wait("progress Ended")
    check(f"{kind}: their end in the middle of a drag", no_more and ended == "progress Ended(Nowhere)", ended)
    bench.start_theirs()
    bench.drop_onto_theirs("after all that")


def within(bench):
    """Onto our own window: its lower half receives, its handle does not."""
    bench.drag(bench.receiving, "progress Dragging { is_accepted: true }")
    release()
    dropped, ended = bench.ours.wait("dropped"), bench.ours.wait("progress Ended")
    told = dropped and all(repr(path)[1:-1] in dropped for path in bench.paths[:1])
    check("within our window: the files and the place", told and dropped.startswith("dropped 120 150 "), dropped)
    check("within our window: taken", ended == "progress Ended(Taken)", ended)
    bench.drag((bench.handle[0] + 40, bench.handle[1]))
    time.sleep(0.2)
    release()
    ended = bench.ours.wait("progress Ended")
    check("within our window: refused outside of the zone", ended == "progress Ended(Refused)", ended)


def threads(bench):
    """Names of the threads of our program."""
    tasks = pathlib.Path(f"/proc/{bench.ours.process.pid}/task").glob("*/comm")
    return sorted(task.read_text().strip() for task in tasks)


def ends_by_itself(bench):
    """Nothing of a drag is left a second after its end."""
    time.sleep(1)
    names = threads(bench)
    check(f"{bench.kind}: no thread of a drag is left", "continuo-drop" in names and "continuo-drag" not in names, names)


def over_the_clipboard(bench):
    """Copied in our window, pasted in theirs, also after another copy."""
    for _ in range(2):
        xdotool("windowactivate", "--sync", bench.window)
        xdotool("key", "c")
        check(f"{bench.kind}: files are copied", bench.ours.wait("copied") is not None)
    bench.theirs.say("paste")
    pasted = bench.theirs.wait("pasted")
    check(f"{bench.kind}: both files are pasted", pasted and uri_paths(pasted) == bench.paths, pasted)


def into_ours(bench):
    """Their file onto our receiving half."""
    kind = bench.kind
    bench.ours.heard(), bench.theirs.heard()
    press(*bench.source)
    move(*bench.source, *bench.receiving, steps=20)
    hover = bench.ours.wait("hover")
    release()
    dropped = bench.ours.wait("dropped")
    check(f"{kind}: their file hovers over ours", hover is not None, hover)
    check(f"{kind}: and is dropped", dropped is not None and os.path.basename(bench.paths[1]) in dropped, dropped)
    check(f"{kind}: they know it", bench.theirs.wait("end", "failed") == "end")
    press(*bench.source)
    move(*bench.source, *bench.receiving, steps=20)
    bench.ours.wait("hover")
    bench.theirs.kill()
    check(f"{kind}: their end above our window is a leaving", bench.ours.wait("left") is not None)
    release()
    bench.start_theirs()


def main():
    paths = write_files()
    with display(out):
        for kind in ("gtk", "qt"):
            bench = Bench(kind, paths)
            bench.drop_onto_theirs("first")
            goes_wrong(bench)
            if kind == "gtk":
                within(bench)
            ends_by_itself(bench)
            over_the_clipboard(bench)
            into_ours(bench)
            bench.end()
        named = xdotool("getdisplaygeometry"), xdotool("get_num_desktops")
        check("the window manager lives", all(named), named)
        check("the files are where they were", all(os.path.isfile(path) for path in paths))
    finish()


main()
