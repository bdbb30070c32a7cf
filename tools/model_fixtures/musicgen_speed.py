"""How long one step of MusicGen-small takes, ours against transformers, in one interleaved run.

    python tools/model_fixtures/musicgen_speed.py make /tmp/musicgen-size   # 20 minutes, 8 GB of memory and disk
    cargo build --release -p models --example musicgen_steps
    ORT_DYLIB_PATH=... python tools/model_fixtures/musicgen_speed.py run /tmp/musicgen-size --steps target/release/examples/musicgen_steps

The weights are random and full-size in the decoder (24 layers of 1024) and the sound decoder; nothing is committed.
Packages as for musicgen.py. `--busy` keeps one core busy with another process in the second half of the run.
"""
import argparse
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

TEXT_TOKENS = 16
# Columns of tokens before the first measured step, as in the middle of a 10 s piece.
PAST = 250


def make(root):
    import onnx
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from optimum.exporters.onnx import main_export
    from transformers import EncodecConfig, MusicgenConfig, MusicgenForConditionalGeneration, T5Config
    from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig
    torch.manual_seed(1)
    text = T5Config(vocab_size=128, d_model=768, num_layers=1, num_heads=12, d_ff=3072)
    audio = EncodecConfig(target_bandwidths=[2.2], sampling_rate=32000, audio_channels=1, num_filters=64, codebook_size=2048,
                          upsampling_ratios=[8, 5, 4, 4], norm_type="weight_norm", use_causal_conv=False)
    config = MusicgenConfig.from_sub_models_config(text, audio, MusicgenDecoderConfig())
    model = MusicgenForConditionalGeneration(config).eval()
    torch_dir, onnx_dir = root / "torch", root / "fp32"
    model.save_pretrained(torch_dir)
    del model
    main_export(str(torch_dir), onnx_dir, task="text-to-audio", do_validation=False, no_post_process=True)
    narrow = root / "int8"
    narrow.mkdir(exist_ok=True)
    for name in ["decoder_model", "decoder_with_past_model"]:
        quantize_dynamic(onnx_dir / f"{name}.onnx", narrow / f"{name}.onnx", weight_type=QuantType.QInt8)
    tokeniser = Path(__file__).resolve().parents[2] / "crates/models/tests/fixtures/musicgen/tokenizer.json"
    for folder in (onnx_dir, narrow):
        shutil.copy(tokeniser, folder)
        shutil.copy(torch_dir / "config.json", folder)
    for name in ["text_encoder.onnx", "encodec_decode.onnx"]:
        shutil.copy(onnx_dir / name, narrow)
    print("made", sorted(path.name for path in narrow.iterdir()), onnx.__version__)


class Ours:
    """Our program, kept running: it is told how many steps to take and says how long each took."""

    def __init__(self, program, folder, threads):
        self.name = f"ours {folder.name} {threads} thr"
        command = [program, str(folder), str(threads), str(PAST)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def steps(self, count):
        print(count, file=self.process.stdin, flush=True)
        *times, self.threads = self.process.stdout.readline().split()
        return [float(ms) for ms in times]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Reference:
    """transformers' decoder on PyTorch, guided (a batch of two), with its cache."""

    def __init__(self, folder, threads):
        import torch
        from transformers import MusicgenForConditionalGeneration
        torch.set_num_threads(threads)
        self.torch = torch
        self.name = f"transformers {threads} thr"
        self.threads = str(threads)
        self.model = MusicgenForConditionalGeneration.from_pretrained(folder).eval()
        with torch.no_grad():
            hidden = self.model.enc_to_dec_proj(torch.randn(1, TEXT_TOKENS, 768))
            self.hidden = torch.cat([hidden, torch.zeros_like(hidden)])
            self.mask = torch.cat([torch.ones(1, TEXT_TOKENS), torch.zeros(1, TEXT_TOKENS)])
            past = torch.randint(0, 2048, (8, PAST))
            self.start = self.decode(past, None)

    def decode(self, tokens, past):
        answer = self.model.decoder(input_ids=tokens, encoder_hidden_states=self.hidden, encoder_attention_mask=self.mask,
                                    past_key_values=past, use_cache=True)
        return answer.past_key_values

    def steps(self, count):
        times = []
        with self.torch.no_grad():
            past = self.start
            for _ in range(count):
                tokens = self.torch.randint(0, 2048, (8, 1))
                began = time.perf_counter()
                past = self.decode(tokens, past)
                times.append((time.perf_counter() - began) * 1e3)
        return times

    def close(self):
        pass


def burn():
    while True:
        sum(range(100_000))


def measure(engines, rounds, count):
    """Rounds of `count` steps, one engine after the other; the first step of a round wakes it up and does not count."""
    times = {engine.name: [] for engine in engines}
    for _ in range(rounds):
        for engine in engines:
            times[engine.name] += engine.steps(count + 1)[1:]
    return times


def show(title, engines, times):
    print(f"\n{title}; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    reference = times[engines[0].name]
    for engine in engines:
        own = times[engine.name]
        best, median = min(own), statistics.median(own)
        print(f"{engine.name:24} best {best:7.1f} ms  median {median:7.1f} ms  reference : this = "
              f"{min(reference) / best:5.2f} best {statistics.median(reference) / median:6.2f} median  ({engine.threads} threads at the end)")
    return {name: statistics.median(own) for name, own in times.items()}


def run(arguments):
    threads = arguments.threads
    engines = [Reference(arguments.dir / "torch", threads)]
    engines += [Ours(arguments.steps, arguments.dir / kind, threads) for kind in arguments.kinds.split(",")]
    idle = show("as it is", engines, measure(engines, arguments.rounds, arguments.count))
    if arguments.busy:
        burner = multiprocessing.get_context("fork").Process(target=burn, daemon=True)
        burner.start()
        try:
            busy = show("one more process busy", engines, measure(engines, arguments.rounds, arguments.count))
        finally:
            burner.terminate()
            burner.join()
        print()
        for name in busy:
            print(f"{name:24} slows down {busy[name] / idle[name]:.2f} times (median)")
    for engine in engines:
        engine.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["make", "run"])
    parser.add_argument("dir", type=Path)
    parser.add_argument("--steps", default="target/release/examples/musicgen_steps")
    parser.add_argument("--kinds", default="fp32,int8")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=8)
    parser.add_argument("--busy", action="store_true")
    arguments = parser.parse_args()
    sys.exit(make(arguments.dir) if arguments.what == "make" else run(arguments))


if __name__ == "__main__":
    main()
