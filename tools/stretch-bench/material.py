"""Test material that can be rendered at any tempo and transposition: the truth a stretcher is measured against.

Every sound is generated from a list of notes in beats, so that the same music at another tempo is known exactly.
Four bars of 4/4; tails wrap round the loop. Returns float32 arrays of shape (frames, 2).
"""
import numpy as np

RATE = 48_000
BEATS = 16


def _add(out, start, sound):
    index = (int(round(start)) + np.arange(len(sound))) % len(out)
    np.add.at(out, index, sound)


def _env(frames, attack_s, decay_s, gate=None, release_s=0.05):
    t = np.arange(frames) / RATE
    env = np.minimum(1.0, t / attack_s) * np.exp(-t / decay_s)
    if gate is not None:
        env *= np.clip((gate - t) / release_s + 1.0, 0.0, 1.0)
    return env


def _saw(hz, frames, partials=24, phase=0.0):
    t = np.arange(frames) / RATE
    wave = np.zeros(frames)
    for k in range(1, partials + 1):
        if hz * k < 0.45 * RATE:
            wave += np.sin(2 * np.pi * hz * k * t + phase * k) / k
    return wave


def _note(hz, gate_s, attack_s, decay_s, partials, pan, detune=0.0, phase=0.0):
    frames = int((gate_s + 0.06) * RATE)
    env = _env(frames, attack_s, decay_s, gate_s)[:, None]
    left = _saw(hz * 2 ** (-detune / 1200), frames, partials, phase)
    right = _saw(hz * 2 ** (detune / 1200), frames, partials, phase + 0.3 * (detune > 0))
    return np.stack([left * (1 - pan), right * (1 + pan)], 1) * env * 0.25


def midi_hz(note):
    return 440.0 * 2.0 ** ((note - 69) / 12)


CHORDS = [[57, 60, 64, 67], [53, 57, 60, 64], [48, 55, 60, 64], [55, 59, 62, 67]]


def drums(fpb, semis):
    out = np.zeros((int(np.ceil(BEATS * fpb)), 2))
    rng = np.random.default_rng(1)
    ratio = 2.0 ** (semis / 12)
    t = np.arange(int(0.35 * RATE)) / RATE
    kick = np.sin(2 * np.pi * ratio * (50 * t + 12 * (1 - np.exp(-t / 0.02)))) * np.exp(-t / 0.12) * 0.9
    snare_noise = rng.standard_normal((int(0.2 * RATE), 2))
    hat_noise = rng.standard_normal((int(0.05 * RATE), 2))
    for beat in range(BEATS):
        if beat % 4 in (0, 2):
            _add(out, beat * fpb, np.stack([kick, kick], 1))
        if beat % 4 in (1, 3):
            ts = np.arange(len(snare_noise)) / RATE
            body = np.sin(2 * np.pi * 190 * ratio * ts)[:, None]
            _add(out, beat * fpb, (0.25 * snare_noise + 0.4 * body) * np.exp(-ts / 0.06)[:, None])
        for step in range(4):
            th = np.arange(len(hat_noise)) / RATE
            hat = np.diff(hat_noise, axis=0, prepend=0) * np.exp(-th / 0.012)[:, None]
            _add(out, (beat + step / 4) * fpb, hat * (0.16 if step % 2 else 0.1))
    return out


def drum_onsets():
    """In beats: what counts as an attack of the drum track."""
    return np.arange(0, BEATS, 0.25)


def bass(fpb, semis):
    out = np.zeros((int(np.ceil(BEATS * fpb)), 2))
    for beat in np.arange(0, BEATS, 0.5):
        root = CHORDS[int(beat // 4)][0] - 24 + (12 if beat % 2 == 1.5 else 0)
        gate = 0.42 * fpb / RATE
        _add(out, beat * fpb, _note(midi_hz(root + semis), gate, 0.004, 0.6, 12, 0.0) * 1.6)
    return out


def pads(fpb, semis):
    out = np.zeros((int(np.ceil(BEATS * fpb)), 2))
    for bar, chord in enumerate(CHORDS):
        for index, note in enumerate(chord):
            gate = 3.9 * fpb / RATE
            sound = _note(midi_hz(note + semis), gate, 0.08, 20.0, 10, 0.3 * (index % 2 * 2 - 1), 4.0, index * 1.7)
            _add(out, bar * 4 * fpb, sound * 0.5)
    return out


def arpeggio(fpb, semis):
    out = np.zeros((int(np.ceil(BEATS * fpb)), 2))
    for index, beat in enumerate(np.arange(0, BEATS, 0.25)):
        chord = CHORDS[int(beat // 4)]
        note = chord[index % 4] + 12 * (1 + index // 4 % 2)
        gate = 0.2 * fpb / RATE
        _add(out, beat * fpb, _note(midi_hz(note + semis), gate, 0.002, 0.25, 8, 0.5 * np.sin(index)) * 0.8)
    return out


def melody(fpb, semis):
    out = np.zeros((int(np.ceil(BEATS * fpb)), 2))
    line = [(0, 76, 1.4), (1.5, 74, 0.4), (2, 72, 1.8), (4, 69, 2.4), (6.5, 72, 0.9), (7.5, 74, 0.4), (8, 76, 2.8),
            (11, 79, 0.9), (12, 74, 1.9), (14, 71, 1.8)]
    for beat, note, length in line:
        _add(out, beat * fpb, _note(midi_hz(note + semis), length * fpb / RATE, 0.01, 3.0, 14, 0.1, 2.0) * 0.7)
    return out


STEMS = {"drums": drums, "bass": bass, "pads": pads, "arpeggio": arpeggio, "melody": melody}


def render(name, bpm, semis=0):
    fpb = 60.0 * RATE / bpm
    # Drums keep their pitch in music; here they follow, so that the truth is the same processing.
    return STEMS[name](fpb, semis).astype(np.float32)
