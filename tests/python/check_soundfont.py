"""Parts played with a SoundFont, beside fluidsynth playing the same parts with the same file.

Ours goes through the style's mix (levels, room, echo, limiter), fluidsynth's does not, so what is compared is which
notes sound when: chroma of the pitched parts frame by frame, and onset strength of all of them. Both are also compared
with fluidsynth playing the same part a semitone higher, and an eighth late, which must fit worse.
Needs fluidsynth and a General MIDI SoundFont (Debian: fluidsynth with fluid-soundfont-gm or timgm6mb-soundfont).
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import librosa
import mido
import numpy as np
import programs
import soundfile

# The first that is installed.
FONTS = ["/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2"]
RATE = 48000
HOP = 1024
# Cosine similarities. Bass and chords reach 0.99; a melody's echoes, which fluidsynth has not, cost it up to 0.25.
LEAST_CHROMA = 0.7
LEAST_ONSETS = 0.85


def ours(font, folder):
    command = [*programs.example("jobs", "soundfont"), font, folder]
    subprocess.run(command, check=True)
    return json.loads((Path(folder) / "take.json").read_text())


def shifted(midi, semitones, beats, to):
    file = mido.MidiFile(midi)
    for track in file.tracks[1:]:
        for message in track:
            if message.type in ("note_on", "note_off") and message.channel != 9:
                message.note += semitones
        first = next(index for index, message in enumerate(track) if message.type == "note_on")
        track[first].time += round(beats * file.ticks_per_beat)
    file.save(to)
    return to


def theirs(font, midi, num_frames, to):
    command = ["fluidsynth", "-ni", "-q", "-r", str(RATE), "-R", "0", "-C", "0", "-F", str(to), font, str(midi)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    audio, rate = soundfile.read(to, always_2d=True)
    assert rate == RATE
    mono = audio.mean(axis=1)
    # What rings past the loop's end comes in again at its start.
    rounds = -(-len(mono) // num_frames)
    return np.pad(mono, (0, rounds * num_frames - len(mono))).reshape(rounds, num_frames).sum(axis=0)


def chroma(mono):
    return librosa.feature.chroma_cqt(y=mono.astype(np.float32), sr=RATE, hop_length=HOP)


def onsets(mono):
    strength = librosa.onset.onset_strength(y=mono.astype(np.float32), sr=RATE, hop_length=HOP)
    return strength - strength.mean()


def likeness(a, b):
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-12))


def main():
    font = next((font for font in FONTS if Path(font).exists()), None)
    if font is None:
        print("no General MIDI SoundFont is installed (timgm6mb-soundfont or fluid-soundfont-gm)")
        return 1
    is_good = True
    with tempfile.TemporaryDirectory() as folder:
        take = ours(font, folder)
        for part in take["parts"]:
            stem = next(s["file"] for s in take["stems"] if s["kind"].replace("other", "texture") == part["kind"])
            audio, _ = soundfile.read(Path(folder) / stem, always_2d=True)
            mine = audio.mean(axis=1)
            midi = Path(folder) / part["file"]
            play = lambda file: theirs(font, file, len(mine), Path(folder) / "fluid.wav")
            same = play(midi)
            late = likeness(onsets(mine), onsets(play(shifted(midi, 0, 0.5, Path(folder) / "late.mid"))))
            onset = likeness(onsets(mine), onsets(same))
            line = f"{Path(font).name:16} {part['kind']:8} onsets {onset:.2f} (late {late:.2f})"
            good = onset >= LEAST_ONSETS and onset > late
            if part["kind"] != "drums":
                pitch = likeness(chroma(mine), chroma(same))
                high = likeness(chroma(mine), chroma(play(shifted(midi, 1, 0, Path(folder) / "high.mid"))))
                line += f"  chroma {pitch:.2f} (a semitone up {high:.2f})"
                good &= pitch >= LEAST_CHROMA and pitch > high + 0.2
            print(line if good else line + "  DIFFERS")
            is_good &= good
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
