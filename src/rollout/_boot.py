"""The entry point: answers `--version` before anything is imported, and hands everything else to the command line."""

from __future__ import annotations

import gc
import sys

from rollout import __version__


def main() -> None:
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"rollout {__version__}")
        return
    gc.set_threshold(100_000)  # a start makes many objects that all stay: to search them for cycles is waste
    from rollout.cli.main import run

    code = run(sys.argv[1:])
    gc.freeze()  # else the interpreter searches everything once more at its end
    sys.exit(code)
