"""The live band of the VST3 in DawDreamer: chords played in come back as bass, drums and piano that fit.

dawdreamer_band.py PLUGIN.vst3 OUT        What came back is read with pretty_midi and judged with music21's chords."""
import os
import sys

import dawdreamer as daw
import numpy as np
import pretty_midi
from common import check, finish, peak
from music21 import harmony

plugin_path, out = sys.argv[1:3]
RATE, BLOCK, BPM = 48_000, 512, 120.0
BEAT_S = 60.0 / BPM
BAR_S = 4 * BEAT_S
ROUNDS = 3
PROGRESSION = [
    ("Dm7", [50, 57, 60, 65]),
    ("G7", [43, 59, 62, 65]),
    ("Cmaj7", [48, 59, 64, 67]),
    ("A7", [45, 61, 64, 67]),
]
BASS, PIANO, DRUMS = 0, 1, 9
STYLES = {"Pop": 15, "Jazz": 10, "Deep House": 6}


def pitches(symbol):
    """Pitch classes of a chord, as music21 reads its name."""
    return {pitch.pitchClass for pitch in harmony.ChordSymbol(symbol).pitches}


def scale_of(symbol):
    """The chord's scale: its tones, and the notes of C major that do not rub against them by a semitone."""
    tones = pitches(symbol)
    white = {0, 2, 4, 5, 7, 9, 11}
    borrowed = tones - white
    return tones | {note for note in white if all((note - other) % 12 not in (1, 11) for other in borrowed)}


def chords(how):
    """The player's notes as (key, velocity, start, duration) in seconds."""
    notes = []
    for bar, (_, keys) in enumerate(PROGRESSION * ROUNDS):
        start = bar * BAR_S
        for place, key in enumerate(keys):
            offset = place * 0.125 * BEAT_S if how == "arpeggiated" else 0.0
            notes.append((key, 76, start + offset, BAR_S - 0.02 - offset))
        if how == "with wrong notes":
            notes.append((keys[2] + 1, 25, start + 0.01, 0.06))
    return notes


def play(style, how):
    """Renders and returns (audio, notes by channel as (start in seconds, end, key))."""
    engine = daw.RenderEngine(RATE, BLOCK)
    engine.set_bpm(BPM)
    plugin = engine.make_plugin_processor("continuo", plugin_path)
    index = {d["name"]: d["index"] for d in plugin.get_parameters_description()}
    silence = engine.make_playback_processor("silence", np.zeros((max(1, plugin.get_num_input_channels()), 64), np.float32))
    has_input = plugin.get_num_input_channels() > 0
    engine.load_graph([(silence, []), (plugin, ["silence"])] if has_input else [(plugin, [])])
    plugin.set_parameter(index["Humanise"], 0.0)
    plugin.set_parameter(index["Band Style"], STYLES[style] / 18)
    plugin.set_parameter(index["Chord Source"], 0.5)
    plugin.set_parameter(index["Band MIDI Out"], 1.0)
    plugin.set_parameter(index["Band On"], 1.0)
    told = [plugin.get_parameter_text(index[name]) for name in ("Band Style", "Chord Source", "Band On")]
    check(f"{style}, {how}: the dials read as set", told == [style, "MIDI", "On"], told)
    for key, velocity, start, duration in chords(how):
        plugin.add_midi_note(key, velocity, start, duration)
    seconds = len(PROGRESSION) * ROUNDS * BAR_S
    engine.render(seconds)
    file = os.path.join(out, f"{style}-{how}.mid".replace(" ", "_"))
    plugin.save_midi(file)
    return engine.get_audio(), pretty_midi.PrettyMIDI(file)


def played(midi, parts):
    """Notes of the recorded file that are not the player's own, by part. The file has one track and no channels that
    pretty_midi keeps apart beyond drums and programs, so parts are told by register."""
    return parts(midi)


def fits(style, how):
    audio, midi = play(style, how)
    label = f"{style}, {how}"
    check(f"{label}: it sounds", peak(audio) > 0.05, f"{peak(audio):.2f}")
    drums = [note for instrument in midi.instruments if instrument.is_drum for note in instrument.notes]
    tonal = [note for instrument in midi.instruments if not instrument.is_drum for note in instrument.notes]
    own = {(round(start * 1000), key) for key, _, start, _ in chords(how)}
    tonal = [note for note in tonal if (round(note.start * 1000), note.pitch) not in own]
    check(f"{label}: drums, bass and piano came back", len(drums) > 40 and len(tonal) > 40, len(drums), len(tonal))
    bass_total = bass_good = chord_total = chord_good = 0
    reactions = []
    for bar, (symbol, _) in enumerate(PROGRESSION * ROUNDS):
        start = bar * BAR_S
        tones, scale = pitches(symbol), scale_of(symbol)
        here = [note for note in tonal if start + BEAT_S - 0.001 <= note.start < start + BAR_S - 0.6 * BEAT_S]
        strong = [note for note in here if note.pitch < 48 and abs((note.start - start) / BEAT_S - 2) < 0.01]
        bass_total += len(strong)
        bass_good += sum(note.pitch % 12 in tones for note in strong)
        chord = [note for note in here if note.pitch >= 48]
        chord_total += len(chord)
        chord_good += sum(note.pitch % 12 in scale for note in chord)
        new = [note.start - start for note in tonal if -0.01 <= note.start - start <= BAR_S and note.pitch % 12 in tones]
        reactions.append(min(new, default=9.0) / BEAT_S)
    check(f"{label}: bass on chord tones on the middle of the bar", bass_total >= 6 and bass_good >= 0.95 * bass_total, bass_good, "of", bass_total)
    check(f"{label}: the others in the chord's scale", chord_total >= 24 and chord_good >= 0.98 * chord_total, chord_good, "of", chord_total)
    check(f"{label}: reaction within a beat", max(reactions) <= 1.001, f"latest {max(reactions):.2f} beats")
    step = BEAT_S / 12
    off = [abs(note.start / step - round(note.start / step)) * step * RATE for note in drums]
    straight = style != "Jazz"
    check(f"{label}: drums on the grid to the sample", not straight or max(off) <= 1.0, f"worst {max(off):.2f} frames" if straight else "swung")


def main():
    for style in STYLES:
        for how in ("blocked", "arpeggiated", "with wrong notes"):
            fits(style, how)
    first, second = play("Pop", "blocked")[0], play("Pop", "blocked")[0]
    check("two renders are identical", np.array_equal(first, second))
    finish()


if __name__ == "__main__":
    main()
