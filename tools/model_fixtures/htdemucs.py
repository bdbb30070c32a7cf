"""Demucs v4 with few channels and random weights, in the layouts that are in circulation (MODELS.md 2.2).

Packages: torch 2.8.0, demucs 4.1.0 (without its dependencies but einops, julius, pyyaml, safetensors, tqdm), onnx 1.18.
The goldens are what `demucs.apply.apply_model` gives on the same weights, normalised as in `demucs.api`.
"""
import math
from fractions import Fraction

import common
import numpy
import onnx
import torch
import torch.nn.functional as functional
from demucs import apply, htdemucs
from onnx import TensorProto, helper

FOUR = ["drums", "bass", "other", "vocals"]
SIX = FOUR + ["guitar", "piano"]
SAMPLE_RATE = 44100


def tiny(sources, seed, segment, nfft):
    """A model of the real structure; every weight is random, layer scales too, so that no branch is silent."""
    torch.manual_seed(seed)
    model = htdemucs.HTDemucs(
        sources, channels=4, growth=2, nfft=nfft, bottom_channels=8, t_layers=1, t_heads=2, dconv_depth=1,
        dconv_comp=4, segment=segment, samplerate=SAMPLE_RATE,
    ).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("scale"):
                parameter.copy_(torch.rand_like(parameter) * 0.5)
        # Random weights shrink the signal layer by layer: the last one brings it back to the size of the mix.
        for last in (model.decoder[-1], model.tdecoder[-1]):
            last.conv_tr.weight.mul_(10.0)
    return model


class Core(torch.nn.Module):
    """Layouts B and C: spectrogram and waveform in, both branches out."""

    def __init__(self, model, five_dimensional):
        super().__init__()
        self.model, self.five = model, five_dimensional

    def forward(self, mix, spectrum):
        model, freq = self.model, []
        batch, bins, frames = spectrum.shape[0], spectrum.shape[-2], spectrum.shape[-1]
        model._spec = lambda x: spectrum
        model._magnitude = lambda z: spectrum.reshape(batch, 4, bins, frames)
        model._mask = lambda z, m: m
        model._ispec = lambda z, length=None, scale=0: freq.append(z) or 0.0
        time = model(mix)
        out = freq[0]
        if self.five:
            out = out.reshape(batch, len(model.sources), 2, 2, bins, frames)
        return out, time


class Wave(torch.nn.Module):
    """Layout A: the transforms are in the graph, as convolutions. Their kernels would be megabytes of constants, so they
    come in as a second input here, which `computed_kernels` replaces by their formula."""

    def __init__(self, model):
        super().__init__()
        self.core, self.nfft = Core(model, False), model.nfft

    def forward(self, mix, kernels):
        nfft, hop, half = self.nfft, self.nfft // 4, self.nfft // 2
        # Python's numbers, so that the graph holds constants.
        length = int(mix.shape[-1])
        frames = -(-length // hop)
        pad = hop // 2 * 3
        # The frames that centring adds on both sides are the ones that Demucs drops: no centring, none to drop.
        x = functional.pad(mix, (pad, pad + frames * hop - length), mode="reflect")
        x = functional.conv1d(x.reshape(2, 1, -1), kernels, stride=hop) / math.sqrt(nfft)
        out, time = self.core(mix, x.reshape(1, 4, half, frames))
        sources = out.shape[1]
        # Bins above 0 count twice in a real signal; the imaginary part of bin 0 is nothing.
        twice = torch.full((half - 1,), 2.0)
        weight = torch.cat([torch.ones(1), twice, torch.zeros(1), twice])[:, None] / math.sqrt(nfft)
        y = functional.conv_transpose1d(out.reshape(sources * 2, 2 * half, frames) * weight, kernels, stride=hop)
        # 1.5: what squared Hann windows a quarter apart add up to.
        return y[..., pad:pad + length].reshape(1, sources, 2, length) / 1.5 + time


def kernels_of(nfft):
    """Windowed cosines, then negative sines, [nfft, 1, nfft]."""
    bins, times = numpy.arange(nfft // 2)[:, None], numpy.arange(nfft)[None, :]
    phase = (bins * times % nfft) * (2 * math.pi / nfft)
    window = 0.5 - 0.5 * numpy.cos(times * (2 * math.pi / nfft))
    kernels = numpy.concatenate([numpy.cos(phase), -numpy.sin(phase)])[:, None] * window
    return torch.from_numpy(kernels.astype(numpy.float32))


def computed_kernels(graph, nfft):
    """Replaces the input `kernels` by nodes that compute it when the model is loaded."""
    constants = {
        "k_zero": (TensorProto.FLOAT, [], [0.0]), "k_one": (TensorProto.FLOAT, [], [1.0]),
        "k_bins": (TensorProto.FLOAT, [], [nfft / 2]), "k_size": (TensorProto.FLOAT, [], [float(nfft)]),
        "k_turn": (TensorProto.FLOAT, [], [2 * math.pi / nfft]), "k_half": (TensorProto.FLOAT, [], [0.5]),
        "k_last": (TensorProto.INT64, [1], [1]),
    }
    nodes = [
        helper.make_node("Range", ["k_zero", "k_bins", "k_one"], ["k_b"]),
        helper.make_node("Unsqueeze", ["k_b", "k_last"], ["k_column"]),
        helper.make_node("Range", ["k_zero", "k_size", "k_one"], ["k_times"]),
        helper.make_node("Mul", ["k_column", "k_times"], ["k_product"]),
        helper.make_node("Mod", ["k_product", "k_size"], ["k_reduced"], fmod=1),
        helper.make_node("Mul", ["k_reduced", "k_turn"], ["k_phase"]),
        helper.make_node("Cos", ["k_phase"], ["k_cos"]),
        helper.make_node("Sin", ["k_phase"], ["k_sin"]),
        helper.make_node("Neg", ["k_sin"], ["k_minus"]),
        helper.make_node("Concat", ["k_cos", "k_minus"], ["k_waves"], axis=0),
        helper.make_node("Mul", ["k_times", "k_turn"], ["k_place"]),
        helper.make_node("Cos", ["k_place"], ["k_raised"]),
        helper.make_node("Mul", ["k_raised", "k_half"], ["k_scaled"]),
        helper.make_node("Sub", ["k_half", "k_scaled"], ["k_window"]),
        helper.make_node("Mul", ["k_waves", "k_window"], ["k_flat"]),
        helper.make_node("Unsqueeze", ["k_flat", "k_last"], ["kernels"]),
    ]
    graph.initializer.extend(helper.make_tensor(name, *constant) for name, constant in constants.items())
    rest = list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes + rest)
    kept = [value for value in graph.input if value.name != "kernels"]
    del graph.input[:]
    graph.input.extend(kept)


def export(module, inputs, names, path):
    """The legacy exporter; then names and comments that make a file large go."""
    torch.backends.mha.set_fastpath_enabled(False)
    torch.onnx.export(module, inputs, str(path), input_names=names[0], output_names=names[1], opset_version=17,
                      dynamo=False)
    model = onnx.load(str(path))
    keep, short = set(sum(names, [])), {}
    rename = lambda name: name if name in keep or not name else short.setdefault(name, f"t{len(short)}")
    for node in model.graph.node:
        node.ClearField("name")
        node.ClearField("doc_string")
        node.input[:] = [rename(name) for name in node.input]
        node.output[:] = [rename(name) for name in node.output]
    for tensor in model.graph.initializer:
        tensor.name = rename(tensor.name)
    del model.graph.value_info[:]
    with torch.no_grad():
        outputs = module(*inputs)
    for value, tensor in zip(model.graph.output, outputs if isinstance(outputs, tuple) else [outputs]):
        value.CopyFrom(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, list(tensor.shape)))
    if isinstance(module, Wave):
        computed_kernels(model.graph, module.nfft)
    onnx.save(model, str(path))


def separated(model, mix):
    """`demucs.api.Separator.separate_tensor` without its files and its random shifts."""
    mix = torch.from_numpy(mix)
    ref = mix.mean(0)
    mean, std = ref.mean(), ref.std() + 1e-8
    out = apply.apply_model(model, ((mix - mean) / std)[None], shifts=0, split=True, overlap=0.25)
    return (out * std + mean)[0].numpy()


def spectrum_of(model, mix):
    return model._magnitude(model._spec(mix))


SMALL = Fraction(1, 2)
CASES = [
    # file, layout, sources, seed, segment, n_fft, frames of the mix, every so-manyth value is kept, names
    ("wave_4.onnx", "A", FOUR, 1, SMALL, 1024, 38_000, 13, [["mix"], ["stems"]]),
    ("core_4_full.onnx", "B", FOUR, 2, Fraction(39, 5), 4096, 560_000, 1009, [["input", "x"], ["output", "add_67"]]),
    ("core_6.onnx", "B", SIX, 3, SMALL, 1024, 38_000, 13, [["mix", "mag.1"], ["x", "xt"]]),
    ("split_4.onnx", "C", FOUR, 4, SMALL, 1024, 38_000, 13, [["mix", "spectral"], ["spectral_out", "time_out"]]),
    ("wave_6.onnx", "A", SIX, 5, SMALL, 1024, 38_000, 13, [["input"], ["output"]]),
]


def make(folder):
    manifest = common.Manifest(folder, ["torch", "demucs", "onnx", "numpy"])
    for file, layout, sources, seed, segment, nfft, frames, stride, names in CASES:
        model = tiny(sources, seed, segment, nfft)
        mix = common.stereo_signal(seed, frames)
        with torch.no_grad():
            stems = separated(model, mix)
        manifest.golden(file.replace(".onnx", ".f32"), stems.reshape(-1)[::stride])
        manifest.case(file=file, layout=layout, stems=sources, seed=seed, num_frames=frames, every=stride)
        length = int(segment * SAMPLE_RATE)
        window = torch.from_numpy(mix[None, :, :length])
        with torch.no_grad():
            spectrum = spectrum_of(model, window)
            if layout == "A":
                whole = Wave(model)
                inputs = (window, kernels_of(nfft))
                names = [names[0] + ["kernels"], names[1]]
            else:
                whole = Core(model, layout == "C")
                five = spectrum.reshape(1, 2, 2, *spectrum.shape[-2:]) if layout == "C" else spectrum
                inputs = (window, five)
            export(whole, inputs, names, folder / file)
        print(file, (folder / file).stat().st_size, "bytes; loudest stem", float(numpy.abs(stems).max()))
    manifest.write()
