"""The VST3 in pedalboard: a host whose transport never rolls, and the window.

pedalboard_host.py PLUGIN.vst3 OUT        The library is in CONTINUO_DATA_DIR."""
import os
import sys
import threading
import time

import numpy as np
import pedalboard
from common import check, display, finish, peak, picture_has_content, screenshot, takes, windows

plugin_path, out = sys.argv[1:3]
data_dir = os.environ["CONTINUO_DATA_DIR"]
RATE = 48_000


def run(plugin, seconds):
    noise = np.random.default_rng(1).standard_normal((2, int(RATE * seconds))).astype(np.float32) * 0.1
    return plugin(noise, RATE, buffer_size=512, reset=False)


def generates(plugin):
    known = len(takes(data_dir))
    plugin.parameters["deck_1_generate"].raw_value = 1.0
    run(plugin, 0.1)
    plugin.parameters["deck_1_generate"].raw_value = 0.0
    end = time.monotonic() + 60
    while len(takes(data_dir)) == known and time.monotonic() < end:
        run(plugin, 0.05)
        time.sleep(0.05)
    check("Generate makes a take though the transport rests", len(takes(data_dir)) > known)
    audio = run(plugin, 2.0)
    check("finite, and silent while the transport rests", np.isfinite(audio).all() and peak(audio) < 1e-6, peak(audio))


def remembers(plugin):
    plugin.parameters["energy"].raw_value = 0.25
    plugin.parameters["deck_2_pan"].raw_value = 0.75
    run(plugin, 0.1)
    state = plugin.raw_state
    other = pedalboard.load_plugin(plugin_path)
    other.raw_state = state
    run(other, 0.1)
    names = [name for name in plugin.parameters if not name.startswith("midi_ch")]
    differs = [n for n in names if abs(plugin.parameters[n].raw_value - other.parameters[n].raw_value) > 1e-4]
    check("state comes back in another instance", not differs, differs[:5])


def opens(plugin):
    """The window stands for four seconds, is photographed and closed again."""
    seen, closing = [], threading.Event()

    def look():
        time.sleep(4)
        seen.extend(windows())
        seen.append(screenshot(os.path.join(out, "editor.png")))
        closing.set()

    with display(out):
        thread = threading.Thread(target=look)
        thread.start()
        plugin.show_editor(closing)
        thread.join()
    check("the window opens, shows something and closes", len(seen) > 1 and picture_has_content(seen[-1]), seen[-1:])


def main():
    start = time.monotonic()
    plugin = pedalboard.load_plugin(plugin_path)
    check("loads within five seconds", time.monotonic() - start < 5, f"{time.monotonic() - start:.1f} s")
    check("parameters by name", "deck_1_generate" in plugin.parameters, len(plugin.parameters))
    generates(plugin)
    remembers(plugin)
    opens(plugin)
    finish()


main()
