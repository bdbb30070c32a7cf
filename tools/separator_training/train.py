"""Trains the separator's network on the stems that make_data.py wrote, and writes its weights for crates/separate.

    python train.py --data FOLDER --out ../../crates/separate/weights/network.bin [--minutes 20] [--held-seed 5]

Needs numpy and torch. Every step mixes some seconds anew: levels, places, tone, which stems there are, and a bus
compressor over all; now and then stems come from other songs, and sides are swapped. The loss is what a listener gets:
the mean over stems of the scale-invariant and the plain distortion in dB, computed from the spectra of the stems; a
stem that is not there counts by what is put into it. `--held-seed` is not learnt from; the table at the end is on it.
"""
import argparse
import math
import random
import time
from pathlib import Path

import numpy as np
import torch
from network import HOP, NUM_STEMS, WINDOW, Network, banded, cues_of, power_of, spectra_of
from weights import save

RATE = 48000
FRAMES = 160
# Largest and last step of the optimiser.
STEP, LAST_STEP = 4e-3, 4e-5
# Examples that are kept to be used again.
POOL = 96


def cut(path, frames):
    """A stretch of a file's stems, (4, 2, samples)."""
    stems = np.load(path, mmap_mode="r")
    length = WINDOW + (frames - 1) * HOP
    start = random.randrange(max(1, stems.shape[1] - length))
    piece = np.asarray(stems[:, start : start + length], dtype=np.float32) / 32767
    if piece.shape[1] < length:
        piece = np.pad(piece, ((0, 0), (0, length - piece.shape[1]), (0, 0)), mode="wrap")
    return torch.from_numpy(piece.transpose(0, 2, 1).copy())


def compressed(stems, ratio):
    """One gain for all stems, moving as a compressor's on their sum."""
    power = stems.sum(dim=0).square().mean(dim=0)
    blocks = power[: len(power) // 480 * 480].reshape(-1, 480).mean(dim=1)
    level_db = (10 * torch.log10(blocks + 1e-9)).tolist()
    threshold_db = sorted(level_db)[len(level_db) * 6 // 10] - 3
    gain_db, curve = 0.0, []
    for value in level_db:
        wanted = min(0.0, (threshold_db - value) * (1 - 1 / ratio))
        gain_db += (wanted - gain_db) * (0.63 if wanted < gain_db else 0.08)
        curve.append(gain_db)
    gains = 10 ** (torch.tensor(curve) / 20)
    smooth = torch.nn.functional.interpolate(gains[None, None], size=len(power), mode="linear", align_corners=False)
    return stems * smooth[0]


def mixed(files, frames=FRAMES):
    """Spectra of four stems, (4, 2, frames, bins), as they are in some mix."""
    stems = cut(random.choice(files), frames)
    if random.random() < 0.25:
        for number in random.sample(range(NUM_STEMS), random.randint(1, 2)):
            stems[number] = cut(random.choice(files), frames)[number]
    loud = stems.square().mean(dim=(1, 2)).sqrt()
    is_levelled = random.random() < 0.25
    for number in range(NUM_STEMS):
        if loud[number] < 1e-4 or random.random() < 0.08:
            stems[number] = 0
            continue
        stems[number] *= 10 ** (random.uniform(-6, 6) / 20) * (0.1 / float(loud[number]) if is_levelled else 1)
        pan = {2: 0.7, 3: 0.7}.get(number, 0.15)
        angle = (random.uniform(-pan, pan) + 1) * math.pi / 4
        stems[number] *= math.sqrt(2) * torch.tensor([[math.cos(angle)], [math.sin(angle)]])
    if random.random() < 0.5:
        stems = stems.flip(1)
    if random.random() < 0.7:
        stems = compressed(stems, random.uniform(2, 6))
    spectra = spectra_of(stems)
    hz = torch.arange(spectra.shape[-1]) * RATE / WINDOW
    for number in range(NUM_STEMS):
        corner = random.uniform(400, 3000)
        spectra[number] *= 10 ** (random.uniform(-4, 4) / 20 * hz**2 / (hz**2 + corner**2))
    return spectra


def example(spectra):
    """Cues, and what the loss needs: power of the mix, common power with each stem, energy of each stem."""
    mix = spectra.sum(dim=0)
    cues, scale = cues_of(mix)
    power = banded(power_of(mix)) * scale
    common = banded((spectra.real * mix.real + spectra.imag * mix.imag)) * scale
    energy = power_of(spectra).sum(dim=(1, 2, 3)) * scale
    # Channels first, as the network has it.
    return cues, power, common.transpose(0, 1), energy


def distortion_db(shares, power, common, energy):
    """Of one mix: scale-invariant SDR and SDR of each stem, what is in each against the mix, and which are there."""
    found = (shares**2 * power[:, None]).sum(dim=(0, 2, 3))
    along = (shares * common).sum(dim=(0, 2, 3))
    whole = power.sum()
    is_there = energy > 1e-4 * whole
    energy = energy.clamp(min=1e-4 * float(whole))
    target = along**2 / energy
    floor = 1e-4 * energy
    invariant = 10 * torch.log10((target + floor) / ((found - target).clamp(min=0) + floor))
    plain = -10 * torch.log10((found - 2 * along + energy).clamp(min=0) / energy + 1e-4)
    return invariant, plain, 10 * torch.log10(found / whole + 1e-4), is_there


def loss_of(shares, wanted):
    invariant, plain, put_in, is_there = distortion_db(shares, *wanted)
    # Below -12 dB a stem is lost; the gradient goes where something can be won.
    invariant = torch.where(invariant < -12, 0.2 * (invariant + 12) - 12, invariant)
    return torch.where(is_there, -0.5 * invariant - 0.5 * plain, 0.3 * put_in).mean()


def told(network, files, count):
    """Mean scale-invariant SDR per stem where it is there, and how loud it is where it is not, dB."""
    random.seed(7)
    sums, counts, quiet = np.zeros(NUM_STEMS), np.zeros(NUM_STEMS), []
    network.eval()
    with torch.no_grad():
        for number in range(count):
            cues, *wanted = example(mixed([files[number % len(files)]], 320))
            invariant, _, put_in, is_there = distortion_db(network(cues[None])[0], *wanted)
            sums += np.where(is_there, invariant, 0)
            counts += is_there.numpy()
            quiet += put_in[~is_there].tolist()
    network.train()
    mean = sums / np.maximum(counts, 1)
    return f"{mean.round(2)} mean {mean.mean():.2f}; absent ones at {np.mean(quiet or [0]):.1f} dB"


def batch_of(files, pool, count):
    """Examples of which one half is new and the other was used before: mixing costs as much as learning."""
    new = [example(mixed(files)) for _ in range((count + 1) // 2)]
    old = random.sample(pool, min(len(pool), count // 2))
    pool.extend(new)
    del pool[:-POOL]
    return new + old


def step_at(done):
    """The optimiser's step, falling from the first to the last."""
    return LAST_STEP + (STEP - LAST_STEP) * 0.5 * (1 + math.cos(math.pi * done))


def train(network, args):
    network.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), lr=STEP, weight_decay=1e-3)
    begin, start, steps, running, pool = time.process_time(), time.time(), 0, None, []
    if args.resume:
        network.load_state_dict(torch.load(args.resume))
    progress = lambda: ((time.process_time() - begin) / args.minutes / 60, (time.time() - start) / args.at_most / 60)
    while (done := max(progress())) < 1:
        done = args.from_share + (1 - args.from_share) * done
        for group in optimiser.param_groups:
            group["lr"] = min(1, (steps + 1) / 50) * step_at(done)
        if steps % 20 == 0:
            files = files_of(args)[0]
        batch = batch_of(files, pool, args.batch)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bf16):
            cues = torch.stack([cues for cues, *_ in batch]).contiguous(memory_format=torch.channels_last)
            shares = network(cues)
        loss = sum(loss_of(found, wanted) for found, (_, *wanted) in zip(shares, batch)) / len(batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        steps += 1
        running = float(loss.detach()) if running is None else running + 0.02 * (float(loss.detach()) - running)
        if steps % 50 == 0:
            spent = time.process_time() - begin
            print(f"{steps} steps, {len(files)} files, {spent:.0f} s of work, loss {running:.2f}", flush=True)
            save(network, args.out)
            torch.save(network.state_dict(), args.out.with_suffix(".pt"))


def files_of(args):
    """Those to learn from and those held out; more may come while it learns."""
    files = sorted(file for file in args.data.glob("*.npy") if ".part" not in file.name)
    is_held = [f"_{args.held_seed}_" in file.name for file in files]
    learn = [file for file, held in zip(files, is_held) if not held]
    return learn, [file for file, held in zip(files, is_held) if held]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20.0, help="of processor time")
    parser.add_argument("--at-most", type=float, default=1e6, help="minutes on the clock")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--held-seed", type=int, default=5)
    parser.add_argument("--bf16", action="store_true", help="half the precision where it does no harm; faster on some")
    parser.add_argument("--resume", type=Path, help="a .pt to go on from")
    parser.add_argument("--from-share", type=float, default=0.0, help="of the schedule, with --resume")
    args = parser.parse_args()
    random.seed(1)
    torch.manual_seed(1)
    torch.set_num_threads(1)
    network = Network()
    num_weights = sum(value.numel() for value in network.parameters())
    print(f"{len(files_of(args)[0])} files, {num_weights} weights", flush=True)
    train(network, args)
    learn, test = files_of(args)
    save(network, args.out)
    print("scale-invariant SDR of drums, bass, harmony, melody, dB")
    print("learnt from", told(network, learn[::4], 24))
    if test:
        print("held out   ", told(network, test, 24))


if __name__ == "__main__":
    main()
