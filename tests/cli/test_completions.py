"""The completion scripts that are kept are those that the command line makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from rollout.cli.completion_script import script

COMPLETIONS = Path(__file__).parents[2] / "completions"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_kept_completion_script_is_current(shell: str) -> None:
    assert (COMPLETIONS / f"rollout.{shell}").read_text() == script(shell), "run: make completions"
