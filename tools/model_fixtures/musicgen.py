"""Makes the MusicGen fixtures: tiny random models in the published layout, and what the reference makes of them.

    pip install torch==2.8.0 transformers==4.40.2 optimum==1.19.2 onnx==1.17.0 onnxruntime==1.23.2 \
        tokenizers==0.19.1 sentencepiece==0.2.1 protobuf numpy==1.26.4
    python tools/model_fixtures/musicgen.py            # writes crates/models/tests/fixtures/musicgen

Nothing in here is a published weight. The same seeds and versions give the same numbers; names of nodes vary.
"""
import argparse
import hashlib
import io
import json
import shutil
import tempfile
import unicodedata
from pathlib import Path

import numpy as np
import onnx
import sentencepiece
import torch
import transformers
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.float16 import convert_float_to_float16
from optimum.exporters.onnx import main_export
from optimum.exporters.onnx.model_configs import MusicgenOnnxConfig
from optimum.onnx import merge_decoders
from transformers import EncodecConfig, MusicgenConfig, MusicgenForConditionalGeneration, T5Config, T5TokenizerFast
from transformers.convert_slow_tokenizer import T5Converter
from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig

OUT = Path(__file__).resolve().parents[2] / "crates/models/tests/fixtures/musicgen"
PROMPT = "warm house loop with a round bass, 124 bpm"
NEW_TOKENS = 20
GUIDANCE = 3.0
# What the decoder knows of 64 tokens stands for the 2048 of the real one; the pad token is one past the last.
AUDIO_VOCAB = 64
MAX_POSITIONS = 256
# Texts whose characters the normaliser folds: full-width letters, ligatures, fractions, wide and fixed spaces.
TOKENISER_CASES = [
    PROMPT,
    "",
    "   two   spaces  and an end ",
    "ｗａｒｍ ｈｏｕｓｅ ＷＡＲＭ",
    "ﬁne ﬂute ½ time ① ²",
    "round\u00a0bass\u3000loop\u2009now",
    "cafe\u0301 caf\u00e9 \u212b",
    "\u4f60 drums \U0001f941",
    "line\none\ttab",
]
WORDS = """warm house loop with a round bass line and soft drums, slow pads, bright lead, no vocals, jazz trio swing piano
walking bass brushes, techno kick, rolling hats, acid line, ambient drone, calm guitar, driving funk, lofi hip hop beat,
dusty keys, 90 bpm, 124 bpm, 174 bpm drum and bass, c minor, f major, a dorian, energetic, fine flute, cafe, time, one two
tab, spaces, seamless, instrumental, high quality, steady tempo"""


def normaliser_rules(path):
    """A small part of NFKC as rules for sentencepiece: the real table is 240 KB, the format is the same."""
    chars = [chr(code) for code in [*range(0xFF01, 0xFF5F), 0xA0, 0x2009, 0x3000, 0xFB01, 0xFB02, 0xBD, 0x2460, 0xB2, 0x212B]]
    pairs = [(char, unicodedata.normalize("NFKC", char)) for char in chars]
    pairs += [("e\u0301", "\u00e9"), ("\t", " "), ("\n", " ")]
    hexes = lambda text: " ".join(f"{ord(char):X}" for char in text)
    path.write_text("".join(f"{hexes(source)}\t{hexes(target)}\n" for source, target in pairs))


def tokeniser(out):
    """T5's kind of tokeniser (sentencepiece unigram, pad 0, `</s>` 1, unknown 2) and what sentencepiece itself makes of
    the cases."""
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules.tsv"
        normaliser_rules(rules)
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(WORDS.split("\n") * 4), model_writer=model, vocab_size=120, model_type="unigram",
            pad_id=0, eos_id=1, unk_id=2, bos_id=-1, normalization_rule_tsv=str(rules), hard_vocab_limit=False,
            character_coverage=1.0, minloglevel=2)
        path = Path(folder) / "spiece.model"
        path.write_bytes(model.getvalue())
        slow = transformers.T5Tokenizer(str(path), extra_ids=0, legacy=False)
        fast = T5Converter(slow).converted()
        fast.save(str(out / "tokenizer.json"))
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
        cases = [{"text": text, "ids": pieces.encode(text) + [1]} for text in TOKENISER_CASES]
        for case in cases:
            if fast.encode(case["text"]).ids != case["ids"]:
                print("tokenizers and sentencepiece differ:", case["text"], fast.encode(case["text"]).ids, case["ids"])
        (out / "tokenizer_cases.json").write_text(json.dumps(cases, indent=1))
        return pieces


@torch.no_grad()
def tiny(channels, text_vocab):
    torch.manual_seed(1000 + channels)
    text = T5Config(vocab_size=text_vocab, d_model=12, d_kv=4, d_ff=16, num_layers=2, num_heads=3, initializer_factor=1.0)
    audio = EncodecConfig(target_bandwidths=[2.2], sampling_rate=32000, audio_channels=1, num_filters=2, hidden_size=8,
                          codebook_size=AUDIO_VOCAB, upsampling_ratios=[8, 5, 4, 4], num_lstm_layers=2, norm_type="weight_norm",
                          codebook_dim=8)
    decoder = MusicgenDecoderConfig(vocab_size=AUDIO_VOCAB, hidden_size=16, num_hidden_layers=2, num_attention_heads=4,
                                    ffn_dim=32, num_codebooks=4 * channels, audio_channels=channels, pad_token_id=AUDIO_VOCAB,
                                    bos_token_id=AUDIO_VOCAB, max_position_embeddings=MAX_POSITIONS, initializer_factor=0.4)
    config = MusicgenConfig.from_sub_models_config(text, audio, decoder)
    model = MusicgenForConditionalGeneration(config).eval()
    # The quantiser's codebooks start at zero: without this every token decodes to the same sound.
    for layer in model.audio_encoder.quantizer.layers:
        layer.codebook.embed.copy_(torch.randn(layer.codebook.embed.shape))
    # Louder tokens, so that what was decided before changes what is decided next.
    for table in model.decoder.model.decoder.embed_tokens:
        table.weight.mul_(4.0)
    model.generation_config = transformers.GenerationConfig(
        bos_token_id=AUDIO_VOCAB, pad_token_id=AUDIO_VOCAB, decoder_start_token_id=AUDIO_VOCAB, max_length=1500,
        guidance_scale=GUIDANCE, do_sample=True)
    return model


def shrink(model):
    """Names of nodes and shapes between them are a third of a file this small, and nobody reads them."""
    def clean(graph):
        graph.ClearField("value_info")
        for node in graph.node:
            node.name = ""
            node.doc_string = ""
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    clean(attribute.g)
    clean(model.graph)
    return model


def export(model, channels, folder):
    """The four files of `optimum-cli export onnx --task text-to-audio`, checked against nothing yet."""
    source = folder / "torch"
    model.save_pretrained(source)
    if channels == 2:
        # Stock optimum feeds EnCodec, which has four codebooks whatever the decoder has, with dummies for eight.
        generator = next(kind for kind in MusicgenOnnxConfig.DUMMY_INPUT_GENERATOR_CLASSES if "Encodec" in kind.__name__)
        plain = generator.__init__

        def four_codebooks(self, *args, **kwargs):
            plain(self, *args, **kwargs)
            self.num_codebooks = 4
        generator.__init__ = four_codebooks
    main_export(str(source), folder / "onnx", task="text-to-audio", do_validation=False, no_post_process=False)
    if channels == 2:
        generator.__init__ = plain
    return folder / "onnx"


def half(path, target):
    onnx.save(shrink(convert_float_to_float16(onnx.load(path), keep_io_types=False)), target)


def eight_bits(path, target):
    quantize_dynamic(path, target, weight_type=QuantType.QInt8, extra_options={"EnableSubgraph": True})
    onnx.save(shrink(onnx.load(target)), target)


def four_bits(path, target):
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
    quantiser = MatMulNBitsQuantizer(onnx.load(path), block_size=16, is_symmetric=True, accuracy_level=4)
    quantiser.process()
    onnx.save(shrink(quantiser.model.model), target)


def write_variants(exported, out, channels):
    """fp32 whole, merged and split; the decoder in other types, mono only: it is the one that anybody converts."""
    for name in ["text_encoder", "encodec_decode", "decoder_model_merged", "decoder_model", "decoder_with_past_model"]:
        onnx.save(shrink(onnx.load(exported / f"{name}.onnx")), out / f"{name}.onnx")
    if channels == 2:
        return
    for name in ["decoder_model", "decoder_with_past_model"]:
        half(exported / f"{name}.onnx", exported / f"{name}_fp16.onnx")
        four_bits(exported / f"{name}.onnx", out / f"{name}_q4.onnx")
    for name in ["text_encoder", "encodec_decode"]:
        half(exported / f"{name}.onnx", out / f"{name}_fp16.onnx")
    eight_bits(exported / "decoder_model_merged.onnx", out / "decoder_model_merged_quantized.onnx")
    merge_decoders(exported / "decoder_model_fp16.onnx", exported / "decoder_with_past_model_fp16.onnx",
                   save_path=str(out / "decoder_model_merged_fp16.onnx"), strict=False)


def write_special(exported, out):
    """A model with its weights in a file beside it, and one whose codes lack a dimension."""
    (out / "external").mkdir(exist_ok=True)
    onnx.save(shrink(onnx.load(exported / "text_encoder.onnx")), out / "external/text_encoder.onnx",
              save_as_external_data=True, location="text_encoder.onnx_data", size_threshold=256)
    codes = onnx.helper.make_tensor_value_info("audio_codes", onnx.TensorProto.INT64, ["batch", 4, "frames"])
    audio = onnx.helper.make_tensor_value_info("audio_values", onnx.TensorProto.FLOAT, ["batch", 4, "frames"])
    node = onnx.helper.make_node("Cast", ["audio_codes"], ["audio_values"], to=onnx.TensorProto.FLOAT)
    graph = onnx.helper.make_graph([node], "wrong_rank", [codes], [audio])
    (out / "wrong_rank").mkdir(exist_ok=True)
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 14)], ir_version=8),
              out / "wrong_rank/encodec_decode.onnx")


def golden(model, pieces, channels):
    """The reference's own run: what it reads, what it decides, what it sounds like."""
    ids = torch.tensor([pieces.encode(PROMPT) + [1]])
    mask = torch.ones_like(ids)
    seen = {}
    plain = model.audio_encoder.decode

    def watched(audio_codes, **kwargs):
        seen.setdefault("codes", []).append(audio_codes.clone())
        return plain(audio_codes, **kwargs)
    model.audio_encoder.decode = watched
    steps = []
    forward = model.decoder.forward

    def watched_forward(*args, **kwargs):
        answer = forward(*args, **kwargs)
        steps.append(answer.logits[:, -1].clone())
        return answer
    model.decoder.forward = watched_forward
    with torch.no_grad():
        hidden = model.text_encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        audio = model.generate(input_ids=ids, attention_mask=mask, do_sample=False, guidance_scale=GUIDANCE,
                               max_new_tokens=NEW_TOKENS)
    model.decoder.forward = forward
    model.audio_encoder.decode = plain
    rows = seen["codes"][0][0, 0] if channels == 1 else torch.stack([code[0, 0] for code in seen["codes"]], 1).flatten(0, 1)
    return {
        "prompt": PROMPT, "new_tokens": NEW_TOKENS, "guidance": GUIDANCE, "ids": ids[0].tolist(),
        "hidden": [round(float(value), 7) for value in hidden.flatten()],
        "logits": {str(step): [round(float(value), 6) for value in steps[step].flatten()] for step in (0, 1, 5)},
        "codes": rows.tolist(),
    }, audio[0].numpy().astype("<f4")


def configs(model, out):
    for name in ["config.json", "generation_config.json"]:
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            shutil.copy(Path(folder) / name, out / name)


def make(channels, pieces, root):
    out = root / ("mono" if channels == 1 else "stereo")
    out.mkdir(parents=True, exist_ok=True)
    model = tiny(channels, pieces.get_piece_size())
    with tempfile.TemporaryDirectory() as folder:
        exported = export(model, channels, Path(folder))
        write_variants(exported, out, channels)
        if channels == 1:
            write_special(exported, out)
    configs(model, out)
    numbers, audio = golden(model, pieces, channels)
    audio.tofile(out / "golden.f32")
    (out / "golden.json").write_text(json.dumps(numbers))
    print(out.name, "codes", np.array(numbers["codes"]).shape, "distinct", len(set(sum(numbers["codes"], []))),
          "audio", audio.shape, "peak", float(np.abs(audio).max()))


def manifest(root):
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.name != "manifest.json")
    digests = {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    versions = {kind.__name__: kind.__version__ for kind in (torch, transformers, onnx, sentencepiece, np)}
    (root / "manifest.json").write_text(json.dumps({"versions": versions, "sha256": digests}, indent=1) + "\n")
    for path in files:
        print(f"{path.stat().st_size:8} {path.relative_to(root)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=OUT)
    root = parser.parse_args().out
    root.mkdir(parents=True, exist_ok=True)
    pieces = tokeniser(root)
    for channels in (1, 2):
        make(channels, pieces, root)
    manifest(root)


if __name__ == "__main__":
    main()
