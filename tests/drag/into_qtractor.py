"""A MIDI file and a WAV out of a window of ours into Qtractor's tracks; the saved session holds both.

Qtractor takes whole MIDI files below its tracks only, where they get a track of their own.

into_qtractor.py EXAMPLE OUT    EXAMPLE is the built example `drag_window` of crates/dragout.

Debian: qtractor jackd2 xvfb openbox xdotool x11-utils imagemagick gcc. Python: mido numpy soundfile."""
import os
import pathlib
import subprocess
import sys
import time
from xml.etree import ElementTree

from material import BPM, KEYS, NAMES, notes_of, write_files
from talk import Program, move, place, press, release, xdotool
from common import RATE, check, display, end, finish, fresh, jack_server, screenshot, start

example, out = os.path.abspath(sys.argv[1]), fresh(os.path.abspath(sys.argv[2]))
hosts = pathlib.Path(__file__).parent.parent / "hosts"
# Below the one track, and its third beat, on a screen of 1400 x 900.
NOTES, SOUND = (480, 480), (480, 240)


def session_xml():
    """One empty track."""
    state = "<state><mute>0</mute><solo>0</solo><record>0</record><monitor>0</monitor><gain>1</gain><panning>0</panning></state>"
    buses = "<input-bus>Master</input-bus><output-bus>Master</output-bus>"
    bus = "<monitor>0</monitor><channels>2</channels><auto-connect>1</auto-connect>"
    return f"""<!DOCTYPE qtractor-session>
<session version="0.9.31" name="drag"><properties><directory>{out}</directory><sample-rate>{RATE}</sample-rate>
<tempo>{BPM}</tempo><ticks-per-beat>960</ticks-per-beat><beats-per-bar>4</beats-per-bar><beat-divisor>2</beat-divisor></properties>
<devices><audio-engine><audio-bus name="Master" mode="duplex">{bus}</audio-bus></audio-engine>
<midi-engine><midi-bus name="Master" mode="duplex"><monitor>0</monitor></midi-bus></midi-engine></devices>
<tracks><track name="Sound" type="audio"><properties>{buses}</properties>{state}</track></tracks></session>"""


def start_qtractor():
    library, home = os.path.join(out, "alsa_seq_shim.so"), fresh(os.path.join(out, "home"))
    command = ["cc", "-shared", "-fPIC", "-O2", "-w", "-o", library, str(hosts / "alsa_seq_shim.c")]
    subprocess.run(command, check=True, timeout=60)
    pathlib.Path(out, "drag.qtr").write_text(session_xml())
    environment = dict(os.environ, LD_PRELOAD=library, HOME=home, XDG_CONFIG_HOME=f"{home}/config")
    process = start(["qtractor", f"{out}/drag.qtr"], f"{out}/qtractor.log", env=environment, cwd=out)
    until_s = time.monotonic() + 30
    while not xdotool("search", "--onlyvisible", "--name", "drag.qtr") and time.monotonic() < until_s:
        time.sleep(0.2)
    time.sleep(2)
    return process


def drag_onto(what, path, to):
    """One file from a window of ours to a place in Qtractor's; the window is gone afterwards."""
    ours = Program([example, "drag ours", path], f"{out}/ours.log")
    ours.wait("ready")
    _, x, y = place("drag ours", 1150, 650)
    press(x + 60, y + 40)
    move(x + 60, y + 40, *to)
    accepted = ours.wait("progress Dragging { is_accepted: true }")
    check(f"{what}: it would be taken", accepted is not None)
    screenshot(f"{out}/{what}_dragging.png")
    release()
    ended = ours.wait("progress Ended", patience_s=15)
    check(f"{what}: Qtractor takes it", ended in ("progress Ended(Taken)", "progress Ended(Unconfirmed)"), ended)
    ours.end()


def save():
    xdotool("search", "--name", "drag.qtr", "windowactivate", "--sync")
    time.sleep(0.5)
    xdotool("key", "--clearmodifiers", "ctrl+s")
    time.sleep(2)
    screenshot(f"{out}/saved.png")


def clips(root, kind):
    """Clips on the tracks of a kind: (track, file, length in frames)."""
    return [
        (track.get("name"), clip.findtext(".//filename"), int(clip.findtext(".//clip-length") or clip.findtext(".//length") or 0))
        for track in root.iter("track") if track.get("type") == kind for clip in track.iter("clip")
    ]


def main():
    midi, wav = write_files(os.path.join(out, "files"))
    before = {path: pathlib.Path(path).read_bytes() for path in (midi, wav)}
    with display(out), jack_server(out, period=4096):
        process = start_qtractor()
        drag_onto("midi", midi, NOTES)
        drag_onto("wav", wav, SOUND)
        save()
        check("Qtractor lives", process.poll() is None)
        end(process)
    root = ElementTree.parse(f"{out}/drag.qtr").getroot()
    tracks = [track.get("name") for track in root.iter("track")]
    check("the MIDI file got a track, the WAV did not", tracks == ["Sound", NAMES[0].removesuffix(".mid")], tracks)
    notes, sound = clips(root, "midi"), clips(root, "audio")
    check("one MIDI clip", len(notes) == 1, notes)
    check("one audio clip on the audio track", len(sound) == 1 and sound[0][0] == "Sound", sound)
    if notes and sound:
        path = os.path.join(out, notes[0][1])
        check("the clip's notes are the file's", notes_of(path) == notes_of(midi) and len(notes_of(path)) == len(KEYS), path)
        beats = notes[0][2] * BPM / 60 / RATE
        check("the MIDI clip is as long as the notes", abs(beats - len(KEYS)) < 0.01, f"{beats:.3f} beats")
        check("the audio clip is our file", os.path.basename(sound[0][1]) == NAMES[1], sound[0][1])
    check("the files are still there, unchanged", all(pathlib.Path(path).read_bytes() == data for path, data in before.items()))
    finish()


main()
