"""What the drag scripts share: programs that say what happens to them line by line, and a mouse."""
import pathlib
import queue
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "hosts"))
from common import end  # noqa: E402


class Program:
    """A program that prints a line for everything that happens to it."""

    def __init__(self, command, log):
        self.log = open(log, "a")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, bufsize=1
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.log.write(line)
            self.log.flush()
            self.lines.put(line.strip())

    def wait(self, *beginnings, patience_s=8):
        """The next line that begins like that; lines before it are dropped. None when it does not come."""
        until_s = time.monotonic() + patience_s
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                line = self.lines.get(timeout=left_s)
            except queue.Empty:
                break
            if line.startswith(beginnings):
                return line
        return None

    def heard(self):
        """Every line so far that nobody has waited for."""
        lines = []
        while not self.lines.empty():
            lines.append(self.lines.get())
        return lines

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def is_alive(self):
        return self.process.poll() is None

    def kill(self):
        """At once, as a crash would."""
        self.process.kill()
        self.process.wait()

    def end(self):
        end(self.process)


def xdotool(*words):
    told = subprocess.run(["xdotool", *map(str, words)], capture_output=True, text=True, timeout=20)
    return told.stdout.strip()


def place(title, x, y, patience_s=8):
    """Puts the window with this title there, and gives its id and where its inside begins."""
    until_s = time.monotonic() + patience_s
    while time.monotonic() < until_s:
        found = xdotool("search", "--onlyvisible", "--name", f"^{title}$").split()
        if found:
            xdotool("windowmove", "--sync", found[-1], x, y)
            xdotool("windowraise", found[-1])
            time.sleep(0.2)
            # xdotool counts the window manager's frame twice.
            told = subprocess.run(["xwininfo", "-id", found[-1]], capture_output=True, text=True, timeout=20).stdout
            return found[-1], *(int(re.search(rf"Absolute upper-left {axis}: *(-?\d+)", told).group(1)) for axis in "XY")
        time.sleep(0.1)
    raise SystemExit(f"FAILED no window {title}")


def press(x, y):
    xdotool("mousemove", x, y)
    time.sleep(0.1)
    xdotool("mousedown", 1)


def move(from_x, from_y, x, y, steps=12):
    """A hand's way: in steps, some of them between the windows."""
    for step in range(1, steps + 1):
        xdotool("mousemove", from_x + (x - from_x) * step // steps, from_y + (y - from_y) * step // steps)
        time.sleep(0.015)
    # A hand that has arrived still trembles: some programs want a second position in the same place.
    xdotool("mousemove", x + 1, y)
    time.sleep(0.05)
    xdotool("mousemove", x, y)


def release():
    xdotool("mouseup", 1)
