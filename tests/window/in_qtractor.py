"""The plugin's own window in Qtractor: whose the keys are, and its MIDI and WAV dragged onto Qtractor's tracks.

in_qtractor.py PLUGIN OUT       Qtractor binds no key in a plugin's window: what reaches its window is watched there.

Debian: qtractor jackd2 xvfb openbox xdotool x11-utils imagemagick gcc. Python: mido numpy soundfile."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import xml.sax.saxutils
from xml.etree import ElementTree

tests = pathlib.Path(__file__).parent.parent
hosts = tests / "hosts"
sys.path += [str(hosts), str(tests / "drag")]

import places  # noqa: E402
from material import notes_of  # noqa: E402
from talk import move, press, release, xdotool  # noqa: E402
from common import RATE, check, display, end, finish, fresh, jack_server, screenshot, start, takes  # noqa: E402

library, out = os.path.abspath(sys.argv[1]), fresh(os.path.abspath(sys.argv[2]))
# Hosts know a CLAP by its ending.
plugin = os.path.join(out, "Continuo.clap")
data_dir = os.path.join(out, "data")
BPM, SCREEN = 124, (2300, 900)
# Qtractor's window is at the left, 1150 wide; the plugin's beside it.
QTRACTOR, WINDOW = (0, 0, 1150, 860), (1160, 20)
# The plugin in the list of the first track; below both tracks, where MIDI files become tracks; the second, empty one.
ENTRY, BELOW, SOUND = (180, 179), (480, 480), (480, 265)
# Parts on the page of notes.
DRUMS, BASS = 0, 1


def session_xml():
    """Continuo on one track, and an empty one."""
    state = "<state><mute>0</mute><solo>0</solo><record>0</record><monitor>0</monitor><gain>1</gain><panning>0</panning></state>"
    buses = "<properties><input-bus>Master</input-bus><output-bus>Master</output-bus></properties>"
    bus = "<monitor>0</monitor><channels>2</channels><auto-connect>1</auto-connect>"
    return f"""<!DOCTYPE qtractor-session>
<session version="0.9.31" name="own"><properties><directory>{out}</directory><sample-rate>{RATE}</sample-rate>
<tempo>{BPM}</tempo><ticks-per-beat>960</ticks-per-beat><beats-per-bar>4</beats-per-bar><beat-divisor>2</beat-divisor></properties>
<devices><audio-engine><audio-control><transport-mode>duplex</transport-mode><timebase>1</timebase></audio-control>
<audio-bus name="Master" mode="duplex">{bus}</audio-bus></audio-engine>
<midi-engine><midi-bus name="Master" mode="duplex"><monitor>0</monitor></midi-bus></midi-engine></devices>
<tracks><track name="Band" type="audio">{buses}{state}<plugins><plugin type="CLAP">
<filename>{xml.sax.saxutils.escape(plugin)}</filename><unique-id>0</unique-id><index>0</index><label>Continuo</label>
<activated>1</activated></plugin></plugins></track>
<track name="Sound" type="audio">{buses}{state}</track></tracks></session>"""


def patiently(what, patience_s=15):
    """The first true answer of `what`."""
    until_s = time.monotonic() + patience_s
    while time.monotonic() < until_s:
        if told := what():
            return told
        time.sleep(0.1)
    return None


def start_qtractor():
    shim, home = os.path.join(out, "alsa_seq_shim.so"), fresh(os.path.join(out, "home"))
    command = ["cc", "-shared", "-fPIC", "-O2", "-w", "-o", shim, str(hosts / "alsa_seq_shim.c")]
    subprocess.run(command, check=True, timeout=60)
    pathlib.Path(out, "own.qtr").write_text(session_xml())
    environment = dict(os.environ, LD_PRELOAD=shim, HOME=home, XDG_CONFIG_HOME=f"{home}/config")
    environment.update(CONTINUO_DATA_DIR=data_dir, CONTINUO_CONFIG_DIR=os.path.join(out, "config"))
    process = start(["qtractor", f"{out}/own.qtr"], f"{out}/qtractor.log", env=environment, cwd=out)
    check("Qtractor is there", patiently(lambda: xdotool("search", "--onlyvisible", "--name", "own.qtr"), 40))
    time.sleep(2)
    main = xdotool("search", "--onlyvisible", "--name", "own.qtr").split()[-1]
    xdotool("windowmove", "--sync", main, *QTRACTOR[:2])
    xdotool("windowsize", "--sync", main, *QTRACTOR[2:])
    time.sleep(1)
    return process, main


def told(*command):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=20).stdout


def open_window():
    """The plugin's window beside Qtractor's; where its inside begins."""
    xdotool("mousemove", *ENTRY)
    xdotool("click", "--repeat", 2, "--delay", 120, 1)
    named = lambda: xdotool("search", "--onlyvisible", "--name", "Continuo").split()  # noqa: E731
    # Qtractor's frame, which the window manager knows, and the plugin's own window within.
    frame = patiently(lambda: next((window for window in named() if "window state" in told("xprop", "-id", window, "WM_STATE")), None))
    if not check("the plugin's window opens", frame):
        screenshot(f"{out}/no_window.png")
        raise SystemExit(1)
    time.sleep(1)
    xdotool("windowmove", "--sync", frame, *WINDOW)
    xdotool("windowraise", frame)
    time.sleep(1)
    about = next((about for about in (told("xwininfo", "-id", window) for window in named() if window != frame)
                  if f"Width: {places.SIZE[0]}" in about and f"Height: {places.SIZE[1]}" in about), "")
    screenshot(f"{out}/window.png")
    if not check("in its first size", about):
        raise SystemExit(1)
    return frame, *(int(re.search(rf"Absolute upper-left {axis}: *(-?\d+)", about).group(1)) for axis in "XY")


def click(x, y):
    xdotool("mousemove", x, y)
    time.sleep(0.1)
    xdotool("click", 1)
    time.sleep(0.3)


class Listener:
    """What Qtractor's own window hears of the keyboard: every program that asks is told."""

    def __init__(self, window):
        self.log = pathlib.Path(out, "keys.log")
        self.process = start(["stdbuf", "-oL", "xev", "-id", window, "-event", "keyboard"], self.log)
        self.known = 0
        time.sleep(0.5)

    def pressed(self):
        """Names of the keys since the last call."""
        time.sleep(0.5)
        names = re.findall(r"^KeyPress event.*?\(keysym 0x[0-9a-f]+, (\w+)\)", self.log.read_text(), re.MULTILINE | re.DOTALL)
        new, self.known = names[self.known:], len(names)
        return new


def keys(frame, x, y):
    """The space bar and others, pressed over the plugin's window."""
    listener = Listener(frame)
    # A click that changes nothing: on the number of deck 1, which is chosen already.
    click(x + 24, y + 131)
    sent = ["space", "a", "Left", "BackSpace"]
    for key in sent:
        xdotool("key", key)
    got = listener.pressed()
    check("space, a letter, an arrow and Backspace reach Qtractor's window", got == sent, got)
    click(x + places.PROMPT[0], y + places.PROMPT[1])
    xdotool("type", "--delay", "40", "dub bass ")
    got = listener.pressed()
    check("none does while the prompt is edited", got == [], got)
    screenshot(f"{out}/typed.png")
    xdotool("key", "Escape")
    time.sleep(0.3)
    listener.pressed()
    xdotool("key", "space")
    got = listener.pressed()
    check("after Escape they do again", got == ["space"], got)
    end(listener.process)


def hold(what, handle, to):
    """A handle of the window, held over a place of Qtractor's."""
    # The pointer comes first: files are made when it is near.
    xdotool("mousemove", *handle)
    time.sleep(1.5)
    press(*handle)
    move(*handle, *to)
    time.sleep(0.4)
    screenshot(f"{out}/{what}.png")


def drag(what, handle, to):
    hold(what, handle, to)
    release()
    time.sleep(1.5)


def files_made(ending):
    return sorted(pathlib.Path(data_dir).rglob(f"drag*/**/*{ending}"))


def save(main):
    xdotool("windowactivate", "--sync", main)
    time.sleep(0.5)
    xdotool("key", "--clearmodifiers", "ctrl+s")
    time.sleep(2)


def clips(root, kind):
    return [(track.get("name"), clip.findtext(".//filename"))
            for track in root.iter("track") if track.get("type") == kind for clip in track.iter("clip")]


def in_the_window(process, window):
    """Everything that is done while Qtractor runs; the takes that were made."""
    frame, x, y = open_window()
    keys(frame, x, y)
    click(x + places.NEW[0], y + places.NEW[1])
    made = patiently(lambda: takes(data_dir), 60)
    check("a take is made in the window", made)
    click(x + places.NOTES[0], y + places.NOTES[1])
    time.sleep(1)
    at = lambda part, is_midi: (x + places.handle(part, is_midi)[0], y + places.handle(part, is_midi)[1])  # noqa: E731
    hold("escaped", at(BASS, True), BELOW)
    xdotool("key", "Escape")
    time.sleep(0.5)
    release()
    time.sleep(0.5)
    check("Escape in the middle: Qtractor lives", process.poll() is None)
    drag("midi", at(BASS, True), BELOW)
    drag("wav", at(DRUMS, False), SOUND)
    save(window)
    screenshot(f"{out}/saved.png")
    check("Qtractor lives", process.poll() is None)
    hold("ended", at(BASS, True), BELOW)
    end(process)
    release()
    check("the host ends in the middle of a drag: the window manager lives", xdotool("getdisplaygeometry"))
    return made


def main():
    shutil.copyfile(library, plugin)
    with display(out, SCREEN), jack_server(out, period=4096):
        process, window = start_qtractor()
        try:
            made = in_the_window(process, window)
        finally:
            # Nothing that was started stays, whatever went wrong.
            end(process)
    root = ElementTree.parse(f"{out}/own.qtr").getroot()
    notes, sound = clips(root, "midi"), clips(root, "audio")
    check("one MIDI clip: the escaped drag left none", len(notes) == 1, notes)
    check("one audio clip, on the empty track", len(sound) == 1 and sound[0][0] == "Sound", sound)
    take = json.loads(made[0][0].read_text()) if made else {}
    part = next((part for part in take.get("parts", []) if part["kind"] == "bass"), {"notes": []})
    if notes and sound:
        midi = os.path.join(out, notes[0][1])
        keys_of = lambda pairs: sorted(key for _, key in pairs)  # noqa: E731
        got, wanted = keys_of(notes_of(midi)), sorted(note["key"] for note in part["notes"])
        check("the clip has the take's notes", got == wanted and got, f"{len(got)} of {len(wanted)}")
        check("the audio clip is the take's stem", "drums" in os.path.basename(sound[0][1]), sound[0][1])
    made_files = files_made(".mid") + files_made(".wav")
    check("the files are still there", len(made_files) >= 2, [path.name for path in made_files][:4])
    finish()


main()
