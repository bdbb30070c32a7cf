"""Tempo, beats, onsets, key, loudness and roles as `listen::analyse` hears them, beside librosa and pyloudnorm.

Drum loops at 60 to 180 BPM and pieces in all keys, played by fluidsynth with FluidR3 (Debian's fluid-soundfont-gm).
A tempo counts as right within 1 %. Half and double are told as alternatives: that they are among them is printed too.
The constants were set with `--tuning`: other patterns, kits and, where it is installed, another SoundFont.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import librosa
import listening_material as material
import mir_eval
import numpy as np
import programs
import pyloudnorm
import soundfile

warnings.filterwarnings("ignore")
TARGETS = {"tempo": 0.80, "with alternatives": 0.97, "onsets": 0.85, "key": 0.85}
LOUDNESS_TOLERANCE_LU = 0.2


def ours(paths):
    command = programs.example("listen", "analyse_files")
    told = subprocess.run(command + [str(path) for path in paths], check=True, capture_output=True, text=True)
    return {line["file"]: line for line in map(json.loads, told.stdout.splitlines())}


def is_near(bpm, wanted):
    return bpm is not None and abs(bpm / wanted - 1) < 0.01


def theirs(loop):
    """librosa's tempo and onsets."""
    samples, rate = soundfile.read(loop.path, dtype="float32")
    mono = librosa.resample(samples.mean(axis=1), orig_sr=rate, target_sr=22050)
    # Not its beat tracker: with this numba and numpy it ends the process.
    tempo = librosa.feature.tempo(y=mono, sr=22050, hop_length=256)
    onsets = librosa.onset.onset_detect(y=mono, sr=22050, hop_length=256, units="time")
    return float(np.atleast_1d(tempo)[0]), onsets


def drums(folder, args, failed):
    chosen = material.TUNING_PATTERNS if args.tuning else material.PATTERNS
    soundfont = material.TIM if args.tuning and Path(material.TIM).exists() else material.FLUID
    loops = material.drum_loops(folder, chosen, soundfont, 77 if args.tuning else 5)
    heard = ours([loop.path for loop in loops])
    rows = {}
    for loop in loops:
        one = heard[str(loop.path)]
        others = one["alternatives"] or []
        ours_right = [
            is_near(one["bpm"], loop.bpm),
            is_near(one["bpm"], loop.bpm) or any(is_near(other, loop.bpm) for other in others),
            mir_eval.onset.f_measure(loop.onsets, np.array(one["onsets"]), window=0.03)[0],
            mir_eval.beat.f_measure(loop.beats, np.array(one["beats"])),
            one["downbeat"] is not None and abs((one["downbeat"] - loop.lead_s) % (240 / loop.bpm)) < 0.04,
        ]
        if args.wrong and not ours_right[0]:
            print(f"{loop.path.name:28} {loop.bpm:6.1f} heard as {one['bpm']} or {others}")
        tempo, onsets = (None, np.array([])) if args.no_baseline else theirs(loop)
        their_right = [
            is_near(tempo, loop.bpm),
            any(is_near(tempo, loop.bpm * factor) for factor in (0.5, 1, 2)),
            mir_eval.onset.f_measure(loop.onsets, onsets, window=0.03)[0],
            float("nan"),
            float("nan"),
        ]
        rows.setdefault(loop.name, []).append((ours_right, their_right))
    print(f"{'drum loops':12}{'':10}{'tempo':>8}{'or 1/2 2':>10}{'onsets F':>10}{'beats F':>10}{'downbeat':>10}")
    every = [pair for pairs in rows.values() for pair in pairs]
    for name, pairs in [*rows.items(), ("all", every)]:
        for who, side in (("ours", 0), ("librosa", 1)):
            values = np.mean(np.array([pair[side] for pair in pairs], dtype=float), axis=0)
            print(f"{name:12}{who:10}" + "".join(f"{value:10.3f}" for value in values)[2:])
    means = np.mean(np.array([pair[0] for pair in every], dtype=float), axis=0)
    for name, value in zip(("tempo", "with alternatives", "onsets"), means):
        if value < TARGETS[name]:
            failed.append(f"{name}: {value:.3f}, at least {TARGETS[name]}")
    near = [heard[str(l.path)]["bpm"] / l.bpm - 1 for l in loops if is_near(heard[str(l.path)]["bpm"], l.bpm)]
    print(f"{len(loops)} loops; of the tempi that are right the median is off by {100 * np.median(np.abs(near)):.3f} %")


def keys(folder, args, failed):
    soundfont = material.TIM if args.tuning and Path(material.TIM).exists() else material.FLUID
    rng = random.Random(3)
    programs = (4, 16) if args.tuning else (0, 48)
    pieces = [
        material.piece(folder, tonic, mode, program, rng.randint(80, 130), rng, soundfont)
        for tonic in range(12)
        for mode in material.PROGRESSIONS
        for program in programs
    ]
    heard = ours([path for path, _ in pieces])
    respelt = {"Gb": "F#", "C#": "Db", "G#": "Ab", "D#": "Eb", "A#": "Bb"}
    right = 0
    for path, key in pieces:
        told = heard[str(path)]["key"] or ""
        tonic = told.rstrip("m")
        told = respelt.get(tonic, tonic) + told[len(tonic):]
        right += told == key
        if args.wrong and told != key:
            print(f"{path.name:28} {key} heard as {told}")
    print(f"keys of {len(pieces)} pieces: {right} right")
    if right / len(pieces) < TARGETS["key"]:
        failed.append(f"keys: {right} of {len(pieces)}")
    worst = 0.0
    for path, _ in pieces:
        samples, rate = soundfile.read(path)
        worst = max(worst, abs(pyloudnorm.Meter(rate).integrated_loudness(samples) - heard[str(path)]["loudness"]))
    print(f"loudness beside pyloudnorm: {worst:.3f} LU apart at most (at most {LOUDNESS_TOLERANCE_LU})")
    if worst > LOUDNESS_TOLERANCE_LU:
        failed.append(f"loudness: {worst:.3f} LU")


def roles(folder, failed):
    scale = [72, 74, 76, 77, 79, 81, 83, 84]
    chords = [(60, 64, 67), (60, 65, 69), (62, 67, 71), (60, 64, 67)]
    bass = [36, 36, 43, 36, 41, 41, 43, 38]
    rng = random.Random(1)
    loop = material.drum_loop(folder, "role", material.PATTERNS["rock"][0], 0, 110, 4, 0.0, rng, material.FLUID)
    cases = {
        "drums": loop.path,
        "bass": material.solo(folder, "bass", 33, bass, 110, material.FLUID),
        "harmony": material.solo(folder, "strings", 48, chords * 2, 110, material.FLUID),
        "melody": material.solo(folder, "flute", 73, scale, 110, material.FLUID),
    }
    heard = ours(cases.values())
    print(f"{'role':10}" + "".join(f"{name:>10}" for name in cases) + "   bands: sub low low-mid mid high air")
    for wanted, path in cases.items():
        shares = heard[str(path)]["roles"]
        bands = " ".join(f"{share:.2f}" for share in heard[str(path)]["bands"])
        print(f"{wanted:10}" + "".join(f"{share:10.2f}" for share in shares) + "   " + bands)
        if list(cases)[int(np.argmax(shares))] != wanted:
            failed.append(f"role {wanted}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tuning", action="store_true", help="the set the constants were chosen on")
    parser.add_argument("--no-baseline", action="store_true", help="leave librosa out")
    parser.add_argument("--wrong", action="store_true", help="print every tempo and key misheard")
    parser.add_argument("--keep", type=Path, help="a folder that keeps the rendered files for the next run")
    args = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        if args.keep:
            args.keep.mkdir(parents=True, exist_ok=True)
            folder = args.keep
        folder = Path(folder)
        drums(folder, args, failed)
        keys(folder, args, failed)
        roles(folder, failed)
    print("; ".join(failed) if failed else "all within their targets")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
