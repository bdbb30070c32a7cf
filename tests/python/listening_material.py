"""Drum loops and pieces whose tempo, beats, onsets and key are known, played by fluidsynth with SoundFonts."""
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import soundfile

RATE = 44100
TICKS = 480
FLUID = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
TIM = "/usr/share/sounds/sf2/TimGM6mb.sf2"
KICK, SNARE, HAT, OPEN, RIDE, RIM, TOM, CLAP, SHAKER = 36, 38, 42, 46, 51, 37, 45, 39, 70
NAMES = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]

# Sixteenths of a bar, x a blow and X a loud one; what its name says, the kits it is played on, and its tempi.
PATTERNS = {
    "rock": ({KICK: "X.......X.x.....", SNARE: "....X.......X...", HAT: "x.x.x.x.x.x.x.x."}, (0, 8, 16), range(60, 181, 12)),
    "house": ({KICK: "X...X...X...X...", OPEN: "..x...x...x...x.", CLAP: "....x.......x...", SHAKER: "xxxxxxxxxxxxxxxx"}, (24, 25), range(90, 151, 12)),
    "funk": ({KICK: "X.x...x..x.x....", SNARE: "....X..x.x..X..x", HAT: "x.x.x.x.x.x.x.x."}, (0, 8), range(80, 121, 8)),
    "hip hop": ({KICK: "X......x..X.....", SNARE: "....X.......X...", HAT: "x.x.x.x.x.x.x.xx"}, (8, 25), range(64, 113, 8)),
    "break": ({KICK: "X.X.......XX....", SNARE: "....X..x.x..X..x", RIDE: "x.x.x.x.x.x.x.x."}, (0, 16), range(120, 181, 12)),
    "bossa": ({KICK: "X..xX..xX..xX..x", RIM: "X..X..X...X..X..", HAT: "xxxxxxxxxxxxxxxx"}, (32, 40), range(100, 161, 12)),
    "plain": ({KICK: "X.......X.......", SNARE: "....X.......X...", HAT: "x...x...x...x..."}, (0, 24), range(60, 181, 20)),
}
# For setting constants: other patterns, kits and tempi.
TUNING_PATTERNS = {
    "rock": ({KICK: "X..x....X.......", SNARE: "....X.......X..x", HAT: "x.x.x.x.x.x.x.x."}, (8, 0), range(64, 177, 14)),
    "disco": ({KICK: "X...X...X...X...", SNARE: "....X.......X...", HAT: "xxx.xxx.xxx.xxx.", OPEN: "..x...x...x...x."}, (0, 16), range(96, 141, 9)),
    "techno": ({KICK: "X...X...X...X...", HAT: "..x...x...x...x.", RIM: "...x..x....x..x."}, (25, 24), range(110, 151, 10)),
    "funk": ({KICK: "X..x..x...x..x..", SNARE: "....X..x....X.x.", HAT: "xxxxxxxxxxxxxxxx"}, (8, 0), range(78, 118, 7)),
    "boom bap": ({KICK: "X..x......X..x..", SNARE: "....X.......X...", HAT: "x.x.x.x.x.x.x.x."}, (16, 0), range(70, 106, 7)),
    "jungle": ({KICK: "X.X.......X.....", SNARE: "....X..x.x....X.", HAT: "x.x.x.x.x.x.x.x."}, (16, 8), range(150, 178, 9)),
    "ballad": ({KICK: "X.......X.......", SNARE: "....X.......X...", RIDE: "x...x.x.x...x.x."}, (32, 40), range(60, 100, 9)),
    "tom": ({KICK: "X...X...X...X...", TOM: "..x..x.x..x..x.x", SNARE: "....X.......X..."}, (0, 8), range(90, 161, 14)),
}


@dataclass
class Loop:
    """A file and what is in it."""

    path: Path
    name: str
    bpm: float
    beats: np.ndarray
    onsets: np.ndarray
    lead_s: float


def save(path, bpm, events, program=None, channel=9):
    """Events: (tick, length in ticks, key, velocity)."""
    midi = mido.MidiFile(ticks_per_beat=TICKS)
    track = mido.MidiTrack()
    midi.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=round(60e6 / bpm)))
    if program is not None:
        track.append(mido.Message("program_change", program=program, channel=channel))
    messages = []
    for tick, length, key, velocity in events:
        messages.append((tick, 1, mido.Message("note_on", note=key, velocity=velocity, channel=channel)))
        messages.append((tick + length, 0, mido.Message("note_off", note=key, velocity=0, channel=channel)))
    now = 0
    for tick, _, message in sorted(messages, key=lambda entry: entry[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    midi.save(path)


def render(midi, wav, soundfont, seconds):
    """`seconds` of a MIDI file, as samples too."""
    command = ["fluidsynth", "-ni", "-q", "-r", str(RATE), "-g", "0.6", "-R", "0", "-C", "0", "-F", str(wav), soundfont]
    subprocess.run(command + [str(midi)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    samples, rate = soundfile.read(wav, dtype="float32")
    num_frames = round(seconds * rate)
    return np.pad(samples, ((0, max(0, num_frames - len(samples))), (0, 0)))[:num_frames]


def drum_loop(folder, name, pattern, kit, bpm, bars, lead_s, rng, soundfont):
    """Played by a hand that is a few milliseconds off; `lead_s` of silence before the first bar."""
    beat_s = 60 / bpm
    events, onsets = [], []
    for bar in range(bars):
        for key, steps in pattern.items():
            for step, letter in enumerate(steps):
                if letter == ".":
                    continue
                velocity = rng.randint(100, 118) if letter == "X" else rng.randint(55, 85)
                tick = round((bar * 16 + step) * TICKS / 4 + rng.gauss(0, 0.003) / beat_s * TICKS)
                events.append((max(0, tick), 60, key, velocity))
                onsets.append(max(0, tick) / TICKS * beat_s + lead_s)
    path = folder / f"{name.replace(' ', '-')}-{kit}-{bpm}-{bars}.wav"
    if not path.exists():
        midi = path.with_suffix(".mid")
        save(midi, bpm, events, kit)
        samples = render(midi, path, soundfont, bars * 4 * beat_s)
        lead = np.zeros((round(lead_s * RATE), 2), dtype="float32")
        soundfile.write(path, np.concatenate([lead, samples]), RATE, subtype="PCM_24")
    return Loop(path, name, bpm, lead_s + np.arange(bars * 4) * beat_s, one_by_one(onsets), lead_s)


def one_by_one(onsets):
    """Blows within 25 ms are one onset: a hand that means them together is not exact."""
    onsets = np.sort(np.array(onsets))
    return onsets[np.concatenate([[True], np.diff(onsets) > 0.025])]


def drum_loops(folder, patterns, soundfont, seed):
    """Every pattern at all of its tempi, two to eight bars, every third one after a moment of silence."""
    loops = []
    for name, (pattern, kits, tempi) in patterns.items():
        for index, bpm in enumerate(tempi):
            rng = random.Random(f"{seed} {name} {bpm}")
            lead_s = rng.uniform(0.1, 0.5) if index % 3 == 2 else 0.0
            bars = (4, 2, 8)[index % 3]
            loops.append(drum_loop(folder, name, pattern, kits[index % len(kits)], bpm, bars, lead_s, rng, soundfont))
    return loops


PROGRESSIONS = {
    "major": [(0, (0, 4, 7)), (5, (0, 4, 7)), (9, (0, 3, 7)), (7, (0, 4, 7, 10))],
    "minor": [(0, (0, 3, 7)), (8, (0, 4, 7)), (5, (0, 3, 7)), (7, (0, 4, 7))],
}


def piece(folder, tonic, mode, program, bpm, rng, soundfont):
    """Eight bars of chords with a bass. Returns the path and the key: `C`, `Am`."""
    events = []
    for bar in range(8):
        step, shape = PROGRESSIONS[mode][bar % 4]
        root = (tonic + step) % 12
        start = bar * 4 * TICKS
        events.append((start, 4 * TICKS - 10, 36 + root, rng.randint(80, 100)))
        for beat in range(4):
            for interval in shape:
                key = 60 + (root + interval) % 12
                events.append((start + beat * TICKS, TICKS - 20, key, rng.randint(60, 90)))
    path = folder / f"piece-{mode}-{tonic}-{program}.wav"
    if not path.exists():
        midi = path.with_suffix(".mid")
        save(midi, bpm, events, program, channel=0)
        soundfile.write(path, render(midi, path, soundfont, 32 * 60 / bpm), RATE, subtype="PCM_16")
    return path, NAMES[tonic] + ("m" if mode == "minor" else "")


def solo(folder, name, program, keys, bpm, soundfont):
    """One voice: a list of keys or chords, two to a beat."""
    events = []
    for index, key in enumerate(keys * 4):
        for one in key if isinstance(key, tuple) else (key,):
            events.append((index * TICKS // 2, TICKS // 2 - 10, one, 90))
    path = folder / f"solo-{name}.wav"
    if not path.exists():
        midi = path.with_suffix(".mid")
        save(midi, bpm, events, program, channel=0)
        soundfile.write(path, render(midi, path, soundfont, len(keys) * 2 * 60 / bpm), RATE, subtype="PCM_16")
    return path
