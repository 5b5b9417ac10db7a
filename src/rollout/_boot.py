"""The entry point: answers `--version` before anything is imported, and hands everything else to the command line."""

from __future__ import annotations

import sys

from rollout import __version__


def main() -> None:
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"rollout {__version__}")
        return
    from rollout.cli.main import run

    sys.exit(run(sys.argv[1:]))
