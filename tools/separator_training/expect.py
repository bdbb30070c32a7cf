"""Writes what the network makes of given cues, for a test of crates/separate: `expect.py weights.bin expected.txt`."""
import sys
from pathlib import Path

import torch
from network import NUM_BANDS, NUM_CUES, NUM_STEMS, Network
from weights import load

FRAMES = 75


def main():
    network = Network()
    load(network, Path(sys.argv[1]))
    ranges = [torch.arange(count) for count in (FRAMES, NUM_CUES, NUM_BANDS)]
    frame, cue, band = torch.meshgrid(*ranges, indexing="ij")
    # Whole numbers, so that both sides have the same cues to the bit.
    cues = ((frame * 31 + cue * 17 + band * 7 + frame * band * 3) % 64).float() / 32 - 1
    with torch.no_grad():
        shares = network(cues.transpose(0, 1)[None])[0]
    lines = ["# frame, channel, stem, band, share; written by tools/separator_training/expect.py"]
    for number in range(120):
        place = (number * 13 % FRAMES, number % 2, number // 2 % NUM_STEMS, number * 37 % NUM_BANDS)
        share = shares[place[1], place[2], place[0], place[3]]
        lines.append(" ".join(map(str, place)) + f" {share:.6f}")
    Path(sys.argv[2]).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
