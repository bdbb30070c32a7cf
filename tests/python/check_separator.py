"""SI-SDR of the built-in separator's stems, beside a plain split into bands and beside librosa's harmonic-percussive
separation, on loops whose stems are known: heavy mixes of the band's renders, and of fluidsynth's of the same parts.

Band split: below 160 Hz is bass, above 4 kHz is drums, what both channels share in between is melody and the rest
harmony. librosa: percussive is drums, harmonic below 200 Hz bass, then shared is melody and the rest harmony as well.
The separator's network learnt from other seeds, and from neither funk nor latin, which have lines of their own. Each
mix is also separated with one stem left out, which has to come out quiet. `--beside` takes another build of the example
`separate_files` into the table. Needs fluidsynth and a General MIDI SoundFont (Debian: fluid-soundfont-gm).
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import librosa
import numpy as np
import programs
import scipy.signal
import separator_material as material
import soundfile

BARS = 4
# Style and seed; `--wide` takes more seeds.
CASES = [("funk", 901), ("deep_house", 902), ("latin", 903), ("rock", 904)]
CONTINUO = programs.continuo()
SEPARATE = programs.example("separate", "separate_files")
NEW_STYLES = ("funk", "latin")
NULL_DB = -100.0
# What a stem that is not in the mix may hold, against the mix.
ABSENT_DB = -12.0


def cases(continuo, folder, chosen):
    for style, seed in chosen:
        place = folder / f"{style}_{seed}"
        material.render(continuo, style, seed, BARS, place)
        played = material.band_stems(place)
        num_frames = max(len(stem) for stem in played.values() if stem is not None)
        kinds = {"band": played, "fluidsynth": material.fluid_stems(place, num_frames)}
        for number, (kind, stems) in enumerate(kinds.items()):
            yield style, seed, kind, material.heavy_mix(stems, np.random.default_rng(seed * 2 + number))


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


def separated(command, wavs):
    """By our example, or another build of it: name -> samples for each file."""
    pairs = [str(word) for wav in wavs for word in (wav, wav.with_suffix(""))]
    subprocess.run(command + pairs, check=True, stdout=subprocess.DEVNULL)
    return [{name: soundfile.read(wav.with_suffix("") / f"{name}.wav")[0] for name in material.STEMS} for wav in wavs]


def null_db(mix, stems):
    """What is left of the mix without its stems, against full scale."""
    left = np.abs(mix - sum(stems.values())).max()
    return 20 * np.log10(max(left, 1e-12))


def mixes(args, folder):
    """(style, kind, stems, absent, file, mix): every case whole, and with one stem left out."""
    chosen = CASES if not args.wide else [(style, seed + 10 * more) for more in range(4) for style, seed in CASES]
    for number, (style, seed, kind, stems) in enumerate(cases(args.continuo, folder, chosen)):
        heard = [name for name in material.STEMS if np.abs(stems[name]).max() > 1e-3]
        for absent in (None, heard[number % len(heard)]):
            present = {name: stem if name != absent else np.zeros_like(stem) for name, stem in stems.items()}
            wav = folder / f"{style}_{seed}.{kind}.{absent}.wav"
            # What is separated is what a 24-bit file holds.
            soundfile.write(wav, sum(present.values()), material.RATE, subtype="PCM_24")
            yield style, kind, present, absent, wav, soundfile.read(wav)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--continuo", nargs="+", default=CONTINUO)
    parser.add_argument("--beside", nargs="+", help="another build of separate_files")
    parser.add_argument("--wide", action="store_true", help="more seeds; minutes")
    args = parser.parse_args()
    rows, quiet, worst_null = {}, {}, -np.inf
    with tempfile.TemporaryDirectory() as folder:
        known = list(mixes(args, Path(folder)))
        wavs = [wav for *_, wav, _ in known]
        others = separated(args.beside, wavs) if args.beside else [None] * len(known)
        found = separated(SEPARATE, wavs)
    for (style, kind, stems, absent, _, mix), ours, other in zip(known, found, others):
        worst_null = max(worst_null, null_db(mix, ours))
        everybody = {"ours": ours, "bands": band_split(mix), "librosa": hpss_split(mix)}
        if other:
            everybody["beside"] = other
        for who, parts in everybody.items():
            if absent:
                share_db = 10 * np.log10((parts[absent] ** 2).sum() / (mix**2).sum() + 1e-9)
                quiet.setdefault(who, []).append(share_db)
                continue
            for stem in material.STEMS:
                if np.abs(stems[stem]).max() > 1e-3:
                    value = material.si_sdr_db(stems[stem], parts[stem])
                    for name in (kind, "new styles") if style in NEW_STYLES else (kind,):
                        rows.setdefault((name, who), {}).setdefault(stem, []).append(value)
    failed = report(rows, quiet)
    print(f"stems against the mix: {worst_null:.0f} dBFS at most, target {NULL_DB:.0f}")
    if worst_null > NULL_DB:
        failed.append(f"stems leave {worst_null:.0f} dBFS of the mix")
    sys.exit("\n".join(failed) or 0)


def report(rows, quiet):
    failed = []
    print(f"{'SI-SDR, dB':22}" + "".join(f"{stem:>10}" for stem in material.STEMS) + f"{'mean':>10}")
    for kind in ("band", "fluidsynth", "new styles"):
        means = {}
        for who in quiet:
            values = [np.mean(rows[kind, who][stem]) for stem in material.STEMS]
            means[who] = np.mean(values)
            print(f"{kind:12}{who:10}" + "".join(f"{value:10.2f}" for value in [*values, means[who]]))
        failed += [f"{kind}: {who} is better" for who in ("bands", "librosa") if means[who] >= means["ours"]]
    for who, levels in quiet.items():
        told = f"mean {np.mean(levels):6.1f} dB, worst {max(levels):6.1f}"
        print(f"a stem that is not there, against the mix: {who:10}{told}")
    if np.mean(quiet["ours"]) > ABSENT_DB:
        failed.append(f"stems that are not there hold {np.mean(quiet['ours']):.1f} dB of the mix")
    return failed


if __name__ == "__main__":
    main()
