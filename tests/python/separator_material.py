"""Loops whose stems are known, at 48 kHz: the band's renders and fluidsynth's of the same parts, mixed heavily.

Every stem gets its own level, tone, place and room; a bus compressor then moves all stems together, so that they still
add up to the mix. Loops are circles: the room's tail goes round.
"""
import subprocess
from pathlib import Path

import numpy as np
import scipy.signal
import soundfile

RATE = 48000
STEMS = ["drums", "bass", "harmony", "melody"]
FLUID = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
TIM = "/usr/share/sounds/sf2/TimGM6mb.sf2"
# What the four stems are made of: the band's fifth, its texture, goes with the harmony.
SOURCES = {"drums": ["drums"], "bass": ["bass"], "harmony": ["harmony", "other"], "melody": ["melody"]}
PARTS = {"drums": ["drums"], "bass": ["bass"], "harmony": ["harmony", "texture"], "melody": ["melody"]}


def render(command, style, seed, bars, folder):
    """Lets the band play: stems and parts in `folder`."""
    wanted = ["generate", "--style", style, "--seed", str(seed), "--bars", str(bars), "--out", str(folder)]
    subprocess.run(command + wanted, check=True, stdout=subprocess.DEVNULL)


def band_stems(folder):
    """name -> samples (frames, 2), or None where the band has none."""
    found = {}
    for name, sources in SOURCES.items():
        files = [Path(folder) / "stems" / f"{source}.wav" for source in sources]
        parts = [soundfile.read(file, dtype="float32", always_2d=True)[0] for file in files if file.exists()]
        found[name] = sum(parts) if parts else None
    return found


def fluid_stems(folder, num_frames, programs=None, soundfont=FLUID):
    """The same parts played by fluidsynth; what rings on past the end goes round. `programs`: name -> General MIDI."""
    found = {}
    for name, parts in PARTS.items():
        files = [Path(folder) / "parts" / f"{part}.mid" for part in parts]
        played = [fluid(file, num_frames, (programs or {}).get(name), soundfont) for file in files if file.exists()]
        found[name] = sum(played) if played else None
    return found


def fluid(midi, num_frames, program, soundfont):
    import mido

    if program is not None:
        file = mido.MidiFile(midi)
        for track in file.tracks:
            for message in track:
                if message.type == "program_change" and message.channel != 9:
                    message.program = program
        midi = midi.with_suffix(".other.mid")
        file.save(midi)
    wav = midi.with_suffix(".fluid.wav")
    command = ["fluidsynth", "-ni", "-q", "-r", str(RATE), "-g", "0.5", "-R", "0", "-C", "0", "-F", str(wav), soundfont]
    subprocess.run(command + [str(midi)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    samples, _ = soundfile.read(wav, dtype="float32", always_2d=True)
    wav.unlink()
    rounds = -(-len(samples) // num_frames)
    return np.pad(samples, ((0, rounds * num_frames - len(samples)), (0, 0))).reshape(rounds, num_frames, 2).sum(axis=0)


def heavy_mix(stems, rng, amount=1.0):
    """Stems as they are in a finished mix: levels, tone, place, room, bus compression. Absent ones become silence."""
    num_frames = max(len(stem) for stem in stems.values() if stem is not None)
    mixed = {}
    for name in STEMS:
        stem = stems.get(name)
        if stem is None or np.abs(stem).max() < 1e-4:
            mixed[name] = np.zeros((num_frames, 2), dtype=np.float32)
            continue
        level_db = rng.uniform(-4, 4) * amount
        stem = stem * 10 ** (level_db / 20)
        stem = toned(stem, rng.uniform(-4, 4) * amount, rng.uniform(400, 3000))
        if name in ("harmony", "melody"):
            stem = placed(stem, rng.uniform(-0.6, 0.6) * amount)
        mixed[name] = roomed(stem, rng, rng.uniform(0.0, 0.5 if name != "bass" else 0.1) * amount)
    gain = bus_gain(sum(mixed.values()), rng.uniform(2, 6))
    peak = np.abs(sum(mixed.values()) * gain).max()
    return {name: (stem * gain * (0.8 / peak)).astype(np.float32) for name, stem in mixed.items()}


def toned(stem, tilt_db, corner_hz):
    """A shelf above `corner_hz`."""
    spectrum = np.fft.rfft(stem, axis=0)
    hz = np.fft.rfftfreq(len(stem), 1 / RATE)
    share = hz**2 / (hz**2 + corner_hz**2)
    return np.fft.irfft(spectrum * (10 ** (tilt_db * share / 20))[:, None], len(stem), axis=0)


def placed(stem, pan):
    angle = (pan + 1) * np.pi / 4
    return stem * (np.sqrt(2) * np.array([np.cos(angle), np.sin(angle)]))


def roomed(stem, rng, wet):
    """Noise that dies away, another one for each ear, as a room."""
    seconds = rng.uniform(0.4, 2.0)
    length = min(int(seconds * RATE), len(stem))
    fall = np.exp(-6.9 * np.arange(length) / (seconds * RATE))
    impulse = rng.standard_normal((length, 2)) * fall[:, None]
    impulse = scipy.signal.lfilter([0.4], [1, -0.6], impulse, axis=0)
    impulse /= np.sqrt((impulse**2).sum(axis=0))
    pad = np.zeros((len(stem) - length, 2))
    response = np.fft.rfft(np.concatenate([impulse, pad]), axis=0)
    mono = stem.mean(axis=1, keepdims=True)
    return stem + wet * np.fft.irfft(np.fft.rfft(mono, axis=0) * response, len(stem), axis=0)


def bus_gain(mix, ratio):
    """The gain of a compressor, 10 ms up and 120 ms down, on a circle."""
    power = (mix**2).mean(axis=1)
    step = 480
    blocks = np.add.reduceat(power, np.arange(0, len(power), step)) / step
    level_db = 10 * np.log10(blocks + 1e-9)
    threshold_db = np.percentile(level_db, 60) - 3
    wanted = np.minimum(0, (threshold_db - level_db) * (1 - 1 / ratio))
    gain, smooth = 0.0, np.zeros(len(wanted))
    for _ in range(2):
        for index, target in enumerate(wanted):
            gain += (target - gain) * (0.63 if target < gain else 0.08)
            smooth[index] = gain
    centres = np.arange(len(smooth)) * step
    return 10 ** (np.interp(np.arange(len(power)), centres, smooth, period=len(power)) / 20)[:, None]


def si_sdr_db(wanted, found):
    """Scale-invariant signal-to-distortion ratio (Le Roux et al., ICASSP 2019) over both channels at once."""
    wanted, found = wanted.astype(np.float64).ravel(), found.astype(np.float64).ravel()
    target = (found @ wanted) / (wanted @ wanted) * wanted
    return 10 * np.log10((target @ target) / max(((found - target) ** 2).sum(), 1e-20))
