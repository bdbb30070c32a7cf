"""What is dragged: a MIDI file and a WAV of eight beats, and how to read notes back."""
import os

import mido
import numpy as np
import soundfile as sf

BPM = 124
RATE = 48_000
NAMES = ("deephouse_bass_124_Am_t3.mid", "deephouse_bass_124_Am_t3.wav")
# A beat each.
KEYS = (45, 48, 52, 57, 45, 43, 40, 33)


def write_files(folder):
    """Both files; their paths."""
    os.makedirs(folder, exist_ok=True)
    midi, wav = (os.path.join(folder, name) for name in NAMES)
    file, track = mido.MidiFile(ticks_per_beat=960), mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM)))
    for key in KEYS:
        track.append(mido.Message("note_on", note=key, velocity=90))
        track.append(mido.Message("note_off", note=key, time=960))
    track.append(mido.MetaMessage("end_of_track"))
    file.save(midi)
    seconds = np.arange(round(len(KEYS) * 60 / BPM * RATE)) / RATE
    beats = np.minimum((seconds * BPM / 60).astype(int), len(KEYS) - 1)
    tone = 0.3 * np.sin(2 * np.pi * 440 * 2 ** ((np.array(KEYS)[beats] - 69) / 12) * seconds)
    sf.write(wav, np.stack([tone, tone], axis=1), RATE, subtype="PCM_24")
    return midi, wav


def notes_of(path):
    """Every note as (beginning in beats, key), in order."""
    file, notes = mido.MidiFile(path), []
    for track in file.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if message.type == "note_on" and message.velocity:
                notes.append((round(ticks / file.ticks_per_beat, 3), message.note))
    return sorted(notes)
