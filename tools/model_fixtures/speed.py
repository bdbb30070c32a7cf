"""One segment (7.8 s) of Demucs v4 at its full size with random weights: ours beside PyTorch, in one interleaved run, then
again with one core kept busy by another process. Transforms included on both sides.

    python tools/model_fixtures/speed.py [--rounds N] [--folder DIR] [--program FILE]

Packages as in htdemucs.py, and onnxruntime; builds the example `demucs_speed`. The model (172 MB) is made in DIR, the
system's temporary folder by default, and kept there. Read the ratios: seconds depend on the machine.
"""
import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import htdemucs as fixtures
import onnxruntime
import torch
from demucs import htdemucs

ROOT = Path(__file__).resolve().parents[2]
FRAMES = 343_980


def full_size():
    """The published hyperparameters."""
    torch.manual_seed(0)
    return htdemucs.HTDemucs(
        fixtures.FOUR, channels=48, growth=2, nfft=4096, bottom_channels=512, t_layers=5, t_heads=8, dconv_depth=2,
        dconv_comp=8, segment=Fraction(39, 5), samplerate=44100,
    ).eval()


def model_file(folder):
    path = folder / "htdemucs_random.onnx"
    if not path.exists():
        model = full_size()
        mix = torch.zeros(1, 2, FRAMES)
        with torch.no_grad():
            spectrum = fixtures.spectrum_of(model, mix)
        fixtures.export(fixtures.Core(model, False), (mix, spectrum), [["mix", "mag"], ["freq", "time"]], path)
    return path


def reference(threads, pipe):
    """Runs in a process of its own, as PyTorch's threads are a process's."""
    torch.set_num_threads(threads)
    model, mix = full_size(), torch.rand(1, 2, FRAMES) - 0.5
    pipe.send("ready")
    while pipe.recv() == "run":
        start = time.perf_counter()
        with torch.no_grad():
            model(mix)
        pipe.send(time.perf_counter() - start)


class Reference:
    def __init__(self, threads):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=reference, args=(threads, theirs), daemon=True)
        self.process.start()
        self.pipe.recv()

    def run(self):
        self.pipe.send("run")
        return self.pipe.recv()


class Ours:
    def __init__(self, program, model, threads):
        capi = Path(onnxruntime.__file__).parent / "capi"
        library = next(path for pattern in ("libonnxruntime.so*", "libonnxruntime.*.dylib", "onnxruntime.dll")
                       for path in capi.glob(pattern))
        self.process = subprocess.Popen([program, model, str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=os.environ | {"ORT_DYLIB_PATH": str(library)})
        self.answer()

    def answer(self):
        line = self.process.stdout.readline().strip()
        return line or sys.exit("our program ended")

    def ask(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return float(self.answer())

    def run(self):
        return self.ask("run")


def spin():
    while True:
        pass


def measured(engines, rounds):
    times = {name: [] for name in engines}
    for engine in engines.values():
        engine.run()
    for _ in range(rounds):
        for name, engine in engines.items():
            times[name].append(engine.run())
            print(f"{name}: {times[name][-1]:.2f} s", file=sys.stderr, flush=True)
    return times


def built():
    build = ["cargo", "build", "--release", "--quiet", "-p", "models", "--example", "demucs_speed"]
    subprocess.run(build, cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release" / "examples" / "demucs_speed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--program", type=Path, help="the example, if it is built already")
    options = parser.parse_args()
    program = options.program or built()
    model = model_file(options.folder)
    engines = {"PyTorch 2 threads": Reference(2), "ours 2 threads": Ours(program, model, 2),
               "PyTorch 1 thread": Reference(1), "ours 1 thread": Ours(program, model, 1)}
    quiet = measured(engines, options.rounds)
    other = multiprocessing.get_context("spawn").Process(target=spin, daemon=True)
    other.start()
    busy = measured(engines, options.rounds)
    other.terminate()
    print(f"{'one segment of 7.8 s':20} {'best s':>8} {'median s':>9} | one core busy: {'best s':>7} {'median s':>9} {'slower':>7}")
    for name in engines:
        a, b = quiet[name], busy[name]
        slower = statistics.median(b) / statistics.median(a)
        print(f"{name:20} {min(a):8.2f} {statistics.median(a):9.2f} |                {min(b):7.2f} "
              f"{statistics.median(b):9.2f} {slower:6.2f}x")
    for threads in ("2 threads", "1 thread"):
        ratios = [torch_s / our_s for torch_s, our_s in zip(quiet[f"PyTorch {threads}"], quiet[f"ours {threads}"])]
        print(f"PyTorch : ours, {threads}: {statistics.median(ratios):.2f} (median of the rounds)")
    print(f"gone after a cancel in the middle: {max(engines['ours 2 threads'].ask('cancel') for _ in range(3)):.0f} ms at most")


if __name__ == "__main__":
    main()
