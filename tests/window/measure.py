"""What an open window costs: time to the first frame, processor idle and playing, memory of 200 openings.

measure.py WINDOW-HOST PLUGIN OUT [CYCLES]      Prints one line a number, with its target."""
import os
import sys
import time

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


def say(what, value, unit, target):
    print(f"{what:44} {value:9.1f} {unit:4} (target {target})", flush=True)


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
        times = []
        for _ in range(5):
            times.append(host.open())
            host.tell("close")
        say("open to first frame, median of 5", sorted(times)[2], "ms", "< 300")
        host.open()
        host.xdo("mousemove", 2590, 1690)
        time.sleep(2)
        say("idle, above the same host without a window", share(host) - closed, "%", "< 5")
        host.tell("roll")
        time.sleep(2)
        say("eight decks playing, above without a window", share(host) - closed_rolling, "%", "< 25")
        host.tell("stop")
        host.tell("close")
        first, tenth, last = map(int, host.tell(f"cycle {cycles}").split())
        say("memory of one open window, first 10 openings", (tenth - first) / 1024, "MiB", "no target")
        say(f"memory gained from opening 10 to {cycles}", (last - tenth) / 1024, "MiB", "near 0")


main()
