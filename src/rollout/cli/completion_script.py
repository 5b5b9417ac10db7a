"""`python -m rollout.cli.completion_script SHELL` prints the script that makes a shell complete `rollout`."""

from __future__ import annotations

import sys

from typer._completion_shared import get_completion_script


def script(shell: str) -> str:
    return get_completion_script(prog_name="rollout", complete_var="_ROLLOUT_COMPLETE", shell=shell) + "\n"


if __name__ == "__main__":
    sys.stdout.write(script(sys.argv[1]))
