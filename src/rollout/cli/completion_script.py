"""`python -m rollout.cli.completion_script FOLDER` writes the scripts that make shells complete `rollout`."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from rollout.cli.completing.shells import SCRIPTS


def script(shell: str) -> str:
    return files("rollout.cli.completing").joinpath("scripts", SCRIPTS[shell]).read_text("utf-8")


if __name__ == "__main__":
    for shell, name in SCRIPTS.items():
        Path(sys.argv[1], name).write_text(script(shell), "utf-8")
