"""Ten states of the real window, each at 100 % and 200 %.

screenshots.py WINDOW-HOST PLUGIN OUT [STATE...]      Called by `cargo xtask screenshots`."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

from driver import Host, display

program, plugin, out = sys.argv[1:4]
wanted = sys.argv[4:]

STYLES = ["Deep house", "Jazz", "Dub", "Techno minimal", "Hip hop", "Ambient", "Funk", "Jungle DnB"]
# Pictures taken until what is waited for shows; each takes a good part of a second.
PATIENCE = 60
BAD_STYLE = 'name = "My style"\nbpm = "fast"\n'


def fill(host, num_decks=8, bars="8 bars"):
    """A take on every deck, each of another style."""
    host.tell(f"set Bars = {bars}")
    for deck, style in enumerate(STYLES[:num_decks], 1):
        host.tell(f"set Style = {style}")
        host.tell(f"press Deck {deck} Generate")
        host.takes(deck)
    host.tell("set Style = Deep house")


def empty(host):
    return {}


def generating(host):
    fill(host, 2)
    host.tell("set Bars = 32 bars")
    host.tell("set Style = Classical")

    def press():
        for deck in (1, 3, 4, 5, 6):
            host.tell(f"press Deck {deck} Generate")

    # Words and a button in the picture of deck 3, which is empty before.
    return {"then": press, "wait_s": 0, "until": (115, 296, 290, 50)}


def full(host):
    fill(host)
    host.tell("set Deck 2 Mute Drums = On")
    host.tell("set Deck 4 Mute = On")
    host.tell("set Deck 3 Filter = LP 35 %")
    host.tell("set Deck 5 Pitch = -5")
    host.tell("set Deck 6 Reverb = 40 %")
    host.tell("set Deck 7 Level = -9")
    host.tell("roll")
    return {"wait_s": 2.5}


def error(host):
    fill(host, 1)
    styles = os.path.join(host.config_dir, "styles")
    os.makedirs(styles, exist_ok=True)
    with open(os.path.join(styles, "mine.toml"), "w") as file:
        file.write(BAD_STYLE)
    host.tell("set Style = User")
    return {"then": lambda: host.tell("press Deck 2 Generate"), "wait_s": 1.5}


def page(name):
    def state(host):
        fill(host, 3)
        return {"window": {"tab": name}}

    return state


def chords(host):
    fill(host, 1)
    host.tell("set Band On = On")
    host.tell("roll")
    return {"window": {"tab": "chords"}, "wait_s": 5}


def compact(host):
    fill(host, 8)
    return {"window": {"tab": "decks", "width_points": 760, "height_points": 480}}


def light(host):
    fill(host, 8)
    host.tell("roll")
    return {"window": {"theme": "light"}, "wait_s": 2}


STATES = {
    "empty": empty,
    "generating": generating,
    "full": full,
    "error": error,
    "library": page("library"),
    "piano-roll": page("notes"),
    "chords": chords,
    "mix": page("mix"),
    "settings": page("settings"),
    "compact": compact,
    "light": light,
}


def shoot_when(host, path, area):
    """Takes the picture, again and again until `area` (x, y, width, height, pixels) shows something."""
    for _ in range(PATIENCE):
        host.shoot(path)
        if not area or colours(path, area) > 16:
            return
    raise RuntimeError(f"{path} never showed anything at {area}")


def colours(path, area):
    x, y, width, height = area
    command = ["convert", path, "-crop", f"{width}x{height}+{x}+{y}", "+repage", "-format", "%k", "info:"]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)


def shoot(name, prepare, where):
    # The page of settings shows this path; the same every time, so that a picture changes only with the window.
    home = os.path.join(tempfile.gettempdir(), "continuo-screenshots")
    with Host(program, plugin, home, where) as host:
        plan = prepare(host)
        if "window" in plan:
            host.edit_window(**plan["window"])
        for percent in (100, 200):
            host.open(percent / 100)
            # Out of the window, so that nothing is under the pointer.
            host.xdo("mousemove", 2598, 1698)
            time.sleep(1.0)
            plan.get("then", lambda: None)()
            time.sleep(plan.get("wait_s", 0.5))
            path = os.path.join(out, f"{name}-{percent}.png")
            shoot_when(host, path, [side * percent // 100 for side in plan.get("until", ())])
            print(path, *host.size, flush=True)
            host.tell("close")
    shutil.rmtree(home)


def main():
    os.makedirs(out, exist_ok=True)
    with display(out) as where:
        for name, prepare in STATES.items():
            if not wanted or name in wanted:
                shoot(name, prepare, where)


main()
