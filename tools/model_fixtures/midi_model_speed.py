"""How many events a midi-model of the published size writes in a second: ours beside the reference's own program (both on
ONNX Runtime), in one interleaved run.

    MIDI_MODEL_REFERENCE=REFERENCE python tools/model_fixtures/midi_model_speed.py make /tmp/midi-size     # 3 GB of disk
    cargo build --release -p models --example midi_model_speed
    MIDI_MODEL_REFERENCE=REFERENCE python tools/model_fixtures/midi_model_speed.py run /tmp/midi-size --program target/release/examples/midi_model_speed

Weights are random, with the sizes of tv2o-medium (12 layers of 1024, token net of 3) in 32 bits and with 8-bit weights. A
bias keeps the piece from leaping to its end, as in midi_model.py, which names the packages. Read the ratios.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

import midi_model as fixtures

PROMPT_PATCHES = [(0, 33), (1, 4), (2, 80), (9, 0)]


def full_size(theirs):
    import torch
    import transformers
    torch.manual_seed(1)
    tokenizer = theirs.MIDITokenizer("v2")
    sizes = dict(vocab_size=tokenizer.vocab_size, hidden_size=1024, pad_token_id=tokenizer.pad_id,
                 max_position_embeddings=4096, use_cache=False, attn_implementation="eager")
    net = transformers.LlamaConfig(num_attention_heads=16, num_hidden_layers=12, intermediate_size=4096, **sizes)
    token = transformers.LlamaConfig(num_attention_heads=4, num_hidden_layers=3, intermediate_size=1024, **sizes)
    return theirs.MIDIModel(theirs.MIDIModelConfig(tokenizer, net, token)).eval()


def make(root):
    from onnxruntime.quantization import QuantType, quantize_dynamic
    theirs, _ = fixtures.reference()
    model = full_size(theirs)
    wide, narrow = root / "fp32", root / "int8"
    fixtures.write_model(model, wide)
    fixtures.steady(model.tokenizer, wide / "model_token.onnx", wide / "model_token.onnx")
    narrow.mkdir(exist_ok=True)
    shutil.copy(wide / "config.json", narrow)
    for name in ("model_base.onnx", "model_token.onnx"):
        quantize_dynamic(wide / name, narrow / name, weight_type=QuantType.QInt8)
    print({str(path.relative_to(root)): path.stat().st_size // 1_000_000 for path in sorted(root.rglob("*.onnx"))}, "MB")


class Reference:
    """`generate` of the reference's program, on the same files with the same settings."""

    def __init__(self, folder, threads):
        import onnxruntime
        theirs, self.app = fixtures.reference()
        self.tokenizer = theirs.MIDITokenizer("v2")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        opened = lambda name: onnxruntime.InferenceSession(folder / name, options, providers=["CPUExecutionProvider"])
        self.sessions = [opened(name) for name in ("model_base.onnx", "model_token.onnx")]

    def run(self, events):
        start = fixtures.prompt(self.tokenizer, PROMPT_PATCHES)
        others = [channel for channel in range(16) if channel not in (0, 1, 2, 9)]
        made = self.app.generate((*self.sessions, self.tokenizer), start, max_len=len(start) + events, temp=1.0, top_p=0.94,
                                 top_k=20, disable_patch_change=True, disable_control_change=True,
                                 disable_channels=others)
        count, began = 0, time.perf_counter()
        for _ in made:
            count += 1
        return count / (time.perf_counter() - began)


def ours(program, folder, threads, events):
    line = subprocess.run([program, folder, str(threads), str(events)], check=True, capture_output=True, text=True).stdout
    return float(line.split(",")[1].split()[0])


def measure(root, program, rounds, events, threads):
    # A progress bar for every event is no part of the work.
    os.environ["TQDM_DISABLE"] = "1"
    for folder in (root / "fp32", root / "int8"):
        reference, speeds = Reference(folder, threads), {"ours": [], "reference": []}
        for _ in range(rounds):
            speeds["ours"].append(ours(program, folder, threads, events))
            speeds["reference"].append(reference.run(events))
        best = {name: max(values) for name, values in speeds.items()}
        middle = {name: statistics.median(values) for name, values in speeds.items()}
        print(f"{folder.name}: ours {middle['ours']:.1f} events/s (best {best['ours']:.1f}), reference {middle['reference']:.1f} "
              f"(best {best['reference']:.1f}), ratio {middle['ours'] / middle['reference']:.2f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["make", "run"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--program", default="target/release/examples/midi_model_speed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    if args.what == "make":
        args.folder.mkdir(parents=True, exist_ok=True)
        make(args.folder)
    else:
        measure(args.folder, args.program, args.rounds, args.events, args.threads)


if __name__ == "__main__":
    main()
