"""Makes the tiny models with random weights that the tests of crates/models run, and what the reference
implementations answer for them.

    python tools/model_fixtures/make.py [FAMILY ...]      families: the modules beside this file; all without a word

Each family is a module with a function `make(folder)` that writes its models and goldens into
crates/models/tests/fixtures/FAMILY/ with a `manifest.json` (written by `common.Manifest`). Packages: the docstring of
each module names the versions; PyPI's torch is several gigabytes, so make a virtual environment outside the repository.
The outputs are committed, each under 500 KB; `cargo xtask test` never runs this.
"""
import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parents[1] / "crates" / "models" / "tests" / "fixtures"
HELPERS = {"make", "common", "speed", "musicgen_speed", "midi_model_speed", "full_size"}


def main():
    sys.path.insert(0, str(HERE))
    families = sys.argv[1:] or sorted(path.stem for path in HERE.glob("*.py") if path.stem not in HELPERS)
    for family in families:
        folder = FIXTURES / family
        folder.mkdir(parents=True, exist_ok=True)
        importlib.import_module(family).make(folder)
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.stat().st_size >= 500_000:
                sys.exit(f"{path} is too large for the repository: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
