"""A MIDI file and a WAV out of a window of ours onto tracks of Ardour; the saved session holds both.

into_ardour.py EXAMPLE OUT      EXAMPLE is the built example `drag_window` of crates/dragout.

Debian: ardour xvfb openbox xsettingsd xdotool x11-utils imagemagick. Python: mido numpy soundfile."""
import os
import pathlib
import subprocess
import sys
import time
from xml.etree import ElementTree

from material import BPM, KEYS, NAMES, notes_of, write_files
from talk import Program, move, place, press, release, xdotool
# Of tests/hosts, which `talk` puts onto the path.
import ardour
from common import check, display, finish, fresh, screenshot

example, out = os.path.abspath(sys.argv[1]), fresh(os.path.abspath(sys.argv[2]))
here = pathlib.Path(__file__).parent
session = os.path.join(out, "session")
# In the lanes of the two tracks, on a screen of 1400 x 900.
NOTES, SOUND = (600, 462), (600, 531)


def make_session():
    command = ["ardour7-lua", str(here / "ardour_session.lua"), session, str(BPM)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    pathlib.Path(out, "make.log").write_text(told.stdout + told.stderr)
    check("Ardour makes a session", "> done" in told.stdout)


def drag_onto(what, path, to):
    """One file from a window of ours to a place in Ardour's; the window is gone afterwards."""
    ours = Program([example, "drag ours", path], f"{out}/ours.log")
    ours.wait("ready")
    _, x, y = place("drag ours", 1150, 650)
    press(x + 60, y + 40)
    move(x + 60, y + 40, *to)
    accepted = ours.wait("progress Dragging { is_accepted: true }")
    check(f"{what}: the track would take it", accepted is not None)
    screenshot(f"{out}/{what}_dragging.png")
    release()
    ended = ours.wait("progress Ended", patience_s=15)
    check(f"{what}: Ardour takes it", ended == "progress Ended(Taken)", ended)
    ours.end()
    time.sleep(3)
    screenshot(f"{out}/{what}_dropped.png")


def closes_in_the_middle(process, midi):
    """The DAW goes away below the pointer."""
    ours = Program([example, "drag ours", midi], f"{out}/ours.log")
    ours.wait("ready")
    _, x, y = place("drag ours", 1150, 650)
    press(x + 60, y + 40)
    move(x + 60, y + 40, *NOTES)
    ours.wait("progress Dragging { is_accepted: true }")
    process.kill()
    process.wait()
    lost = ours.wait("progress Dragging { is_accepted: false }")
    release()
    ended = ours.wait("progress Ended")
    check("Ardour gone in the middle of a drag: nothing is stuck", lost and ended == "progress Ended(Nowhere)", ended)
    check("and our window lives", ours.is_alive())
    ours.end()


def save():
    window = xdotool("search", "--onlyvisible", "--name", "^\\*?drag - Ardour$").split()
    xdotool("windowactivate", "--sync", window[-1])
    time.sleep(0.5)
    xdotool("key", "--clearmodifiers", "ctrl+s")
    time.sleep(3)
    screenshot(f"{out}/saved.png")


def regions(root, playlist):
    """Regions on the playlists of a track, as (name, length)."""
    lists = [each for each in root.iter("Playlist") if each.get("name", "").startswith(playlist)]
    return [(region.get("name"), region.get("length")) for each in lists for region in each.iter("Region")]


def main():
    midi, wav = write_files(os.path.join(out, "files"))
    before = {path: pathlib.Path(path).read_bytes() for path in (midi, wav)}
    ardour.home(out)
    make_session()
    with display(out):
        process = ardour.open_session(session, "drag", out)
        drag_onto("midi", midi, NOTES)
        drag_onto("wav", wav, SOUND)
        save()
        check("Ardour lives", process.poll() is None)
        closes_in_the_middle(process, midi)
    root = ElementTree.parse(f"{session}/drag.ardour").getroot()
    notes, sound = regions(root, "Notes"), regions(root, "Sound")
    check("one region on the MIDI track", len(notes) == 1, notes)
    check("one region on the audio track", len(sound) == 1, sound)
    # 1920 ticks to a beat; where the region begins follows the @.
    check("as long as its notes", bool(notes) and notes[0][1].startswith(f"b{len(KEYS) * 1920}@"))
    stored = [str(path) for path in pathlib.Path(session).glob("interchange/*/midifiles/*.mid")]
    right = [path for path in stored if notes_of(path) == notes_of(midi) and len(notes_of(path)) == len(KEYS)]
    check("the region's notes are the file's", bool(right), stored)
    sources = [source.get("name") for source in root.iter("Source")]
    check("the session knows our WAV", any(NAMES[1].removesuffix(".wav") in name and ".mid" not in name for name in sources), sources)
    check("the files are still there, unchanged", all(pathlib.Path(path).read_bytes() == data for path, data in before.items()))
    finish()


main()
