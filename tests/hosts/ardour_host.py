"""The VST3 in Ardour, headless: scan, session, generate, roll, locate, cycle, 7/8, faster than real time, automation, recall.

ardour_host.py PLUGIN.vst3 OUT        The library is in CONTINUO_DATA_DIR; Ardour's home is OUT/home."""
import os
import pathlib
import re
import subprocess
import sys

import ardour
import mido
import numpy as np
import soundfile as sf
from common import BPM, RATE, best_shift, check, finish, peak, takes

plugin, out = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
data_dir = os.path.abspath(os.environ["CONTINUO_DATA_DIR"])
here = pathlib.Path(__file__).parent
session = os.path.join(out, "session")
# Ardour rounds beats to 1/1920; the plugin evens that out to a sample or so.
SLACK = 1


def home():
    """A home of its own with the plugin in it, so that nothing leaks in or out."""
    path = pathlib.Path(out, "home")
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "DISPLAY"):
        os.environ.pop(name, None)
    os.environ["HOME"] = str(path)
    ardour.install(plugin, path, out)


def run(step, limit_s, folder=session):
    """Runs a step of the Lua session; returns its recordings by name as (position, length, samples), and what else it
    told as lists of words."""
    log = pathlib.Path(out, f"{step}.log")
    command = ["ardour7-lua", str(here / "ardour_host.lua"), step, folder, data_dir]
    with open(log, "w") as file:
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, timeout=limit_s)
        except subprocess.TimeoutExpired:
            check(f"{step}: ends in time", False)
    lines = [line.split()[1:] for line in log.read_text(errors="replace").splitlines() if line.startswith(">")]
    for line in lines:
        if line[0] in ("ok", "FAILED"):
            check(f"{step}: {' '.join(line[1:])}", line[0] == "ok")
    check(f"{step}: came to its end", ["done"] in lines, f"see {log.name}")
    return {line[1]: recording(line[2:]) for line in lines if line[0] == "region"}, lines


def recording(told):
    """A region as (position in the session, samples). Ardour keeps a mono file per channel, named after the region."""
    position, length, start = (int(float(number)) for number in told[:3])
    name = " ".join(told[3:]).rsplit(".", 1)[0]
    (file,) = pathlib.Path(session).glob(f"interchange/*/audiofiles/{name}%L.wav")
    audio, rate = sf.read(file, dtype="float32", always_2d=True)
    assert rate == RATE
    return position, audio[start : start + length, 0]


def put_cycle_into_session(beats):
    """Lua cannot make a location: the loop range is written into the file. Ardour counts 282 240 000 to the second."""
    path = pathlib.Path(session, "continuo.ardour")
    end = round(beats * 60 / BPM * 282_240_000)
    loop = f'<Location id="999001" name="Loop" start="a0" end="a{end}" flags="IsAutoLoop,IsHidden" locked="0" timestamp="0"/>'
    text = path.read_text()
    text, count = re.subn(r"<Locations/>", f"<Locations>{loop}</Locations>", text)
    if not count:
        text = text.replace("<Locations>", f"<Locations>{loop}", 1)
    path.write_text(text)


def drums_of(take_path):
    audio, _ = sf.read(take_path.parent / "drums.wav", dtype="float32", always_2d=True)
    return audio[:, 0]


def kicks(take):
    notes = next(part for part in take["parts"] if part["kind"] == "drums")["notes"]
    loud = [note["start"] for note in notes if note["key"] in (37, 38, 39, 40, 41, 43, 45, 47, 48, 50)]
    beats = sorted({note["start"] for note in notes if note["key"] in (35, 36)})
    return [beat for beat in beats if all(abs(beat - other) > 0.08 for other in loud)]


def kicks_are_on_the_grid(what, take_path, take, position, audio, is_absolute=False):
    """Every kick where the song has it: compared with the stem of the library at that very beat.

    What Ardour records on another track comes a fixed while later (it aligns captures to the backend's latency), so a
    recording has to be late by the same amount at every kick; a bounce has to be right as it is."""
    stem = drums_of(take_path)
    loop_beats = take["audio"]["loop_beats"]
    frames_per_beat = 60 / BPM * RATE
    shifts = []
    for repeat in range(40):
        for beat in kicks(take):
            at = (repeat * loop_beats + beat) * frames_per_beat - position
            in_take = round(beat * frames_per_beat)
            # The first 50 ms may fade in.
            if at < 0.05 * RATE or at + 0.08 * RATE > len(audio) or in_take + 1200 > len(stem):
                continue
            shifts.append(best_shift(audio, stem[in_take : in_take + 1200], round(at), 600))
    found = [shift for shift in shifts if shift is not None]
    late = 0 if is_absolute or not found else int(np.median(found))
    good = [shift for shift in found if abs(shift - late) <= SLACK]
    is_good = len(shifts) >= 4 and len(good) == len(shifts) and abs(late) < 512
    check(f"{what}: kicks within a sample of the grid", is_good, f"{len(shifts)} kicks, {late} frames late,", shifts[:8])


def bounce():
    """Ardour's own export of the whole session: the plugin's track alone."""
    file = os.path.join(out, "bounce.wav")
    command = ["ardour7-export", "-b", "float", "-o", file, session, "continuo"]
    with open(os.path.join(out, "bounce.log"), "w") as log:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, timeout=120)
    audio, rate = sf.read(file, dtype="float32", always_2d=True)
    assert rate == RATE
    return 0, audio[:, 0]


def band():
    """The band's MIDI output as a second track records it, against the file that the program writes of the same band."""
    _, lines = run("band", 120, os.path.join(out, "band"))
    told = sorted(tuple(map(float, line[1:])) for line in lines if line[0] == "note")
    if not check("the band's notes were recorded on a second track", len(told) > 200, len(told)):
        return
    style = ["--style", "pop", "--humanise", "0", "--swing", "0", "--bpm", str(BPM), "--bars", "8", "--out", os.path.join(out, "score")]
    command = [os.environ["CONTINUO_PROGRAM"], "accompany", "--chords", "C | Am | F | G", *style]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    written = list(timed(os.path.join(out, "score", "all.mid")))
    # Ardour puts what it records a fixed while later, and 1/1920 beat is its grid.
    first = min(beat for beat, *_ in told)
    recorded = sorted((round((beat - first) * 960), int(key), int(velocity), int(channel)) for beat, key, velocity, channel, _ in told if beat - first < 31.9)
    wanted = sorted((round(beat * 960), key, velocity, channel) for beat, key, velocity, channel in written if beat < 31.9)
    missing = [note for note in wanted if not any(is_same(note, other) for other in recorded)]
    extra = [note for note in recorded if not any(is_same(note, other) for other in wanted)]
    check("the recorded notes are those of the exported file", not missing and not extra, f"{len(wanted)} notes,", f"missing {missing[:4]},", f"extra {extra[:4]}")
    check("it begins on the first beat", first < 0.1, f"beat {first:.4f}")


def is_same(a, b):
    return a[1:] == b[1:] and abs(a[0] - b[0]) <= 4


def timed(file):
    """Note-ons of a MIDI file as (beat, key, velocity, channel), read by mido."""
    midi = mido.MidiFile(file)
    for track in midi.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if message.type == "note_on" and message.velocity > 0:
                yield ticks / midi.ticks_per_beat, message.note, message.velocity, message.channel


def main():
    home()
    band()
    recordings, _ = run("make", 240)
    made = takes(data_dir)
    if check("two takes in the library", len(made) == 2) and {"plain", "middle", "fast", "lane", "seven"} <= set(recordings):
        (path, take), (path_seven, take_seven) = made
        for name in ("plain", "middle", "fast"):
            kicks_are_on_the_grid(name, path, take, *recordings[name])
        check("the second take is in 7/8", take_seven["audio"]["bar_beats"] == 3.5, take_seven["audio"]["bar_beats"])
        kicks_are_on_the_grid("seven", path_seven, take_seven, *recordings["seven"])
        lane = recordings["lane"][1]
        quiet, loud = peak(lane[RATE : RATE * 5 // 2]), peak(lane[5 * RATE : 7 * RATE])
        check("a lane on Deck 1 Level silences the deck and brings it back", quiet < 0.02 < loud, f"{quiet:.4f} {loud:.3f}")
        check("finite", all(np.isfinite(audio).all() for _, audio in recordings.values()))
    put_cycle_into_session(12)
    again, _ = run("again", 120)
    if check("recorded again after a reload", "again" in again) and len(made) == 2:
        kicks_are_on_the_grid("again", made[1][0], made[1][1], *again["again"])
        kicks_are_on_the_grid("bounce", made[1][0], made[1][1], *bounce(), is_absolute=True)
    finish()


main()
