"""MDX-Net in the layout that users hold (MODELS.md 2.3): four planes of a spectrum in, four out. The real ones are large
U-Nets; here two small convolutions with random weights stand for them, as only what is around them is ours.

Packages: torch 2.8.0, onnx 1.18. The golden is the method of the published separator: chunks, Hann fades, silent bins.
"""
import common
import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

BINS, FRAMES, WINDOW, HOP, GAIN, SEED = 1024, 16, 3072, 1024, 1.25, 11
NUM_FRAMES, EVERY = 50_000, 7


def weights():
    generator = torch.Generator().manual_seed(SEED)
    draw = lambda *shape: torch.randn(*shape, generator=generator) * 0.15
    return draw(8, 4, 3, 3), draw(8), draw(4, 8, 1, 1), draw(4)


def network(x):
    first, first_bias, second, second_bias = weights()
    x = torch.nn.functional.conv2d(x, first, first_bias, padding=1)
    return torch.nn.functional.conv2d(torch.relu(x), second, second_bias)


def model():
    names = ["w1", "b1", "w2", "b2"]
    constants = [numpy_helper.from_array(value.numpy(), name) for name, value in zip(names, weights())]
    nodes = [
        helper.make_node("Conv", ["input", "w1", "b1"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Conv", ["r", "w2", "b2"], ["output"]),
    ]
    tensor = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch_size", 4, BINS, FRAMES])
    graph = helper.make_graph(nodes, "mdx", [tensor("input")], [tensor("output")], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def stem(chunk):
    """One chunk [2, frames] through the transforms and the network."""
    window = torch.hann_window(WINDOW, periodic=True)
    spectrum = torch.stft(chunk, WINDOW, HOP, window=window, center=True, return_complex=True)
    planes = torch.view_as_real(spectrum).permute(0, 3, 1, 2).reshape(1, 4, WINDOW // 2 + 1, FRAMES)[:, :, :BINS]
    planes[:, :, :3] = 0
    made = network(planes)
    made = torch.cat([made, torch.zeros(1, 4, WINDOW // 2 + 1 - BINS, FRAMES)], 2)
    made = made.reshape(2, 2, WINDOW // 2 + 1, FRAMES).permute(0, 2, 3, 1).contiguous()
    return torch.istft(torch.view_as_complex(made), WINDOW, HOP, window=window, center=True)


def separated(mix):
    chunk, trim = HOP * (FRAMES - 1), WINDOW // 2
    inner = chunk - 2 * trim
    after = inner + trim - mix.shape[1] % inner
    padded = torch.nn.functional.pad(torch.from_numpy(mix), (trim, after))
    total = padded.shape[1]
    summed, weight = torch.zeros(2, total), torch.zeros(total)
    for start in range(0, total, int(0.75 * chunk)):
        end = min(start + chunk, total)
        fade = torch.from_numpy(numpy.hanning(end - start).astype(numpy.float32))
        made = stem(torch.nn.functional.pad(padded[:, start:end], (0, chunk - (end - start))))
        summed[:, start:end] += made[:, : end - start] * fade
        weight[start:end] += fade
    return (summed / weight)[:, trim:trim + mix.shape[1]].numpy() * GAIN


def make(folder):
    manifest = common.Manifest(folder, ["torch", "onnx", "numpy"])
    onnx.save(model(), str(folder / "tiny.onnx"))
    with torch.no_grad():
        made = separated(common.stereo_signal(SEED, NUM_FRAMES))
    manifest.golden("tiny.f32", made.reshape(-1)[::EVERY])
    manifest.case(file="tiny.onnx", seed=SEED, window=WINDOW, gain=GAIN, num_frames=NUM_FRAMES, every=EVERY)
    manifest.write()
    print("tiny.onnx", (folder / "tiny.onnx").stat().st_size, "bytes; loudest", float(numpy.abs(made).max()))
