"""Every drag test, one after the other; not 0 when one fails.

run.py EXAMPLE OUT [SCRIPT...]  EXAMPLE is the built example `drag_window` of crates/dragout, SCRIPT a name without `.py`.

Run by the project's Python (mido, numpy, soundfile). Debian: ardour qtractor jackd2 xvfb openbox xsettingsd xdotool
x11-utils imagemagick gcc libc6-dev python3-gi gir1.2-gtk-3.0 python3-pyqt5."""
import os
import pathlib
import subprocess
import sys

SCRIPTS = ("drag_out", "within_host", "into_qtractor", "into_ardour")
# Each takes less than a minute; a hung program must not hang the rest.
LIMIT_S = 300


def main():
    example, out, *wanted = sys.argv[1:]
    failed = []
    for name in wanted or SCRIPTS:
        print(f"\n-- {name}", flush=True)
        script = pathlib.Path(__file__).with_name(f"{name}.py")
        command = [sys.executable, str(script), example, os.path.join(out, name)]
        try:
            is_green = subprocess.run(command, timeout=LIMIT_S, check=False).returncode == 0
        except subprocess.TimeoutExpired:
            print(f"took more than {LIMIT_S} s", flush=True)
            is_green = False
        if not is_green:
            failed.append(name)
    print(f"\ndrag: {'failed: ' + ' '.join(failed) if failed else 'all scripts passed'}")
    sys.exit(1 if failed else 0)


main()
