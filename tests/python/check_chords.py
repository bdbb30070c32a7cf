"""Chords heard in rendered audio, scored by mir_eval, beside a librosa template baseline.

Known progressions in 12 keys and 6 chord types, played by three General MIDI instruments of FluidR3 (Debian's
fluid-soundfont-gm) through fluidsynth, some of them out of tune. Both recognisers are given the beats and answer
once a beat; ours is asked at the end of each beat, without looking ahead.

The recogniser was tuned with `--tuning` only: other instruments, of another SoundFont where that is installed
(timgm6mb-soundfont), other progressions and other random seeds.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import librosa
import mido
import mir_eval
import numpy as np
import programs
import soundfile

TARGET_MAJMIN = 0.80
BPM = 120
RATE = 44100
BEAT_S = 60 / BPM
INTERVALS = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "dim": (0, 3, 6),
}
NAMES = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
FLUID = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
TIM = "/usr/share/sounds/sf2/TimGM6mb.sf2"

# Semitones above the tonic and type, a bar each.
TEST_SET = {
    "progressions": [
        [(0, "maj"), (9, "min"), (2, "min7"), (7, "7"), (0, "maj7"), (5, "maj"), (11, "dim"), (0, "maj")],
        [(0, "min"), (8, "maj7"), (5, "min"), (10, "7"), (3, "maj"), (2, "dim"), (7, "7"), (0, "min7")],
    ],
    "instruments": {"piano": 0, "nylon guitar": 24, "strings": 48},
    "soundfont": FLUID,
    "seed": 1000,
}
TUNING_SET = {
    "progressions": [
        [(0, "maj7"), (7, "maj"), (9, "min7"), (5, "maj7"), (2, "min"), (4, "7"), (6, "dim"), (7, "maj")],
        [(0, "min7"), (5, "7"), (0, "min"), (3, "maj7"), (10, "maj"), (7, "min"), (11, "dim"), (8, "maj")],
    ],
    "instruments": {"electric piano": 4, "organ": 16, "steel guitar": 25, "choir": 52, "vibraphone": 11},
    "soundfont": TIM if Path(TIM).exists() else FLUID,
    "seed": 77,
}


def voicing(root, intervals, rng):
    """Bass in the second octave and the chord, inverted at random, around middle C."""
    keys = [60 + (root + interval) % 12 for interval in intervals]
    keys = [key - 12 if key > 66 and rng.random() < 0.6 else key for key in keys]
    if rng.random() < 0.4:
        keys.append(rng.choice(keys) + 12)
    return 36 + root % 12, sorted(set(keys))


def write_midi(path, program, tonic, progression, cents, rng):
    """One bar a chord: struck twice, or broken in eighths. Returns intervals in seconds and labels."""
    midi = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    midi.tracks.append(track)
    events = []
    intervals, labels = [], []
    for bar, (step, kind) in enumerate(progression):
        start = bar * 4 * 480
        root = (tonic + step) % 12
        bass, keys = voicing(root, INTERVALS[kind], rng)
        velocity = rng.randint(60, 100)
        notes = [(start, 1900, bass)]
        if rng.random() < 0.6:
            for half in (0, 960):
                notes += [(start + half, 940, key) for key in keys]
        else:
            notes += [(start + 240 * eighth, 470, keys[eighth % len(keys)]) for eighth in range(8)]
        for at, length, key in notes:
            loud = max(1, min(127, velocity + rng.randint(-8, 8)))
            at = max(0, at + rng.randint(-8, 8))
            events.append((at, 1, mido.Message("note_on", note=key, velocity=loud)))
            events.append((at + length, 0, mido.Message("note_off", note=key)))
        intervals.append([bar * 4 * BEAT_S, (bar + 1) * 4 * BEAT_S])
        labels.append(f"{NAMES[root]}:{kind}")
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM)))
    # Registered parameter 1: fine tuning, 8192 = none, 100 cents each way.
    fine = max(0, min(16383, round(8192 + cents * 81.92)))
    for control, value in ((101, 0), (100, 1), (6, fine >> 7), (38, fine & 127)):
        track.append(mido.Message("control_change", control=control, value=value))
    track.append(mido.Message("program_change", program=program))
    now = 0
    for at, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=at - now))
        now = at
    midi.save(path)
    return np.array(intervals), labels


def render(midi, wav, soundfont):
    command = ["fluidsynth", "-ni", "-q", "-r", str(RATE), "-g", "0.5", "-F", str(wav), soundfont, str(midi)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # The tail after the last bar holds no chord of the reference.
    samples, rate = soundfile.read(wav, dtype="float32")
    num_frames = round(8 * 4 * BEAT_S * rate)
    samples = np.pad(samples, ((0, max(0, num_frames - len(samples))), (0, 0)))[:num_frames]
    soundfile.write(wav, samples, rate, subtype="FLOAT")


def ours(wavs):
    command = [*programs.example("listen", "hear_chords"), str(BPM), "1"]
    told = subprocess.run(command + [str(wav) for wav in wavs], check=True, capture_output=True, text=True)
    heard = {str(wav): ([], []) for wav in wavs}
    for line in map(json.loads, told.stdout.splitlines()):
        intervals, labels = heard[line["file"]]
        intervals.append([line["start"], line["end"]])
        labels.append(line["chord"])
    return {file: (np.array(intervals), labels) for file, (intervals, labels) in heard.items()}


def baseline(wav):
    """librosa's chroma, averaged over each beat, against templates of the 24 triads."""
    samples, rate = soundfile.read(wav, dtype="float32")
    samples = librosa.resample(samples.mean(axis=1), orig_sr=rate, target_sr=22050)
    chroma = librosa.feature.chroma_cqt(y=samples, sr=22050, hop_length=512)
    num_beats = 32
    edges = librosa.time_to_frames(np.arange(num_beats + 1) * BEAT_S, sr=22050, hop_length=512)
    labels = []
    for begin, end in zip(edges, edges[1:]):
        beat = chroma[:, begin:end].mean(axis=1)
        scores = {
            (root, kind): sum(beat[(root + interval) % 12] for interval in INTERVALS[kind])
            for root in range(12)
            for kind in ("maj", "min")
        }
        root, kind = max(scores, key=scores.get)
        labels.append(f"{NAMES[root]}:{kind}")
    return np.array([[beat * BEAT_S, (beat + 1) * BEAT_S] for beat in range(num_beats)]), labels


def score(reference, estimate):
    return mir_eval.chord.evaluate(*reference, *estimate)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tuning", action="store_true", help="the set the recogniser was tuned on")
    parser.add_argument("--no-baseline", action="store_true", help="leave librosa out")
    parser.add_argument("--wrong", action="store_true", help="print every chord misheard")
    parser.add_argument("--keep", type=Path, help="a folder that keeps the rendered files for the next run")
    args = parser.parse_args()
    chosen = TUNING_SET if args.tuning else TEST_SET
    with tempfile.TemporaryDirectory() as folder:
        if args.keep:
            args.keep.mkdir(parents=True, exist_ok=True)
            folder = args.keep
        cases = []
        for instrument, program in chosen["instruments"].items():
            for tonic in range(12):
                rng = random.Random(chosen["seed"] + 100 * program + tonic)
                wav = Path(folder) / f"{program}-{tonic}.wav"
                midi = wav.with_suffix(".mid")
                progression = chosen["progressions"][tonic % len(chosen["progressions"])]
                # Every third file is out of tune, by up to a third of a semitone.
                cents = rng.uniform(-35, 35) if tonic % 3 == 0 else 0.0
                reference = write_midi(midi, program, tonic, progression, cents, rng)
                if not wav.exists():
                    render(midi, wav, chosen["soundfont"])
                cases.append((instrument, wav, reference))
        heard = ours([wav for _, wav, _ in cases])
        rows = {}
        for instrument, wav, reference in cases:
            rows.setdefault(instrument, {}).setdefault("ours", []).append(score(reference, heard[str(wav)]))
            if not args.no_baseline:
                rows[instrument].setdefault("librosa", []).append(score(reference, baseline(wav)))
            if args.wrong:
                for (start, _), label in zip(*heard[str(wav)]):
                    wanted = reference[1][int(start / (4 * BEAT_S))]
                    if wanted != label:
                        print(f"{instrument:14} {wav.stem:6} beat {start / BEAT_S:4.0f}: {wanted:8} heard as {label}")
    metrics = ("majmin", "root", "sevenths", "tetrads")
    print(f"{'instrument':16}{'recogniser':12}" + "".join(f"{metric:>10}" for metric in metrics))
    means = {}
    for instrument, by_recogniser in rows.items():
        for recogniser, scores in by_recogniser.items():
            values = [float(np.mean([one[metric] for one in scores])) for metric in metrics]
            means.setdefault(recogniser, []).append(values)
            print(f"{instrument:16}{recogniser:12}" + "".join(f"{100 * value:9.1f}%" for value in values))
    for recogniser, values in means.items():
        print(f"{'all':16}{recogniser:12}" + "".join(f"{100 * value:9.1f}%" for value in np.mean(values, axis=0)))
    majmin = float(np.mean(means["ours"], axis=0)[0])
    print(f"weighted chord overlap, majmin: {100 * majmin:.1f} % (at least {100 * TARGET_MAJMIN:.0f} %)")
    return 0 if majmin >= TARGET_MAJMIN else 1


if __name__ == "__main__":
    sys.exit(main())
