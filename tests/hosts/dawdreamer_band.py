"""The live band of the VST3 in DawDreamer: keys in, and what sounds is heard by librosa.

dawdreamer_band.py PLUGIN.vst3 OUT        DawDreamer gives no MIDI back: parts are soloed by their levels and listened to."""
import os
import sys

import band_music
import dawdreamer as daw
import librosa
import numpy as np
from common import check, finish, peak

plugin_path, out = sys.argv[1:3]
RATE, BLOCK = 48_000, 512
STYLES = {"Pop": 15, "Rock": 2}
NUM_STYLES = 18
LEVELS = ("Band Drums", "Band Bass", "Band Chords", "Band Melody", "Band Pad")
SECONDS = band_music.NUM_BARS * band_music.BAR_S


def play(style, how, wanted):
    """Stereo sound of one part (or all of them)."""
    engine = daw.RenderEngine(RATE, BLOCK)
    engine.set_bpm(band_music.BPM)
    plugin = engine.make_plugin_processor("continuo", plugin_path)
    index = {d["name"]: d["index"] for d in plugin.get_parameters_description()}
    channels = plugin.get_num_input_channels()
    source = engine.make_playback_processor("silence", np.zeros((max(1, channels), 64), np.float32))
    engine.load_graph([(source, []), (plugin, ["silence"])] if channels else [(plugin, [])])
    for name, value in (("Humanise", 0.0), ("Band Style", STYLES[style] / NUM_STYLES), ("Chord Source", 0.5), ("Band On", 1.0)):
        plugin.set_parameter(index[name], value)
    for level in LEVELS:
        if wanted not in (level, "all"):
            plugin.set_parameter(index[level], 0.0)
    told = [plugin.get_parameter_text(index[name]) for name in ("Band Style", "Chord Source", "Band On")]
    check(f"{style}, {how}, {wanted}: the dials read as set", told == [style, "MIDI", "On"], told)
    for key, velocity, start, end in band_music.keys(how):
        plugin.add_midi_note(key, velocity, start, end - start)
    engine.render(SECONDS)
    return engine.get_audio()[:2]


def bar_slice(audio, bar, first, last):
    """Part of a bar in beats, mono."""
    at = lambda beats: round((bar * band_music.BAR_S + beats * band_music.BEAT_S) * RATE)
    return audio[:, at(first) : at(last)].mean(axis=0)


def bass_fits(label, audio):
    """The pitch that sounds on the third beat of each bar is a chord tone."""
    good = []
    for bar, (symbol, _) in enumerate(band_music.PROGRESSION * band_music.ROUNDS):
        sound = bar_slice(audio, bar, 2.0, 2.45)
        if peak(sound) < 1e-3:
            continue
        hz, voiced, _ = librosa.pyin(sound, fmin=20, fmax=300, sr=RATE, frame_length=8192)
        if voiced.any():
            key = round(float(np.median(librosa.hz_to_midi(hz[voiced]))))
            good.append(key % 12 in band_music.pitches(symbol))
    check(f"{label}: the bass plays a chord tone on the third beat", len(good) >= 6 and np.mean(good) >= 0.95, f"{sum(good)} of {len(good)}")


def chords_fit(label, audio):
    """Of the sound from the second beat on, most lies on the pitch classes of the chord's scale."""
    shares = []
    for bar, (symbol, _) in enumerate(band_music.PROGRESSION * band_music.ROUNDS):
        sound = bar_slice(audio, bar, 1.0, 3.4)
        if peak(sound) < 1e-3:
            continue
        chroma = librosa.feature.chroma_cqt(y=sound, sr=RATE, fmin=librosa.note_to_hz("C3"), n_octaves=3).mean(axis=1)
        strongest = np.argsort(chroma)[-3:]
        shares.append(np.mean([pitch in band_music.scale_of(symbol) for pitch in strongest]))
    check(f"{label}: the chords' three strongest pitches are in the chord's scale", len(shares) >= 6 and np.mean(shares) >= 0.95, f"{np.mean(shares):.2f} over {len(shares)} bars")


def drums_keep_time(label, audio):
    """Onsets that librosa hears fall on the grid of sixteenths."""
    mono = audio.mean(axis=0)
    onsets = librosa.onset.onset_detect(y=mono, sr=RATE, units="time", hop_length=128, backtrack=False)
    steps = onsets / (band_music.BEAT_S / 4)
    off_ms = np.abs(steps - np.round(steps)) * band_music.BEAT_S / 4 * 1e3
    # Onset detection itself is good to some 10 ms.
    check(f"{label}: drums keep time", len(onsets) > 40 and np.median(off_ms) < 10, f"{len(onsets)} onsets, median {np.median(off_ms):.1f} ms")


def reacts_within_a_beat(label, audio):
    """In each bar something of the new chord sounds before its second beat is over."""
    late = []
    for bar, (symbol, _) in enumerate(band_music.PROGRESSION * band_music.ROUNDS):
        sound = bar_slice(audio, bar, 0.5, 1.5)
        chroma = librosa.feature.chroma_cqt(y=sound, sr=RATE, fmin=librosa.note_to_hz("C3"), n_octaves=3).mean(axis=1)
        fits = [pitch in band_music.pitches(symbol) for pitch in np.argsort(chroma)[-2:]]
        if peak(sound) < 1e-3 or not all(fits):
            late.append(bar + 1)
    check(f"{label}: the pad has changed a beat after the chord", len(late) <= 1, f"bars {late}")


def main():
    for style in STYLES:
        for how in band_music.HOWS:
            label = f"{style}, {how}"
            bass_fits(label, play(style, how, "Band Bass"))
            chords_fit(label, play(style, how, "Band Chords"))
        reacts_within_a_beat(style, play(style, "blocked", "Band Pad"))
        drums_keep_time(style, play(style, "blocked", "Band Drums"))
    first, second = play("Pop", "blocked", "all"), play("Pop", "blocked", "all")
    check("it sounds", peak(first) > 0.05, f"{peak(first):.2f}")
    check("two renders are identical", np.array_equal(first, second))
    finish()


main()
