"""Our MIDI files in other people's libraries, and theirs in ours.

Exports of known takes are opened in mido, pretty_midi and music21 and compared with the takes' own notes: tempo, meter,
key, names, programs, channels, chords, every note. Then files written by the three libraries are read by us.
"""
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import mido
import music21
import pretty_midi
import programs

TICKS = 960
# A tick, in beats: times that went through a file are as exact as its ticks.
TICK = 1 / TICKS
problems = []
num_checks = 0


def check(what, ours, theirs):
    global num_checks
    num_checks += 1
    if ours != theirs:
        problems.append(f"{what}: expected {ours}, found {theirs}")


def close(what, ours, theirs, most):
    global num_checks
    num_checks += 1
    if abs(ours - theirs) > most:
        problems.append(f"{what}: expected {ours}, found {theirs}")


def same_notes(what, ours, theirs, most):
    """Lists of (start, end, key, velocity) in any order; times may differ by `most`."""
    nearest = lambda note: (round(note[0] / (4 * TICK)), note[2], note[0])
    check(f"{what}: number of notes", len(ours), len(theirs))
    for mine, other in zip(sorted(ours, key=nearest), sorted(theirs, key=nearest)):
        check(f"{what}: key and velocity", tuple(mine[2:]), tuple(other[2:]))
        close(f"{what}: start of {mine}", mine[0], other[0], most)
        close(f"{what}: end of {mine}", mine[1], other[1], most)


def ours(*args):
    command = [*programs.example("library", "midi"), *map(str, args)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def as_written(take, part):
    """A part's notes as a file can hold them: on ticks, cut at the loop's end, a key ending before it starts again."""
    end_of_loop = round(take["loop_beats"] * TICKS)
    notes = []
    for start, duration, key, velocity in part["notes"]:
        first = round(start * TICKS)
        last = min(max(round((start + duration) * TICKS), first + 1), end_of_loop)
        notes.append([first, last, key, velocity])
    for note in notes:
        later = [other[0] for other in notes if other[2] == note[2] and other[0] > note[0]]
        note[1] = min([note[1], *later])
    return [(first * TICK, last * TICK, key, velocity) for first, last, key, velocity in notes]


def signature(take):
    """Sharps of the key signature with the scale's notes, and whether it is signed as minor."""
    steps = {"Major": 0, "Dorian": 2, "Mixolydian": 7, "Minor": 9}[take["scale"]]
    sharps = (take["key"] - steps) * 7 % 12
    return (sharps if sharps <= 6 else sharps - 12), take["is_minor"]


MAJOR = ["Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#"]
MINOR = ["Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#"]


def key_name(take):
    sharps, is_minor = signature(take)
    return (MINOR if is_minor else MAJOR)[sharps + 7] + ("m" if is_minor else "")


def in_mido(take):
    file = mido.MidiFile(take["file"], charset="utf-8")
    name = f"mido, {Path(take['file']).name}"
    check(f"{name}: format and ticks", (1, TICKS), (file.type, file.ticks_per_beat))
    check(f"{name}: tracks", len(take["parts"]) + 1, len(file.tracks))
    conductor, *tracks = file.tracks
    first = {message.type: message for message in reversed(conductor)}
    check(f"{name}: tempo", round(60e6 / take["tempo"]), first["set_tempo"].tempo)
    meter = first["time_signature"]
    check(f"{name}: meter", take["meter"], [meter.numerator, meter.denominator])
    check(f"{name}: key", key_name(take), first["key_signature"].key)
    check(f"{name}: title", take["title"], conductor.name)
    check(f"{name}: provenance", True, first["text"].text.startswith("prompt: ") and "seed: " in first["text"].text)
    now, markers = 0, []
    for message in conductor:
        now += message.time
        if message.type == "marker":
            markers.append([now * TICK, message.text])
    check(f"{name}: chords", take["chords"], markers)
    channels = {}
    for part, track in zip(take["parts"], tracks):
        check(f"{name}: track name", part["name"], track.name)
        now, sounding, notes = 0, {}, []
        for message in track:
            now += message.time
            if message.type == "note_on":
                assert message.velocity > 0 and message.note not in sounding, f"{name}: {message}"
                sounding[message.note] = (now, message)
            elif message.type == "note_off":
                start, on = sounding.pop(message.note)
                notes.append((start * TICK, now * TICK, on.note, on.velocity))
            elif message.type == "program_change":
                check(f"{name}: program", part["program"], message.program)
            if hasattr(message, "channel"):
                channels.setdefault(message.channel, set()).add(part["program"])
                check(f"{name}: drums are on channel 10", part["kind"] == "drums", message.channel == 9)
        check(f"{name}: hanging notes", {}, sounding)
        close(f"{name}: end of {part['name']}", take["loop_beats"], now * TICK, 1e-9)
        same_notes(f"{name}, {part['name']}", as_written(take, part), notes, 1e-9)
    check(f"{name}: programs of a channel", set(), {c for c, programs in channels.items() if len(programs) > 1})


def in_pretty_midi(take):
    file = pretty_midi.PrettyMIDI(take["file"])
    name = f"pretty_midi, {Path(take['file']).name}"
    _, tempos = file.get_tempo_changes()
    check(f"{name}: one tempo", 1, len(tempos))
    close(f"{name}: tempo", take["tempo"], tempos[0], 1e-3)
    meters = [(m.numerator, m.denominator) for m in file.time_signature_changes]
    check(f"{name}: meter", [tuple(take["meter"])], meters)
    sharps, is_minor = signature(take)
    number = (sharps * 7 + (9 if is_minor else 0)) % 12 + (12 if is_minor else 0)
    check(f"{name}: key", [number], [key.key_number for key in file.key_signature_changes])
    beat_s = 60 / tempos[0]
    for part in take["parts"]:
        found = [i for i in file.instruments if i.is_drum == (part["kind"] == "drums") and i.program == part["program"]]
        check(f"{name}: instruments like {part['name']}", 1, len(found))
        # pretty_midi reads names as Latin-1.
        check(f"{name}: name", part["name"], found[0].name.encode("latin-1").decode("utf-8"))
        notes = [(n.start / beat_s, n.end / beat_s, n.pitch, n.velocity) for n in found[0].notes]
        same_notes(f"{name}, {part['name']}", as_written(take, part), notes, TICK / 10)


def in_music21(take):
    score = music21.converter.parse(take["file"], quantizePost=False, forceSource=True)
    name = f"music21, {Path(take['file']).name}"
    flat = score.flatten()
    close(f"{name}: tempo", take["tempo"], flat.getElementsByClass("MetronomeMark")[0].number, 0.01)
    meters = {(m.numerator, m.denominator) for m in score.recurse().getElementsByClass("TimeSignature")}
    check(f"{name}: meter", {tuple(take["meter"])}, meters)
    keys = {(key.sharps, key.mode == "minor") for key in score.recurse().getElementsByClass("KeySignature")}
    check(f"{name}: key", {signature(take)}, keys)
    check(f"{name}: parts", len(take["parts"]), len(score.parts))
    for part, found in zip(take["parts"], score.parts):
        check(f"{name}: part name", part["name"], found.partName)
        if part["kind"] != "drums":
            # A track's name becomes an instrument of its own; the program is the one that comes last.
            instruments = list(found.recurse().getElementsByClass("Instrument"))
            check(f"{name}: program", part["program"], instruments[-1].midiProgram)
        notes = whole(found.flatten().notes)
        if part["kind"] == "drums":
            # music21 turns drum keys into instruments; several keys share one. Times and velocities are what is left.
            strip = lambda rows: [(start, end, 0, velocity) for start, end, _, velocity in rows]
            same_notes(f"{name}, {part['name']}", strip(as_written(take, part)), strip(notes), 2 * TICK)
        else:
            # It gathers notes that start within a tick of each other.
            same_notes(f"{name}, {part['name']}", as_written(take, part), notes, 2 * TICK)


def whole(elements):
    """music21 cuts notes at bar lines and ties the pieces; its own stripTies misses some of them in two voices."""
    notes = []
    for element in sorted(elements, key=lambda element: element.offset):
        start = float(element.offset)
        end = start + float(element.quarterLength)
        for note in getattr(element, "notes", [element]):
            key = note.pitch.midi if hasattr(note, "pitch") else note.storedInstrument.percMapPitch
            is_rest = note.tie is not None and note.tie.type in ("stop", "continue")
            before = [other for other in notes if is_rest and other[2] == key and abs(other[1] - start) < TICK / 2]
            if before:
                before[-1][1] = end
            else:
                notes.append([start, end, key, note.volume.velocity])
    return notes


TUNE = [(0.0, 1.0, 60, 100), (1.0, 1.5, 64, 90), (2.0, 2.25, 67, 80), (3.5, 7.5, 72, 70), (8.0, 12.0, 60, 127)]
BEATS = [(float(beat), beat + 0.5, 36 if beat % 2 == 0 else 38, 100) for beat in range(12)]


def by_mido(folder):
    """Formats 0, 1 and 2, tempo, meter, key, names; in format 0 both parts share a track."""
    written = []
    for kind in (0, 1, 2):
        file = mido.MidiFile(type=kind, ticks_per_beat=480)
        meta = [
            mido.MetaMessage("track_name", name="Tune"),
            mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(97)),
            mido.MetaMessage("time_signature", numerator=3, denominator=4),
            mido.MetaMessage("key_signature", key="Ebm"),
            mido.Message("program_change", channel=2, program=40),
        ]
        groups = [[(TUNE, 2)], [(BEATS, 9)]] if kind else [[(TUNE, 2), (BEATS, 9)]]
        for number, group in enumerate(groups):
            events = []
            for notes, channel in group:
                for start, end, key, velocity in notes:
                    events.append((start, 1, mido.Message("note_on", channel=channel, note=key, velocity=velocity)))
                    # The other way of saying off, which makes running status of it.
                    events.append((end, 0, mido.Message("note_on", channel=channel, note=key, velocity=0)))
            track = mido.MidiTrack(meta if number == 0 else [mido.MetaMessage("track_name", name="Beat")])
            now = 0
            for beat, _, message in sorted(events, key=lambda event: event[:2]):
                tick = round(beat * 480)
                track.append(message.copy(time=tick - now))
                now = tick
            file.tracks.append(track)
        path = folder / f"mido_{kind}.mid"
        file.save(path)
        names = ["Tune 3", "Tune 10"] if kind == 0 else ["Tune", "Beat"]
        # Patterns of a format 2 file follow each other: the second begins where the first one's bars end.
        parts = [(names[0], 40, TUNE), (names[1], 0, [(s + 12, e + 12, k, v) for s, e, k, v in BEATS] if kind == 2 else BEATS)]
        bars = 8 if kind == 2 else 4
        written.append((path, {"tempo": 97, "meter": [3, 4], "key": [3, "Minor"], "bars": bars, "parts": parts}))
    return written


def by_pretty_midi(folder):
    file = pretty_midi.PrettyMIDI(initial_tempo=151.0, resolution=220)
    file.time_signature_changes.append(pretty_midi.TimeSignature(4, 4, 0))
    file.key_signature_changes.append(pretty_midi.KeySignature(7, 0))
    for notes, program, is_drum, name in [(TUNE, 65, False, "Sax"), (BEATS, 0, True, "Kit")]:
        instrument = pretty_midi.Instrument(program=program, is_drum=is_drum, name=name)
        beat_s = 60 / 151.0
        instrument.notes = [pretty_midi.Note(v, k, s * beat_s, e * beat_s) for s, e, k, v in notes]
        file.instruments.append(instrument)
    path = folder / "pretty_midi.mid"
    file.write(str(path))
    return [(path, {"tempo": 151, "meter": [4, 4], "key": [7, "Major"], "bars": 3, "parts": [("Sax", 65, TUNE), ("Kit", 0, BEATS)]})]


def by_music21(folder):
    part = music21.stream.Part()
    part.partName = "Flute"
    part.append(music21.instrument.Flute())
    part.append(music21.tempo.MetronomeMark(number=88))
    part.append(music21.meter.TimeSignature("6/8"))
    part.append(music21.key.Key("f#"))
    for start, end, key, velocity in TUNE:
        note = music21.note.Note(key, quarterLength=end - start)
        note.volume.velocity = velocity
        part.insert(start, note)
    score = music21.stream.Score([part])
    path = folder / "music21.mid"
    score.write("midi", fp=path)
    return [(path, {"tempo": 88, "meter": [6, 8], "key": [6, "Minor"], "bars": 4, "parts": [("Flute", 73, TUNE)]})]


def read_by_us(written):
    for (path, expected), read in zip(written, ours("read", *[path for path, _ in written])):
        name = f"ours, {path.name}"
        close(f"{name}: tempo", expected["tempo"], read["tempo"], 1e-3)
        check(f"{name}: meter", expected["meter"], read["meter"])
        check(f"{name}: key", expected["key"], read["key"])
        check(f"{name}: bars", expected["bars"], read["num_bars"])
        check(f"{name}: warnings", [], read["warnings"])
        check(f"{name}: parts", [p[0] for p in expected["parts"]], [p["name"] for p in read["parts"]])
        for (part, program, notes), found in zip(expected["parts"], read["parts"]):
            check(f"{name}: program of {part}", program, found["program"])
            check(f"{name}: kind of {part}", program == 0, found["kind"] == "drums")
            rows = [(start, start + duration, key, velocity) for start, duration, key, velocity in found["notes"]]
            same_notes(f"{name}, {part}", notes, rows, 1 / 220)


def main():
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        takes = ours("write", folder)
        for take in takes:
            in_mido(take)
            in_pretty_midi(take)
            in_music21(take)
        exported = num_checks
        print(f"{len(takes)} files of ours in mido, pretty_midi, music21: {exported} comparisons")
        written = [*by_mido(Path(folder)), *by_pretty_midi(Path(folder)), *by_music21(Path(folder))]
        read_by_us(written)
        print(f"{len(written)} files of theirs in ours: {num_checks - exported} comparisons")
    for problem in problems[:60]:
        print(f"  {problem}")
    print(f"{len(problems)} differences")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
