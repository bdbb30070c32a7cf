"""Makes the Basic Pitch goldens: posteriors of hand-made pieces, a stand-in for the model in the published layout, and the
notes that the package itself makes of both.

    pip install --no-deps basic-pitch==0.4.0
    pip install numpy==1.26.4 scipy pretty_midi mido onnx==1.17.0 onnxruntime==1.23.2
    python tools/model_fixtures/make.py basic_pitch

The pieces' posteriors are bumps over noise, quantised to bytes so that every language reads the same numbers. The
stand-in is no network: it hears the loudest of 88 sines around every key, so that what comes out of a melody is the
melody. Names and shapes of its tensors are the published ones, and the package's own windows run it.
"""
import importlib
import sys
import types

import numpy
import onnx
from common import Manifest, noise
from onnx import TensorProto, helper, numpy_helper

NUM_KEYS = 88
RATE = 22_050
WINDOW, FRAMES, HOP = 2 * RATE - 256, 172, 256
# Samples that a key is heard in.
TAPS = 2_048
# Of the melody: first sample, samples, samples of a period, level of a triangle wave. Both joints of the four windows
# lie in a note, and the last window is short.
MELODY = [(3_000, 9_000, 50, 0.5), (14_000, 9_000, 75, 0.4), (25_000, 18_000, 100, 0.5), (46_000, 8_000, 50, 0.3),
          (46_000, 8_000, 75, 0.5), (57_000, 24_000, 60, 0.6), (84_000, 6_000, 50, 0.5), (92_000, 6_000, 45, 0.5),
          (101_000, 14_000, 67, 0.5)]
NUM_SAMPLES = 116_865


def reference():
    """The package, without the libraries that only its plots and its audio files need."""
    for name in ("librosa", "mir_eval", "resampy"):
        sys.modules[name] = types.ModuleType(name)
    core = types.SimpleNamespace(
        frames_to_time=lambda frames, sr, hop_length: frames * hop_length / sr)
    sys.modules["librosa"].core = core
    # What it is told to load is the audio itself.
    sys.modules["librosa"].load = lambda audio, sr, mono: (melody(), sr)
    # The package has the name of this very module.
    ours, path = sys.modules.pop(__name__), sys.path[:]
    sys.path[:] = [place for place in path if not place.endswith("model_fixtures")]
    try:
        names = ("basic_pitch.note_creation", "basic_pitch.inference")
        return [importlib.import_module(name) for name in names]
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


def melody():
    """MELODY as 32-bit samples; one order of operations in 64 bits, so that every language gets the same."""
    made = numpy.zeros(NUM_SAMPLES)
    for start, length, period, level in MELODY:
        n = numpy.arange(length)
        triangle = 4.0 * numpy.abs((n % period) / period - 0.5) - 1.0
        fade = numpy.minimum(1.0, numpy.minimum(n / 200.0, (length - n) / 200.0))
        made[start:start + length] += level * fade * triangle
    return made.astype(numpy.float32)


def stand_in(path):
    """The graph. Kernels are made of a ramp and 88 frequencies when it is opened, so the file is small."""
    nodes, constants = [], []

    def constant(name, values, kind=numpy.float32):
        constants.append(numpy_helper.from_array(numpy.array(values, kind), name))
        return name

    def node(kind, inputs, outputs, **attributes):
        outputs = [outputs] if isinstance(outputs, str) else outputs
        nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
        return outputs[0]

    hann = 0.5 - 0.5 * numpy.cos(2.0 * numpy.pi * (numpy.arange(TAPS) + 0.5) / TAPS)
    constant("ramp", [2.0 * numpy.pi * (numpy.arange(TAPS) - TAPS / 2) / RATE])
    constant("hann", [hann * 2.0 / hann.sum()])
    constant("hz", 27.5 * 2.0 ** (numpy.arange(NUM_KEYS)[:, None] / 12.0))
    node("MatMul", ["hz", "ramp"], "phases")
    node("Concat", [node("Cos", ["phases"], "cosines"), node("Sin", ["phases"], "sines")], "waves", axis=0)
    node("Mul", ["waves", "hann"], "kernels_flat")
    node("Unsqueeze", ["kernels_flat", constant("one", [1], numpy.int64)], "kernels")
    node("Transpose", ["serving_default_input_2:0"], "audio", perm=[0, 2, 1])
    # 172 frames, the first around the first sample.
    right = (FRAMES - 1) * HOP + TAPS - WINDOW - TAPS // 2
    node("Conv", ["audio", "kernels"], "parts", strides=[HOP], pads=[TAPS // 2, right])
    node("Split", ["parts"], ["real", "imaginary"], axis=1)
    node("Add", [node("Mul", ["real", "real"], "real_2"), node("Mul", ["imaginary", "imaginary"], "imaginary_2")], "power")
    node("Sqrt", ["power"], "level")
    # A key sounds where it is loud, and louder than its neighbours.
    node("Unsqueeze", ["level", "one"], "level_4")
    node("MaxPool", ["level_4"], "loudest_4", kernel_shape=[5, 1], pads=[2, 0, 2, 0])
    node("Squeeze", ["loudest_4", "one"], "loudest")
    slope = lambda of, factor, shift, name: node("Sigmoid", [node("Add", [node("Mul", [
        of, constant(name + "_factor", factor)], name + "_scaled"), constant(name + "_shift", shift)], name + "_sum")], name)
    slope("level", 40.0, -5.0, "is_loud")
    slope(node("Sub", ["level", "loudest"], "distance"), 600.0, 5.0, "is_peak")
    node("Mul", ["is_loud", "is_peak"], "notes")
    # It begins where it was not two frames before.
    node("Pad", ["notes", constant("two_before", [0, 0, 2, 0, 0, 0], numpy.int64)], "later")
    node("Slice", ["later", constant("from", [0], numpy.int64), constant("to", [FRAMES], numpy.int64),
                   constant("time", [2], numpy.int64)], "before")
    node("Clip", [node("Sub", ["notes", "before"], "rise"), constant("nothing", 0.0), constant("whole", 1.0)], "onsets")
    node("Transpose", ["notes"], "StatefulPartitionedCall:1", perm=[0, 2, 1])
    node("Transpose", ["onsets"], "StatefulPartitionedCall:2", perm=[0, 2, 1])
    node("Resize", ["StatefulPartitionedCall:1", "", constant("thrice", [1.0, 1.0, 3.0])], "StatefulPartitionedCall:0",
         mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    value = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])
    outputs = [("StatefulPartitionedCall:1", NUM_KEYS), ("StatefulPartitionedCall:2", NUM_KEYS),
               ("StatefulPartitionedCall:0", 3 * NUM_KEYS)]
    graph = helper.make_graph(nodes, "stand-in", [value("serving_default_input_2:0", [WINDOW, 1])],
                              [value(name, [FRAMES, width]) for name, width in outputs], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def heard(folder, package, inference, manifest):
    """The stand-in through the package's own windows and post-processing."""
    stand_in(folder / "nmp.onnx")
    found = inference.run_inference(melody(), inference.Model(folder / "nmp.onnx"))
    every = 16
    manifest.golden("melody.f32", numpy.concatenate([found["note"][::every], found["onset"][::every]]))
    _, events = package.model_output_to_notes(found, onset_thresh=0.5, frame_thresh=0.3, include_pitch_bends=False)
    rows = sorted([float(start), float(end), int(key), int(numpy.round(127 * level))] for start, end, key, level, _ in events)
    manifest.case(melody=MELODY, num_samples=NUM_SAMPLES, num_frames=len(found["note"]), every=every, heard=rows)
    for row in rows:
        print("%.3f to %.3f s: key %d, velocity %d" % tuple(row))
    # The number of frames that remain, which the package rounds in binary fractions.
    output = numpy.zeros((40, FRAMES, 1), numpy.float32)
    lengths = [0, 1, 255, 256, 257, 22_049, 22_050, 44_100, 66_150, 110_250, 116_865, 12_345, 1_000_000, *(22_050 * n for n in range(7, 60, 9))]
    manifest.case(lengths=[[n, len(inference.unwrap_output(output, n, 30))] for n in lengths])


def make(folder):
    package, inference = reference()
    manifest = Manifest(folder, ["basic-pitch", "numpy", "scipy", "onnx", "onnxruntime"])
    heard(folder, package, inference, manifest)
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
