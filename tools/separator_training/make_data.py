"""Makes the stems that the separator's network learns from: the band's, and fluidsynth's of the same parts.

    python make_data.py --continuo PROGRAM --out FOLDER [--seeds 1 2 3 4 5] [--without funk latin]

Runs in the environment of tests/python/requirements.txt; needs fluidsynth with FluidR3_GM and TimGM6mb. For every style
and seed the band plays eight bars; its stems make one file, fluidsynth's with the style's instruments and with others
make two more. In each file every stem gets its own tone, saturation and room, and all together another pitch and tempo
(as a tape that runs faster or slower). One .npy a file: 16-bit integers, (4 stems, frames, 2 channels), 48 kHz.
Styles named by `--without` are left out, to be tested with.
"""
import argparse
import fractions
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import scipy.signal

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "python"))
import separator_material as material

BARS = 8
# General MIDI programs that a part may be played with. Melody: reeds, pipes, leads, strings, and voices, which are to
# be in the same stem.
PROGRAMS = {
    "bass": list(range(32, 40)),
    "harmony": list(range(0, 8)) + list(range(16, 32)) + list(range(48, 52)) + list(range(88, 96)),
    "melody": [52, 53, 54, 85, 52, 53, 40, 42, 56, 59, 64, 65, 66, 71, 73, 75, 11, 26, 29, 80, 81, 82],
}
ROOM = {"drums": 0.35, "bass": 0.1, "harmony": 0.5, "melody": 0.5}


def sources(folder, rng):
    """name -> stem, for the band and for fluidsynth with two sets of instruments."""
    band = material.band_stems(folder)
    num_frames = max(len(stem) for stem in band.values() if stem is not None)
    yield "band", band
    yield "fluid", material.fluid_stems(folder, num_frames)
    programs = {name: rng.choice(kinds) for name, kinds in PROGRAMS.items()}
    yield "other", material.fluid_stems(folder, num_frames, programs, material.TIM)


def treated(stems, rng):
    """(4, frames, 2), at most 1 and as loud beside each other as they were; those that are not there are silent."""
    num_frames = max(len(stem) for stem in stems.values() if stem is not None)
    made = np.zeros((len(material.STEMS), num_frames, 2), dtype=np.float32)
    for number, name in enumerate(material.STEMS):
        stem = stems[name]
        if stem is None or np.abs(stem).max() < 1e-4:
            continue
        loudness = np.sqrt((stem**2).mean())
        stem = material.toned(stem, rng.uniform(-5, 5), rng.uniform(300, 3000))
        if rng.random() < 0.4:
            stem = np.tanh(rng.uniform(1.0, 5.0) * stem / np.abs(stem).max())
        stem = material.roomed(stem, rng, rng.uniform(0.0, ROOM[name]))
        made[number] = stem * (loudness / np.sqrt((stem**2).mean()))
    semitones = 0 if rng.random() < 0.4 else int(rng.integers(-3, 4))
    ratio = fractions.Fraction(2 ** (-semitones / 12)).limit_denominator(40)
    if ratio != 1:
        made = scipy.signal.resample_poly(made, ratio.numerator, ratio.denominator, axis=1)
    return made / np.abs(made).max()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--continuo", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--without", nargs="*", default=["funk", "latin"])
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    listed = subprocess.run([args.continuo, "generate", "--list-styles"], check=True, capture_output=True, text=True)
    styles = [line.split("\t")[0] for line in listed.stdout.splitlines()]
    for seed in args.seeds:
        for style in styles:
            if style in args.without:
                continue
            number = styles.index(style)
            with tempfile.TemporaryDirectory() as folder:
                material.render([args.continuo], style, seed, BARS, folder)
                chosen = sources(Path(folder), random.Random(1000 * seed + number))
                for turn, (kind, stems) in enumerate(chosen):
                    made = treated(stems, np.random.default_rng([seed, number, turn]))
                    written = args.out / f"{style}_{seed}_{kind}.npy"
                    np.save(written.with_suffix(".part.npy"), np.round(made * 32767).astype(np.int16))
                    written.with_suffix(".part.npy").rename(written)
            print(f"{style} {seed}", flush=True)


if __name__ == "__main__":
    main()
