"""The plugin's window in our own host on a private display: start, tell, click, look. Standard library only."""
import contextlib
import json
import os
import shutil
import subprocess
import time


@contextlib.contextmanager
def display(out, size=(2600, 1700)):
    """A private X display with software OpenGL."""
    read_end, write_end = os.pipe()
    screen = ["-screen", "0", f"{size[0]}x{size[1]}x24", "-nolisten", "tcp", "-noreset", "+extension", "GLX"]
    with open(os.path.join(out, "xvfb.log"), "w") as log:
        server = subprocess.Popen(["Xvfb", "-displayfd", str(write_end), *screen], pass_fds=[write_end], stderr=log)
    os.close(write_end)
    try:
        number = os.read(read_end, 16).decode().strip()
        if not number:
            raise RuntimeError(f"Xvfb gave no display; see {out}/xvfb.log")
        yield f":{number}"
    finally:
        os.close(read_end)
        end(server)


def end(process, patience_s=5):
    """Ends one process that we started, by its own handle."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Host:
    """`window-host` with one instance of the plugin and folders of its own."""

    def __init__(self, program, plugin, home, where):
        shutil.rmtree(home, ignore_errors=True)
        os.makedirs(home)
        self.home, self.where = home, where
        self.data_dir, self.config_dir = os.path.join(home, "data"), os.path.join(home, "config")
        self.environment = dict(
            os.environ,
            DISPLAY=where,
            LIBGL_ALWAYS_SOFTWARE="1",
            CONTINUO_DATA_DIR=self.data_dir,
            CONTINUO_CONFIG_DIR=self.config_dir,
        )
        os.makedirs(self.config_dir, exist_ok=True)
        self.log = open(os.path.join(home, "host.log"), "a")
        self.process = subprocess.Popen(
            [program, plugin], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, env=self.environment
        )
        self.size, self.frame, self.child = (0, 0), 0, 0

    def tell(self, line):
        """One order; what the host answers, or an error."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        told = self.process.stdout.readline().strip()
        if not told.startswith("ok"):
            raise RuntimeError(f"`{line}`: {told or 'the host is gone; see ' + self.log.name}")
        return told[3:]

    def open(self, scale=1.0):
        """Opens the window; milliseconds to the first frame."""
        width, height, self.frame, self.child, ms = self.tell(f"open {scale}").split()
        self.size = (int(width), int(height))
        return float(ms)

    def resize(self, width, height):
        told = self.tell(f"resize {width} {height}").split()
        self.size = (int(told[0]), int(told[1]))

    def takes(self, count):
        """Waits until the library has so many takes."""
        self.tell(f"until {os.path.join(self.data_dir, 'takes')} {count}")

    def edit_window(self, **fields):
        """Changes what the saved state remembers of the window, and gives it back to the plugin."""
        path = os.path.join(self.home, "state.json")
        self.tell(f"save {path}")
        with open(path, "rb") as file:
            length, text = int.from_bytes(file.read(8), "little"), file.read()
        # The framework writes the length, then JSON.
        state = json.loads(text[:length])
        session = json.loads(state["fields"]["session"])
        session.setdefault("window", {}).update(fields)
        state["fields"]["session"] = json.dumps(session)
        text = json.dumps(state).encode()
        with open(path, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
        self.tell(f"load {path}")

    def xdo(self, *words):
        subprocess.run(["xdotool", *map(str, words)], check=True, env=self.environment, timeout=30)

    def click(self, x, y, button=1):
        """At a place of the window, pixels."""
        self.xdo("mousemove", x, y)
        time.sleep(0.05)
        self.xdo("click", button)
        time.sleep(0.15)

    def shoot(self, path):
        subprocess.run(["import", "-window", self.frame, path], check=True, env=self.environment, timeout=60)
        return path

    def cpu_s(self):
        """Processor time of the host so far, seconds."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        if self.process.poll() is None:
            with contextlib.suppress(BrokenPipeError, OSError):
                self.process.stdin.write("quit\n")
                self.process.stdin.flush()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
        end(self.process)
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
