"""Chords for the live band and how well its notes fit them, by other people's reading: pretty_midi for the notes, music21
for the chords."""
import numpy as np
import pretty_midi
from common import check
from music21 import harmony

BPM = 120.0
BEAT_S = 60.0 / BPM
BAR_S = 4 * BEAT_S
ROUNDS = 3
PROGRESSION = [
    ("Dm7", [50, 57, 60, 65]),
    ("G7", [43, 59, 62, 65]),
    ("Cmaj7", [48, 59, 64, 67]),
    ("A7", [45, 61, 64, 67]),
]
NUM_BARS = ROUNDS * len(PROGRESSION)
HOWS = ("blocked", "arpeggiated", "with wrong notes")


def pitches(symbol):
    """Pitch classes of a chord, as music21 reads its name."""
    return {pitch.pitchClass for pitch in harmony.ChordSymbol(symbol).pitches}


def scale_of(symbol):
    """The chord's scale: its tones, and the white keys that do not rub against a borrowed one by a semitone."""
    tones = pitches(symbol)
    white = {0, 2, 4, 5, 7, 9, 11}
    borrowed = tones - white
    return tones | {note for note in white if all((note - other) % 12 not in (1, 11) for other in borrowed)}


def keys(how):
    """The player's notes as (key, velocity, start, end) in seconds."""
    notes = []
    for bar, (_, chord) in enumerate(PROGRESSION * ROUNDS):
        start = bar * BAR_S
        for place, key in enumerate(chord):
            offset = place * 0.125 * BEAT_S if how == "arpeggiated" else 0.0
            notes.append((key, 76, start + offset, start + BAR_S - 0.02))
        if how == "with wrong notes":
            notes.append((chord[2] + 1, 25, start + 0.01, start + 0.07))
    return notes


def write_keys(how, file):
    """The player's notes as a MIDI file, by pretty_midi."""
    midi = pretty_midi.PrettyMIDI(initial_tempo=BPM, resolution=960)
    piano = pretty_midi.Instrument(program=0, name="Keys")
    piano.notes = [pretty_midi.Note(velocity, key, start, end) for key, velocity, start, end in keys(how)]
    midi.instruments.append(piano)
    midi.write(str(file))


def judge(label, file, is_straight, rate):
    """What a MIDI file of the band holds, against the chords of each bar."""
    midi = pretty_midi.PrettyMIDI(str(file))
    parts = {instrument.name: instrument.notes for instrument in midi.instruments}
    check(f"{label}: drums, bass and chords came back", all(parts.get(name) for name in ("Drums", "Bass", "Chords")), {name: len(notes) for name, notes in parts.items()})
    bass = bass_good = chord = chord_good = 0
    reactions = []
    for bar, (symbol, _) in enumerate(PROGRESSION * ROUNDS):
        start, tones, scale = bar * BAR_S, pitches(symbol), scale_of(symbol)
        after = lambda name, first, last: [note for note in parts.get(name, []) if start + first * BEAT_S - 1e-4 <= note.start < start + last * BEAT_S]
        # The first note from the third beat on: not every style's bass plays on it.
        strong = after("Bass", 2, 3)[:1]
        bass, bass_good = bass + len(strong), bass_good + sum(note.pitch % 12 in tones for note in strong)
        # What comes in the last half beat may be ahead of the next bar.
        piano = after("Chords", 1, 3.4)
        chord, chord_good = chord + len(piano), chord_good + sum(note.pitch % 12 in scale for note in piano)
        fitting = [note for name in ("Bass", "Chords", "Pad") for note in after(name, 0, 4) if note.pitch % 12 in tones]
        reactions.append(min(((note.start - start) / BEAT_S for note in fitting), default=9.0))
    check(f"{label}: bass on chord tones on strong beats, >= 95 %", bass >= NUM_BARS / 2 and bass_good >= 0.95 * bass, f"{bass_good} of {bass}")
    check(f"{label}: chords in the chord's scale, >= 98 %", chord >= NUM_BARS and chord_good >= 0.98 * chord, f"{chord_good} of {chord}")
    check(f"{label}: first reaction within a beat of the change", max(reactions) <= 1.0, f"latest {max(reactions):.2f} beats")
    onsets = np.array([note.start for note in parts.get("Drums", [])]) * rate
    step = BEAT_S / 24 * rate
    off = np.abs(onsets - np.round(onsets / step) * step)
    if is_straight:
        check(f"{label}: drums on the grid to the sample", off.max() < 0.51, f"worst {off.max():.2f} frames")
    ends = [note.end > note.start for notes in parts.values() for note in notes]
    check(f"{label}: every note ends after it starts", all(ends), len(ends))
    return parts
