"""The network's weights as a file, and back.

"CSN2", then as 32-bit little-endian integers the number of tensors, and of each tensor the number of its values; then
for each tensor its step (f32) and its values as 16-bit integers in those steps, in the order of `named`.
"""
import numpy as np
from network import GAPS

MAGIC = b"CSN2"


def named():
    """Tensors in the order of the file."""
    names = ["fine.weight", "band", "middle.weight", "middle.bias", "coarse.weight", "coarse.bias"]
    names += ["core.weight", "core.bias", "whole.weight"]
    for number in range(len(GAPS)):
        names += [f"time.{number}.weight", f"time.{number}.bias", f"mix.{number}.weight", f"mix.{number}.bias"]
    names += ["spread.weight", "spread.bias"]
    for name in ("up_coarse", "middle_again", "up_middle", "fine_again", "last"):
        names += [f"{name}.weight", f"{name}.bias"]
    return names


def save(network, path):
    state = network.state_dict()
    tensors = [state[name].numpy().astype(np.float32).ravel() for name in named()]
    assert set(named()) == set(state)
    sizes = np.array([len(tensors), *map(len, tensors)], dtype="<u4").tobytes()
    body = b""
    for tensor in tensors:
        step = np.float32(max(np.abs(tensor).max(), 1e-12) / 32767)
        body += np.array([step], dtype="<f4").tobytes() + np.round(tensor / step).astype("<i2").tobytes()
    path.write_bytes(MAGIC + sizes + body)


def load(network, path):
    """Fills a network with the values of a file, as crates/separate reads them."""
    import torch

    file = path.read_bytes()
    count = int(np.frombuffer(file, "<u4", 1, 4)[0])
    sizes, place = np.frombuffer(file, "<u4", count, 8), 8 + 4 * count
    state = network.state_dict()
    for name, size in zip(named(), sizes, strict=True):
        step = np.frombuffer(file, "<f4", 1, place)[0]
        values = step * np.frombuffer(file, "<i2", size, place + 4).astype(np.float32)
        state[name] = torch.from_numpy(values).reshape(state[name].shape)
        place += 4 + 2 * int(size)
    network.load_state_dict(state)
