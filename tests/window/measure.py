"""What an open window costs: time to the first frame, processor idle and playing, memory of 200 openings.

measure.py WINDOW-HOST PLUGIN OUT [CYCLES]      Prints one line a number, with its target."""
import os
import sys
import time

import places
from driver import Host, display

program, plugin, out = sys.argv[1:4]
cycles = int(sys.argv[4]) if len(sys.argv) > 4 else 200
STYLES = ["Deep house", "Jazz", "Dub", "Techno minimal", "Hip hop", "Ambient", "Funk", "Jungle DnB"]
SPAN_S = 6.0


def share(host):
    """Processor time as a share of one core."""
    before, start = host.cpu_s(), time.monotonic()
    time.sleep(SPAN_S)
    return 100 * (host.cpu_s() - before) / (time.monotonic() - start)


def stolen_ms():
    """What a virtual machine was kept waiting for a core so far; frames are late then."""
    with open("/proc/stat") as file:
        return int(file.readline().split()[8]) * 1000 / os.sysconf("SC_CLK_TCK")


def say(what, value, unit, target):
    print(f"{what:44} {value:9.1f} {unit:4} (target {target})", flush=True)


def lag_ms(host, clicks=21):
    """Milliseconds from a click on a deck's mute to the parameter, median; the click comes through the X server."""
    times = []
    for number in range(clicks):
        wanted = "On" if number % 2 == 0 else "Off"
        host.xdo("mousemove", *places.MUTE)
        time.sleep(0.15)
        # The host listens first: it answers when the parameter has changed.
        host.process.stdin.write(f"after Deck 1 Mute = {wanted}\n")
        host.process.stdin.flush()
        time.sleep(0.05)
        begun = time.monotonic()
        # Not `click`: xdotool rests a tenth of a second after that. Its start is in it, three milliseconds.
        host.xdo("mousedown", 1, "mouseup", 1)
        told = host.process.stdout.readline().split()
        times.append((time.monotonic() - begun) * 1e3 if told and told[0] == "ok" else float("inf"))
    return sorted(times)[len(times) // 2]


def frames_per_second(host):
    """Frames the window has drawn, by the answers of the X server to its questions; see `frames` of window-host."""
    before, start = int(host.tell("frames")), time.monotonic()
    time.sleep(SPAN_S)
    return (int(host.tell("frames")) - before) / (time.monotonic() - start)


def main():
    os.makedirs(out, exist_ok=True)
    with display(out) as where, Host(program, plugin, os.path.join(out, "home", "measure"), where) as host:
        for deck, style in enumerate(STYLES, 1):
            host.tell(f"set Style = {style}")
            host.tell(f"press Deck {deck} Generate")
            host.takes(deck)
        time.sleep(1)
        closed = share(host)
        host.tell("roll")
        closed_rolling = share(host)
        host.tell("stop")
        times, before_kib = [], int(host.tell("costs").split()[0])
        for _ in range(5):
            times.append(host.open())
            host.tell("close")
        say("open to first frame, median of 5", sorted(times)[2], "ms", "< 300")
        after_kib = int(host.tell("costs").split()[0])
        host.open()
        time.sleep(1)
        say("memory of the first window", (int(host.tell("costs").split()[0]) - before_kib) / 1024, "MiB", "no target")
        say("memory of a further opening", (int(host.tell("costs").split()[0]) - after_kib) / 1024, "MiB", "no target")
        say("click to parameter, median of 21", lag_ms(host), "ms", "no target")
        host.xdo("mousemove", 2590, 1690)
        time.sleep(3)
        say("idle, above the same host without a window", share(host) - closed, "%", "< 5")
        host.tell("roll")
        time.sleep(2)
        say("eight decks playing, above without a window", share(host) - closed_rolling, "%", "< 25")
        stolen = stolen_ms()
        say("frames per second while playing", frames_per_second(host), "", "60")
        say("kept from this machine meanwhile", stolen_ms() - stolen, "ms", "0: else frames are late")
        host.tell("stop")
        host.tell("close")
        if cycles:
            # A heap that has settled goes up and down; a leak goes up.
            done = 0
            for part in (cycles // 20, cycles // 4, cycles // 2, cycles):
                memory_kib = int(host.tell(f"cycle {part - done}").split()[0])
                done = part
                say(f"memory after {done} openings", memory_kib / 1024, "MiB", "steady")


main()
