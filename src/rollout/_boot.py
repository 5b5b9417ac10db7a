"""The entry point: answers `--version` before anything is imported, and hands everything else to the command line."""

from __future__ import annotations

import gc
import os
import sys

from rollout import __version__


def _print_version() -> None:
    try:
        print(f"rollout {__version__}", flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes once more at its end
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"error: the version could not be written: {error.strerror}\n")
            sys.exit(8)


def main() -> None:
    if sys.argv[1:] in (["--version"], ["-V"]):
        _print_version()
        return
    gc.set_threshold(100_000)  # a start makes many objects that all stay: to search them for cycles is waste
    from rollout.cli.main import run

    code = run(sys.argv[1:])
    gc.freeze()  # else the interpreter searches everything once more at its end
    sys.exit(code)
