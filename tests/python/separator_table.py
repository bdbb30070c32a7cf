"""SI-SDR of the built-in separator's stems, beside a plain split into bands and beside librosa's harmonic-percussive
separation, on loops whose stems are known: heavy mixes of the band's renders, and of fluidsynth's of the same parts.

Band split: below 160 Hz is bass, above 4 kHz is drums, what both channels share in between is melody and the rest
harmony. librosa: percussive is drums, harmonic below 200 Hz bass, then shared is melody and the rest harmony as well.
The separator's constants were set on other seeds, and on neither funk nor latin.
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import librosa
import numpy as np
import scipy.signal
import separator_material as material
import soundfile

BARS = 4
# Style and seed; `--wide` takes more seeds.
CASES = [("funk", 901), ("deep_house", 902), ("latin", 903), ("rock", 904)]
CONTINUO = ["cargo", "run", "-q", "-p", "headless", "--bin", "continuo", "--"]
NULL_DB = -100.0


def cases(continuo, folder, chosen):
    for style, seed in chosen:
        place = folder / f"{style}_{seed}"
        material.render(continuo, style, seed, BARS, place)
        played = material.band_stems(place)
        num_frames = max(len(stem) for stem in played.values() if stem is not None)
        kinds = {"band": played, "fluidsynth": material.fluid_stems(place, num_frames)}
        for number, (kind, stems) in enumerate(kinds.items()):
            mixed = material.heavy_mix(stems, np.random.default_rng(seed * 2 + number))
            yield f"{style}_{seed}", kind, mixed


def crossed(samples, low_hz, high_hz):
    """Below, between and above, adding up to the samples."""
    def low(hz):
        return scipy.signal.sosfiltfilt(scipy.signal.butter(4, hz, fs=material.RATE, output="sos"), samples, axis=0)

    below, up_to = low(low_hz), low(high_hz)
    return below, up_to - below, samples - up_to


def middle_and_sides(samples):
    middle = np.repeat(samples.mean(axis=1, keepdims=True), 2, axis=1)
    return middle, samples - middle


def band_split(mix):
    bass, between, drums = crossed(mix, 160, 4000)
    melody, harmony = middle_and_sides(between)
    return {"drums": drums, "bass": bass, "harmony": harmony, "melody": melody}


def hpss_split(mix):
    transformed = librosa.stft(mix.T, n_fft=2048)
    harmonic, percussive = librosa.decompose.hpss(transformed, mask=True)
    del percussive
    tonal = librosa.istft(transformed * harmonic, length=len(mix)).T
    bass, between, above = crossed(tonal, 200, 8000)
    melody, harmony = middle_and_sides(between + above)
    return {"drums": mix - tonal, "bass": bass, "harmony": harmony, "melody": melody}


def ours(folder, wavs):
    pairs = [str(word) for wav in wavs for word in (wav, wav.with_suffix(""))]
    command = ["cargo", "run", "-q", "--release", "-p", "separate", "--example", "separate_files", "--"]
    subprocess.run(command + pairs, check=True, stdout=subprocess.DEVNULL)
    return [{name: soundfile.read(wav.with_suffix("") / f"{name}.wav")[0] for name in material.STEMS} for wav in wavs]


def null_db(mix, stems):
    """What is left of the mix without its stems, against full scale."""
    left = np.abs(mix - sum(stems.values())).max()
    return 20 * np.log10(max(left, 1e-12))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--continuo", nargs="+", default=CONTINUO)
    parser.add_argument("--wide", action="store_true", help="more seeds; minutes")
    args = parser.parse_args()
    chosen = CASES if not args.wide else [(style, seed + 10 * more) for more in range(4) for style, seed in CASES]
    rows, worst_null = {}, -np.inf
    with tempfile.TemporaryDirectory() as folder:
        known, wavs = [], []
        for name, kind, stems in cases(args.continuo, Path(folder), chosen):
            wav = Path(folder) / f"{name}.{kind}.wav"
            mix = sum(stems.values())
            # What is separated is what a 24-bit file holds.
            soundfile.write(wav, mix, material.RATE, subtype="PCM_24")
            known.append((kind, stems, soundfile.read(wav)[0]))
            wavs.append(wav)
        for (kind, stems, mix), found in zip(known, ours(folder, wavs)):
            worst_null = max(worst_null, null_db(mix, found))
            for who, parts in (("ours", found), ("bands", band_split(mix)), ("librosa", hpss_split(mix))):
                for stem in material.STEMS:
                    if np.abs(stems[stem]).max() > 1e-3:
                        value = material.si_sdr_db(stems[stem], parts[stem])
                        rows.setdefault((kind, who), {}).setdefault(stem, []).append(value)
    failed = report(rows)
    print(f"stems against the mix: {worst_null:.0f} dBFS at most, target {NULL_DB:.0f}")
    if worst_null > NULL_DB:
        failed.append(f"stems leave {worst_null:.0f} dBFS of the mix")
    sys.exit("\n".join(failed) or 0)


def report(rows):
    failed = []
    print(f"{'SI-SDR, dB':22}" + "".join(f"{stem:>10}" for stem in material.STEMS) + f"{'mean':>10}")
    for kind in ("band", "fluidsynth"):
        means = {}
        for who in ("ours", "bands", "librosa"):
            values = [np.mean(rows[kind, who][stem]) for stem in material.STEMS]
            means[who] = np.mean(values)
            print(f"{kind:12}{who:10}" + "".join(f"{value:10.2f}" for value in [*values, means[who]]))
        failed += [f"{kind}: {who} is better" for who in ("bands", "librosa") if means[who] >= means["ours"]]
    return failed


if __name__ == "__main__":
    main()
