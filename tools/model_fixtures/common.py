"""What the families share: test signals that Rust makes bit for bit as well, and the manifest of goldens."""
import hashlib
import json
from importlib import metadata

import numpy


def noise(seed, length):
    """White noise of -1.0..1.0: the upper 24 bits of a linear congruential generator (Numerical Recipes' constants)."""
    values = numpy.empty(length, numpy.float32)
    state = seed
    for i in range(length):
        state = (state * 1664525 + 1013904223) % 2**32
        values[i] = (state >> 8) / 2**23 - 1.0
    return values


def stereo_signal(seed, length):
    """A saw with a period of 200 frames and different noise left and right; [2, length] float32, exact in any language."""
    saw = ((numpy.arange(length) % 200) / 128.0 - 0.75).astype(numpy.float32)
    half = numpy.float32(0.5)
    return numpy.stack([saw * half + noise(seed, length) * half, saw * half - noise(seed + 1, length) * half])


class Manifest:
    """Goldens of one family: little-endian f32 files, and a manifest with what made them."""

    def __init__(self, folder, packages):
        self.folder = folder
        self.entries = {"versions": {name: metadata.version(name) for name in packages}, "files": {}, "cases": []}

    def golden(self, name, values):
        """Writes numbers, row by row."""
        (self.folder / name).write_bytes(numpy.ascontiguousarray(values, "<f4").tobytes())

    def case(self, **values):
        """A test case, in the family's own terms."""
        self.entries["cases"].append(values)

    def write(self):
        for path in sorted(self.folder.iterdir()):
            if path.is_file() and path.name != "manifest.json":
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                self.entries["files"][path.name] = {"bytes": path.stat().st_size, "sha256": digest}
        text = json.dumps(self.entries, indent=1, sort_keys=True)
        (self.folder / "manifest.json").write_text(text + "\n")
