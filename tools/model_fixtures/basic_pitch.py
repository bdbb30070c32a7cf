"""Makes the Basic Pitch goldens: posteriors of hand-made pieces, and the notes that the package itself makes of them.

    pip install --no-deps basic-pitch==0.4.0
    pip install numpy==1.26.4 scipy pretty_midi mido
    python tools/model_fixtures/make.py basic_pitch

No model is run: posteriors are bumps over noise, quantised to bytes so that every language reads the same numbers.
"""
import importlib
import json
import sys
import types

import numpy
from common import Manifest, noise

NUM_KEYS = 88


def reference():
    """The package's post-processing, without the libraries that only its plots and its audio need."""
    for name in ("librosa", "mir_eval", "resampy", "onnxruntime"):
        sys.modules[name] = types.ModuleType(name)
    core = types.SimpleNamespace(
        frames_to_time=lambda frames, sr, hop_length: frames * hop_length / sr)
    sys.modules["librosa"].core = core
    # The package has the name of this very module.
    ours, path = sys.modules.pop(__name__), sys.path[:]
    sys.path[:] = [place for place in path if not place.endswith("model_fixtures")]
    try:
        return importlib.import_module("basic_pitch.note_creation")
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == __name__]:
            del sys.modules[name]
        sys.modules[__name__] = ours
        sys.path[:] = path


def piece(seed, num_frames, num_notes, noise_level):
    """Notes that swell and fade, some with an onset, some without; [frames, keys] bytes each."""
    dice = (noise(seed, num_notes * 6) + 1) / 2
    notes = numpy.abs(noise(seed + 1, num_frames * NUM_KEYS)).reshape(num_frames, NUM_KEYS) * noise_level
    onsets = numpy.abs(noise(seed + 2, num_frames * NUM_KEYS)).reshape(num_frames, NUM_KEYS) * noise_level
    for at, key, length, level, attack, kind in dice.reshape(num_notes, 6):
        start, key, length = int(at * (num_frames - 3)), int(key * NUM_KEYS), 4 + int(length * 60)
        end = min(start + length, num_frames)
        fade = numpy.exp(-numpy.arange(end - start) / (20 + 60 * attack))
        notes[start:end, key] = numpy.maximum(notes[start:end, key], (0.35 + 0.65 * level) * fade)
        if kind > 0.3:
            onsets[start, key] = max(onsets[start, key], 0.4 + 0.6 * attack)
    quantise = lambda values: numpy.round(numpy.clip(values, 0, 1) * 255).astype(numpy.uint8)
    return quantise(notes), quantise(onsets)


def make(folder):
    package = reference()
    manifest = Manifest(folder, ["basic-pitch", "numpy", "scipy"])
    settings = [(0.5, 0.3, 11, True, True), (0.5, 0.3, 11, False, True), (0.5, 0.3, 11, True, False), (0.3, 0.2, 4, True, True)]
    for index, (num_frames, num_notes, level) in enumerate([(520, 40, 0.1), (300, 90, 0.25), (12, 3, 0.1)]):
        notes, onsets = piece(100 * index + 5, num_frames, num_notes, level)
        name = f"piece_{index}.u8"
        (folder / name).write_bytes(notes.tobytes() + onsets.tobytes())
        scaled = [values.astype(numpy.float32) / numpy.float32(255) for values in (notes, onsets)]
        for onset, frame, least, infers, second in settings:
            made = package.output_to_notes_polyphonic(
                scaled[0].copy(), scaled[1].copy(), onset_thresh=onset, frame_thresh=frame, min_note_len=least,
                infer_onsets=infers, max_freq=None, min_freq=None, melodia_trick=second)
            rows = [[int(start), int(end), int(key), float(amplitude)] for start, end, key, amplitude in made]
            manifest.case(file=name, num_frames=num_frames, onset=onset, frame=frame, min_frames=least,
                          infers_onsets=infers, has_second_pass=second, notes=rows)
            print(name, len(rows), "notes")
    times = package.model_frames_to_time(800)
    manifest.case(times=[[frame, float(times[frame])] for frame in (0, 1, 171, 172, 343, 344, 799)])
    manifest.write()
