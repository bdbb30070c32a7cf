"""Compares stretchers on material whose truth is known. See docs/STRETCH.md for what the numbers mean.

    cargo build --release --manifest-path tools/stretch-bench/Cargo.toml
    python tools/stretch-bench/bench.py BINARY [--out FOLDER] [--sets ...] [--engines ...] [--quick] [--keep]

Needs numpy, scipy and soundfile; rubberband (Debian: rubberband-cli) where it is to be compared.
"""
import argparse
import pathlib
import resource
import shutil
import subprocess

import numpy as np
import soundfile
from scipy import signal

import material

RATE = material.RATE
BPM = 120.0
SPEEDS = [0.5, 0.8, 0.9, 1.1, 1.25, 2.0]
PITCHES = [-12, -3, 3, 12]
CASES = [(s, 0) for s in SPEEDS] + [(1.0, p) for p in PITCHES]
QUICK = [(0.8, 0), (1.25, 0), (1.0, 3)]
SETS = {name: [name] for name in material.STEMS} | {"full mix": list(material.STEMS)}
ENGINES = ["apart", "together", "signalsmith", "timestretch", "rubberband R2", "rubberband R3"]


def stretch(engine, binary, folder, stems, speed, semis, target):
    """Audio of one pass round the loop and processor time as a share of real time."""
    out = folder / "out.wav"
    if engine.startswith("rubberband"):
        both = np.concatenate([sum(stems)] * 2)
        soundfile.write(folder / "in.wav", both, RATE, "FLOAT")
        flag = "-2" if engine.endswith("R2") else "-3"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["rubberband", "-q", flag, "-t", str(1 / speed), "-p", str(semis), folder / "in.wav", out],
                       check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        audio = soundfile.read(out)[0]
        share = (after.ru_utime - before.ru_utime) / (len(audio) / RATE)
        return audio[target:2 * target], share
    paths = []
    for index, stem in enumerate(stems):
        paths.append(folder / f"stem{index}.wav")
        soundfile.write(paths[-1], stem, RATE, "FLOAT")
    done = subprocess.run([binary, engine, str(speed), str(semis), out, *paths], check=True, capture_output=True)
    return soundfile.read(out)[0], float(done.stdout)


def attacks(audio, speed, beats):
    """Error in ms of each attack's start (10 % of its peak) and the time from 10 % to 90 %."""
    fpb = 60 * RATE / (BPM * speed)
    sos = signal.butter(4, 3000, "high", fs=RATE, output="sos")
    env = np.abs(signal.sosfilt(sos, audio.mean(1)))
    errors, rises = [], []
    for beat in beats:
        centre = int(round(beat * fpb))
        window = np.arange(centre - int(0.025 * RATE), centre + int(0.025 * RATE)) % len(env)
        piece = np.maximum.accumulate(env[window])
        piece = piece - piece[0]
        top = piece[-1]
        low, high = np.argmax(piece > 0.1 * top), np.argmax(piece > 0.9 * top)
        errors.append((low - int(0.025 * RATE)) / RATE * 1e3)
        rises.append((high - low) / RATE * 1e3)
    return np.array(errors), np.array(rises)


def spectral_distance(got, truth):
    """Log-spectral distance in dB over loud cells (within 60 dB of the loudest), mean of the channels."""
    total = []
    for side in range(2):
        shapes = [np.abs(signal.stft(x[:, side], RATE, nperseg=2048, noverlap=1536)[2]) for x in (got, truth)]
        floor = shapes[1].max() * 1e-3
        logs = [20 * np.log10(np.maximum(x, floor)) for x in shapes]
        cells = np.maximum(*shapes) > floor
        total.append(np.sqrt(np.mean((logs[0] - logs[1])[cells] ** 2)))
    return float(np.mean(total))


def roughness(got, truth):
    """Modulation that was not there: rms difference in dB of the 10 ms level, 200..4000 Hz."""
    sos = signal.butter(2, [200, 4000], "band", fs=RATE, output="sos")
    levels = []
    for x in (got, truth):
        power = signal.sosfiltfilt(sos, x, axis=0) ** 2
        hop = RATE // 100
        count = len(power) // hop
        levels.append(10 * np.log10(power[: count * hop].reshape(count, -1).mean(1) + 1e-7))
    return float(np.sqrt(np.mean((levels[0] - levels[1]) ** 2)))


def cents(got, truth):
    """Shift of the spectrum against the truth's, in cents, by correlating log-frequency spectra."""
    spectra = []
    grid = np.geomspace(80, 5000, 20_000)
    for x in (got, truth):
        power = np.abs(np.fft.rfft(x.mean(1) * np.hanning(len(x)), 1 << 19))
        spectra.append(np.interp(grid, np.fft.rfftfreq(1 << 19, 1 / RATE), power))
    step = 1200 * np.log2(grid[1] / grid[0])
    lags = np.arange(-150, 151)
    best = [np.dot(np.roll(spectra[0], -lag), spectra[1]) for lag in lags]
    return float(lags[int(np.argmax(best))] * step)


def correlation(audio):
    left, right = audio[:, 0], audio[:, 1]
    return float(np.dot(left, right) / np.sqrt(np.dot(left, left) * np.dot(right, right)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--out", default="stretch-bench-out")
    parser.add_argument("--engines", nargs="*", default=ENGINES)
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    parser.add_argument("--quick", action="store_true", help="three cases instead of ten")
    parser.add_argument("--keep", action="store_true", help="keep every result as a WAV file")
    args = parser.parse_args()
    folder = pathlib.Path(args.out)
    folder.mkdir(parents=True, exist_ok=True)
    engines = [e for e in args.engines if not e.startswith("rubberband") or shutil.which("rubberband")]
    rows = []
    for name in args.sets:
        stems = [material.render(stem, BPM) for stem in SETS[name]]
        for speed, semis in QUICK if args.quick else CASES:
            truth = sum(material.render(stem, BPM * speed, semis) for stem in SETS[name])
            for engine in engines:
                audio, share = stretch(engine, args.binary, folder, stems, speed, semis, len(truth))
                audio = audio[: len(truth)]
                audio = np.pad(audio, ((0, len(truth) - len(audio)), (0, 0)))
                if args.keep:
                    soundfile.write(folder / f"{name}_{speed}_{semis}_{engine}.wav".replace(" ", "-"), audio, RATE)
                row = {"set": name, "case": f"x{speed}" if semis == 0 else f"{semis:+d} st", "engine": engine,
                       "cpu %": 100 * share, "lsd dB": spectral_distance(audio, truth),
                       "level dB": roughness(audio, truth), "cents": cents(audio, truth),
                       "stereo": correlation(audio) - correlation(truth)}
                if name in ("drums", "full mix"):
                    got, want = attacks(audio, speed, material.drum_onsets()), attacks(truth, speed, material.drum_onsets())
                    # Attacks that this simple detector does not find in the truth either (under a tail) do not count.
                    clear = np.abs(want[0]) < 1.5
                    if not clear.any():
                        clear[:] = True
                    off = np.abs(got[0] - want[0])[clear]
                    row |= {"onset ms": float(np.median(off)), "onset 95 %": float(np.percentile(off, 95)),
                            "smear ms": float(np.mean((got[1] - want[1])[clear]))}
                rows.append(row)
    report(rows, engines)


def report(rows, engines):
    """One table per material: mean over the tempo cases and over the pitch cases."""
    keys = ["cpu %", "lsd dB", "level dB", "cents", "stereo", "onset ms", "onset 95 %", "smear ms"]
    for kind, test in (("tempo x0.5..x2", lambda c: c.startswith("x")), ("pitch -12..+12", lambda c: not c.startswith("x"))):
        print(f"\n### {kind}\n\n| material | engine | " + " | ".join(keys) + " |\n" + "| --- " * (len(keys) + 2) + "|")
        for name in dict.fromkeys(row["set"] for row in rows):
            for engine in engines:
                cell = [r for r in rows if r["set"] == name and r["engine"] == engine and test(r["case"])]
                values = [np.mean(np.abs([r[k] for r in cell if k in r])) if any(k in r for r in cell) else None for k in keys]
                print(f"| {name} | {engine} | " + " | ".join("" if v is None else f"{v:.2f}" for v in values) + " |")


if __name__ == "__main__":
    main()
