"""What the musical report measures of one take, with other people's analysers. It knows the take's tempo and key only to
judge what they found, never to find it."""
import json
import os
import pathlib

# One thread each: two takes are measured at a time.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import essentia
import essentia.standard
import librosa
import mido
import numpy as np
import pyloudnorm
import scipy.signal
import soundfile

essentia.log.infoActive = essentia.log.warningActive = False
ANALYSIS_RATE_HZ = 22_050
# What essentia's extractors expect.
ESSENTIA_RATE_HZ = 44_100
# 5.8 ms: at 174 BPM one frame of lag is 1.7 % of a beat, so the nearest lag is within 0.9 %.
TEMPO_HOP = 128
TEMPO_TOLERANCE = 0.02
SEAM_REACH_S = 0.005

# Krumhansl and Kessler (1982), probe-tone ratings of major and minor.
MAJOR_PROFILE = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88]
MINOR_PROFILE = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]

TONICS = {"C": 0, "Db": 1, "D": 2, "Eb": 3, "E": 4, "F": 5, "Gb": 6, "G": 7, "Ab": 8, "A": 9, "Bb": 10, "B": 11}
TONICS |= {"C#": 1, "D#": 3, "F#": 6, "G#": 8, "A#": 10}
# Semitones from a mode's tonic up to the tonic of the major scale with the same notes.
PARENT = {"dorian": 10, "phrygian": 8, "lydian": 7, "mixolydian": 5, "locrian": 1}
MAJOR_LIKE = {"major", "lydian", "mixolydian", "major_pentatonic"}


def load(folder):
    """A take as `continuo generate` wrote it."""
    info = json.loads((folder / "take.json").read_text())
    mix, rate = soundfile.read(folder / info["mix"], dtype="float64", always_2d=True)
    return info, mix, rate


def mono(audio, rate):
    """One channel at the rate of the analysis."""
    return librosa.resample(audio.mean(axis=1), orig_sr=rate, target_sr=ANALYSIS_RATE_HZ)


def tempo_bpm(signal):
    """librosa's own estimate: autocorrelation of onset strength under its default prior (120 BPM, one octave wide)."""
    strength = librosa.onset.onset_strength(y=signal, sr=ANALYSIS_RATE_HZ, hop_length=TEMPO_HOP)
    return float(librosa.feature.tempo(onset_envelope=strength, sr=ANALYSIS_RATE_HZ, hop_length=TEMPO_HOP)[0])


def tempo_ratio(found, true):
    """Which simple ratio the tempo found stands in to the true one, None where none is within the tolerance."""
    ratios = {"1": 1, "1/2": 1 / 2, "2": 2, "2/3": 2 / 3, "3/2": 3 / 2, "1/3": 1 / 3, "3": 3, "4/3": 4 / 3, "3/4": 3 / 4}
    return next((name for name, ratio in ratios.items() if abs(found / true / ratio - 1) <= TEMPO_TOLERANCE), None)


def pitched(folder, info, rate):
    """The stems that are not drums, by kind."""
    stems = [stem for stem in info["stems"] if stem["kind"] != "drums"]
    read = lambda stem: soundfile.read(folder / stem["file"], dtype="float64", always_2d=True)[0]
    return {stem["kind"]: mono(read(stem), rate) for stem in stems}


def pitch_classes(signal):
    """How much of each of the twelve pitch classes is heard, C first, as shares."""
    total = librosa.feature.chroma_cqt(y=signal, sr=ANALYSIS_RATE_HZ).mean(axis=1)
    return total / total.sum()


def key(classes):
    """Best of the 24 keys by correlation with the profiles: (tonic, is_major)."""
    fits = {
        (tonic, is_major): np.corrcoef(classes, np.roll(profile, tonic))[0, 1]
        for tonic in range(12)
        for is_major, profile in ((True, MAJOR_PROFILE), (False, MINOR_PROFILE))
    }
    return max(fits, key=fits.get)


def accepted_keys(tonic, scale):
    """The key and its relative; of a mode, the tonic's key and the pair with the same notes; of blues, which has both
    thirds, both keys of the tonic and the relative of the minor one."""
    is_major = scale in MAJOR_LIKE
    own = (tonic, is_major)
    if scale in PARENT:
        parent = (tonic + PARENT[scale]) % 12
        return {own, (parent, True), ((parent + 9) % 12, False)}
    relative = ((tonic + 9) % 12, False) if is_major else ((tonic + 3) % 12, True)
    return {own, relative} | ({(tonic, True)} if scale == "blues" else set())


def extracted_key(mix, rate):
    """essentia's KeyExtractor with its own defaults on the whole mix, drums included: (tonic, is_major)."""
    signal = librosa.resample(mix.mean(axis=1), orig_sr=rate, target_sr=ESSENTIA_RATE_HZ).astype(np.float32)
    tonic, mode, _ = essentia.standard.KeyExtractor()(signal)
    return TONICS[tonic], mode == "major"


def key_name(found):
    """A key as people write it."""
    tonic, is_major = found
    return librosa.midi_to_note(60 + tonic, octave=False, unicode=False) + ("" if is_major else "m")


def loudness(mix, rate):
    """Integrated loudness in LUFS (BS.1770-4) and true peak in dBTP (4x oversampled, the loop played round)."""
    integrated = pyloudnorm.Meter(rate).integrated_loudness(mix)
    round_it = np.concatenate([mix[-256:], mix, mix[:256]])
    peak = np.abs(scipy.signal.resample_poly(round_it, 4, 1, axis=0)).max()
    return float(integrated), float(20 * np.log10(max(peak, 1e-9)))


def seam(mix, rate):
    """Largest sample step across the seam, and the largest within 5 ms of it; each over the largest of all others. The
    second one is high where the loop opens with its hardest hit: it is told, not judged."""
    reach = int(SEAM_REACH_S * rate)
    steps = np.abs(np.diff(mix, axis=0)).max(axis=1)
    around = max(steps[:reach].max(), steps[-reach:].max())
    return float(np.abs(mix[0] - mix[-1]).max() / steps.max()), float(around / steps[reach:-reach].max())


def notes(folder, info):
    """Notes of all parts on a grid of sixteenths, counted from the tonic: the same tune in another key, or the same
    rhythm with other dynamics or timing, is the same."""
    tonic = TONICS[info["key"]]
    found = []
    for part in info["parts"]:
        file = mido.MidiFile(folder / part["file"])
        for track in file.tracks:
            at = 0
            for message in track:
                at += message.time
                if message.type == "note_on" and message.velocity > 0:
                    pitch = message.note if part["kind"] == "drums" else message.note - tonic
                    found.append((part["kind"], round(4 * at / file.ticks_per_beat), pitch))
    return sorted(found)


def features(signal, tempo, classes):
    """Plain numbers of a kind that every textbook has, as name to value."""
    spectrum = np.abs(librosa.stft(signal, n_fft=2048, hop_length=512))
    shape = {"S": spectrum, "sr": ANALYSIS_RATE_HZ}
    found = {}
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(librosa.feature.melspectrogram(S=spectrum**2, sr=shape["sr"])), n_mfcc=13)
    for index, row in enumerate(mfcc):
        found[f"mfcc{index}_mean"], found[f"mfcc{index}_std"] = row.mean(), row.std()
    for name in ("centroid", "bandwidth", "rolloff"):
        row = getattr(librosa.feature, f"spectral_{name}")(**shape)
        found[f"{name}_mean"], found[f"{name}_std"] = row.mean(), row.std()
    for index, row in enumerate(librosa.feature.spectral_contrast(**shape)):
        found[f"contrast{index}"] = row.mean()
    onsets = librosa.onset.onset_detect(y=signal, sr=shape["sr"])
    found["onsets_per_second"] = len(onsets) / (len(signal) / shape["sr"])
    found["tempo"] = np.log2(tempo)
    found["chroma_entropy"] = -(classes * np.log2(classes + 1e-12)).sum()
    power, bins = (spectrum**2).sum(axis=1), librosa.fft_frequencies(sr=shape["sr"], n_fft=2048)
    edges = [0, 60, 120, 250, 500, 1_000, 2_000, 4_000, 8_000, 12_000]
    for low, high in zip(edges, edges[1:]):
        band = power[(bins >= low) & (bins < high)].sum()
        found[f"band_{low}"] = 10 * np.log10(band / power.sum() + 1e-9)
    return {name: float(value) for name, value in found.items()}


def measure(folder):
    """Everything about one take, as plain data."""
    folder = pathlib.Path(folder)
    info, mix, rate = load(folder)
    signal = mono(mix, rate)
    tempo = tempo_bpm(signal)
    stems = pitched(folder, info, rate)
    together = pitch_classes(sum(stems.values()) if stems else signal)
    found = extracted_key(mix, rate) if stems else None
    accepted = accepted_keys(TONICS[info["key"]], info["scale"])
    lufs, peak_dbtp = loudness(mix, rate)
    seam_step, seam_around = seam(mix, rate)
    return {
        "style": info["style"],
        "seed": info["seed"],
        "has_drums": any(stem["kind"] == "drums" for stem in info["stems"]),
        "true_tempo": info["tempo_bpm"],
        "tempo": tempo,
        "tempo_ratio": tempo_ratio(tempo, info["tempo_bpm"]),
        "true_key": f"{info['key']} {info['scale']}",
        "key": found and key_name(found),
        "is_key": found in accepted,
        "is_key_by_chroma": bool(stems) and key(together) in accepted,
        "lufs": lufs,
        "peak_dbtp": peak_dbtp,
        "seam": seam_step,
        "seam_around": seam_around,
        "notes": notes(folder, info),
        "features": features(signal, tempo, together),
    }
