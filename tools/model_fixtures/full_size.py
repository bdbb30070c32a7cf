"""A folder of models with random weights, large enough that a machine is busy with them: a Demucs v4 of its full size, a
MusicGen whose decoder has the published width, and an MDX-Net of the usual shape. Nothing of it is committed.

    python tools/model_fixtures/full_size.py DIR [--layers N]     # 24 layers are MusicGen-small and take 20 minutes

DIR is then what `continuo models` calls the data folder: `cargo xtask bench --models DIR` runs the built plugin on it.
Packages as in htdemucs.py and musicgen.py. What is there already is kept.
"""
import argparse
import gc
import shutil
import tempfile
from pathlib import Path

import numpy
import onnx
import torch
from onnx import TensorProto, helper

FIXTURES = Path(__file__).resolve().parents[2] / "crates/models/tests/fixtures"
# Planes, bins and frames of most MDX-Net files.
MDX_SHAPE = (1, 4, 2048, 256)
MDX_SETTINGS = 'window_frames = 6144\ngain = 1.03\nstem = "vocals"\n'


def demucs(folder):
    import speed
    speed.model_file(folder).rename(folder / "htdemucs.onnx")


def mdx(path):
    """Convolutions of the width that the published nets have; small enough numbers that the output stays a sound."""
    noise = numpy.random.default_rng(3)
    channels, depth = 32, 6
    nodes, weights, last = [], [], "input"
    for layer in range(depth + 1):
        shape = (4 if layer == depth else channels, 4 if layer == 0 else channels, 3, 3)
        scale = (2.0 / (shape[1] * 9)) ** 0.5
        weights.append(onnx.numpy_helper.from_array(
            (noise.standard_normal(shape) * scale).astype(numpy.float32), f"w{layer}"))
        out = "output" if layer == depth else f"c{layer}"
        nodes.append(helper.make_node("Conv", [last, f"w{layer}"], [out], pads=[1, 1, 1, 1]))
        last = out
        if layer < depth:
            nodes.append(helper.make_node("Relu", [last], [f"r{layer}"]))
            last = f"r{layer}"
    tensor = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *MDX_SHAPE[1:]])
    graph = helper.make_graph(nodes, "mdx", [tensor("input")], [tensor("output")], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    path.with_suffix(".toml").write_text(MDX_SETTINGS)


def musicgen(folder, layers):
    from optimum.exporters.onnx import main_export
    from transformers import EncodecConfig, MusicgenConfig, MusicgenForConditionalGeneration, T5Config
    from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig
    torch.manual_seed(1)
    text = T5Config(vocab_size=128, d_model=768, num_layers=1, num_heads=12, d_ff=3072)
    audio = EncodecConfig(target_bandwidths=[2.2], sampling_rate=32000, audio_channels=1, num_filters=64, codebook_size=2048,
                          upsampling_ratios=[8, 5, 4, 4], norm_type="weight_norm", use_causal_conv=False)
    decoder = MusicgenDecoderConfig(num_hidden_layers=layers)
    with tempfile.TemporaryDirectory(dir=folder.parent) as staging:
        staging = Path(staging)
        model = MusicgenForConditionalGeneration(MusicgenConfig.from_sub_models_config(text, audio, decoder)).eval()
        model.save_pretrained(staging / "torch")
        del model
        gc.collect()
        main_export(str(staging / "torch"), staging / "onnx", task="text-to-audio", do_validation=False, no_post_process=True)
        shutil.copy(FIXTURES / "musicgen" / "tokenizer.json", staging / "onnx")
        shutil.copy(staging / "torch" / "config.json", staging / "onnx")
        shutil.move(staging / "onnx", folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dir", type=Path)
    parser.add_argument("--layers", type=int, default=24)
    options = parser.parse_args()
    models = options.dir / "models"
    models.mkdir(parents=True, exist_ok=True)
    if not (models / "htdemucs.onnx").exists():
        demucs(models)
    if not (models / "uvr_mdx.onnx").exists():
        mdx(models / "uvr_mdx.onnx")
    if not (models / "musicgen").exists():
        musicgen(models / "musicgen", options.layers)
    for path in sorted(models.rglob("*.onnx*")):
        print(f"{path.stat().st_size / 1e6:8.1f} MB  {path.relative_to(models)}")


if __name__ == "__main__":
    main()
