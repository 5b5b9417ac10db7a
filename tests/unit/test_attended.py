"""Work that is attended can be interrupted at any moment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_an_interruption_at_any_instruction_ends_it_and_is_not_lost() -> None:
    command = [sys.executable, "-m", "tests.interrupted_anywhere", "7"]
    ended = subprocess.run(
        command, cwd=Path(__file__).parents[2], timeout=60, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) > 100
