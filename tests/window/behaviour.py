"""The real window in a host of ours: opened late, twice, often, resized, closed in the middle of things, typed into.

behaviour.py WINDOW-HOST PLUGIN OUT       Not 0 when a check fails. Called by `cargo xtask test window`.

Debian: xvfb xdotool imagemagick."""
import os
import pathlib
import subprocess
import sys
import time

import places
from driver import Host, display

program, plugin, out = sys.argv[1:4]
failed = []
# Openings and closings until which what a process keeps for good is there: fonts, compiled shaders, arenas.
SETTLED = 50
CYCLES = (10, 50, 100, 200)
# From opening 50 to 200, MiB. Measured: 14; a window that kept its context or its textures would come to 180.
MAX_GAIN_MIB = 30
KEYS = ["space", "a", "Left", "Up", "Return"]


def check(what, is_ok, *more):
    print("ok    " if is_ok else "FAILED", what, *more, flush=True)
    if not is_ok:
        failed.append(what)


def colours(host, name):
    """How many colours the window shows."""
    path = host.shoot(os.path.join(out, name))
    told = subprocess.run(["identify", "-format", "%k", path], capture_output=True, text=True, timeout=60)
    return int(told.stdout or 0)


def is_whole(host, name):
    """Nothing is left black: what nobody has painted is, and the theme has no black."""
    path = host.shoot(os.path.join(out, name))
    told = subprocess.run(["convert", path, "-depth", "8", "-format", "%c", "histogram:info:-"],
                          capture_output=True, text=True, timeout=60, check=True).stdout
    black = sum(int(line.split(":")[0]) for line in told.splitlines() if "#000000" in line)
    return black < 0.01 * host.size[0] * host.size[1]


def opens_late(host):
    """A host may have other things to do between making the window and showing it."""
    for ms in (0, 40, 150, 400, 0, 40):
        host.tell(f"dawdle {ms}")
        try:
            took_ms = host.open()
            check(f"shown {ms} ms after it was made: drawn", True, f"{took_ms - ms:.0f} ms")
            host.tell("close")
        except RuntimeError as error:
            check(f"shown {ms} ms after it was made: drawn", False, error)
            host.tell("close")
    host.tell("dawdle 0")


def opens_often(host):
    """Two hundred openings leave nothing behind."""
    done, costs = 0, {}
    for count in CYCLES:
        told = host.tell(f"cycle {count - done}").split()
        done, costs[count] = count, [int(number) for number in told]
        kib, files, threads, clients, resources = costs[count]
        print(f"      after {count:3} openings: {kib / 1024:6.1f} MiB, {files} files, {threads} threads,", end=" ")
        print(f"{clients} clients and {resources} resources of the display", flush=True)
    settled, last = costs[SETTLED], costs[CYCLES[-1]]
    gain = (last[0] - settled[0]) / 1024
    check(f"memory from opening {SETTLED} to {CYCLES[-1]}", gain < MAX_GAIN_MIB, f"{gain:.1f} MiB")
    check("no file, thread, or thing on the display is left", last[1:] == settled[1:], settled[1:], last[1:])


def is_two(host):
    """Two instances in one process, both windows open, each with its own take."""
    host.tell("set Bars = 1 bar")
    host.open()
    first = (host.frame, host.child)
    host.tell("add")
    # Another length: of the same seed the same take would come.
    host.tell("set Bars = 2 bars")
    host.open()
    host.xdo("windowmove", "--sync", host.frame, 1200, 0)
    second = (host.frame, host.child)
    host.click(*places.NEW)
    host.takes(1)
    host.click(1200 + places.deck(places.NEW, 2)[0], places.deck(places.NEW, 2)[1])
    host.takes(2)
    host.click(*places.MUTE)
    host.tell("use 0")
    host.tell("after Deck 1 Mute = On")
    host.tell("use 1")
    check("a click mutes the instance it was made in", host.tell("value Deck 1 Mute") == "Off")
    time.sleep(0.5)
    for name, (frame, _) in (("first", first), ("second", second)):
        host.frame = frame
        check(f"the {name} of two windows is drawn", colours(host, f"two-{name}.png") > 100)
    host.tell("close")
    host.tell("use 0")
    host.frame, host.child = first
    host.click(*places.MUTE)
    host.tell("after Deck 1 Mute = Off")
    check("one lives when the other is closed", True)
    host.tell("close")


def closes_in_the_middle(host):
    """Closed while a take is made, and while a dial is held."""
    host.open()
    host.tell("set Bars = 32 bars")
    host.click(*places.NEW)
    host.tell("close")
    host.tell("set Bars = 1 bar")
    host.open()
    host.takes(3)
    time.sleep(0.5)
    check("closed while generating: the take is there when it opens again", colours(host, "reopened.png") > 100)
    host.xdo("mousemove", *places.PITCH)
    host.xdo("mousedown", 1)
    host.xdo("mousemove", places.PITCH[0], places.PITCH[1] - 20)
    time.sleep(0.2)
    host.tell("close")
    host.xdo("mouseup", 1)
    check("a gesture ends with the window", host.tell("gestures") == "0", host.tell("gestures"))


def resizes(host):
    host.open()
    for size in ((760, 480), (1600, 1000), (1120, 790)):
        host.resize(*size)
        time.sleep(0.6)
        told = subprocess.run(["identify", "-format", "%w %h", host.shoot(os.path.join(out, "sized.png"))],
                              capture_output=True, text=True, timeout=60).stdout
        check(f"resized to {size[0]} x {size[1]}", host.size == size and told == f"{size[0]} {size[1]}", host.size, told)
        check("and drawn", colours(host, f"sized-{size[0]}.png") > 100)
        check("all of it", is_whole(host, "whole.png"))
    host.tell("close")
    for percent in (200, 150, 100, 200, 200, 100):
        host.open(percent / 100)
        wanted = (1120 * percent // 100, 790 * percent // 100)
        check(f"at {percent} % it has its size", host.size == wanted, host.size)
        # Longer than the window takes every frame whole; then only changes are painted.
        time.sleep(2.5)
        host.xdo("mousemove", *places.PROMPT)
        time.sleep(0.5)
        check(f"at {percent} % all of the window is painted", is_whole(host, f"whole-{percent}.png"))
        host.tell("close")


def types(host):
    """Keys go to the host, except while a field is edited."""
    host.open()
    host.tell("focus")
    host.xdo("mousemove", 600, 780)
    host.click(600, 780)
    host.tell("keys")
    for key in KEYS:
        host.xdo("key", key)
    time.sleep(0.4)
    heard = host.tell("keys")
    check("space, letters and arrows reach the host", len(heard.strip("[]").split(",")) == len(KEYS), heard)
    host.click(*places.PROMPT)
    # As long as a hand takes from the mouse to the keyboard.
    time.sleep(0.3)
    host.tell("keys")
    host.xdo("type", "--delay", "20", "dub bass ")
    time.sleep(0.5)
    heard = host.tell("keys")
    check("none of them while the prompt is edited", heard == "[]", heard)
    host.xdo("key", "Escape")
    time.sleep(0.3)
    host.tell("keys")
    host.xdo("key", "space")
    time.sleep(0.3)
    heard = host.tell("keys")
    check("Escape gives the keyboard back", heard not in ("[]", ""), heard)
    path = os.path.join(out, "typed.json")
    host.tell(f"save {path}")
    check("and the prompt has the words", b"dub bass" in pathlib.Path(path).read_bytes())
    host.tell("close")


def main():
    os.makedirs(out, exist_ok=True)
    with display(out) as where, Host(program, plugin, os.path.join(out, "home", "behaviour"), where) as host:
        for part in (opens_late, is_two, closes_in_the_middle, resizes, types, opens_often):
            print(f"-- {part.__name__}", flush=True)
            part(host)
    print("FAILED: " + "; ".join(failed) if failed else "all checks held")
    sys.exit(1 if failed else 0)


main()
