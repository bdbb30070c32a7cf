"""Our own programs and examples, as the checks beside other libraries call them."""
import os
from pathlib import Path


def example(package, name):
    """The command of an example. `CONTINUO_BUILT` is the folder the suite built everything in."""
    built = os.environ.get("CONTINUO_BUILT")
    if built:
        return [str(Path(built, "examples", name))]
    return ["cargo", "run", "-q", "-p", package, "--example", name, "--"]


def continuo():
    """The command of the program `continuo`."""
    built = os.environ.get("CONTINUO_BUILT")
    return [str(Path(built, "continuo"))] if built else ["cargo", "run", "-q", "-p", "headless", "--bin", "continuo", "--"]
