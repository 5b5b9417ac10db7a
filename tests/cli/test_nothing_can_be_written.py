"""What cannot be written ends with a sentence, and never in a folder that is not there any more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROLLOUT = f"{sys.executable} -m rollout"


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ROLLOUT_STORE": f"sqlite:{folder}/store.db"}
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["--version", "--help", "lint --help", ""])
def test_help_that_cannot_be_written_is_no_bug(command: str, tmp_path: Path) -> None:
    ended = shell(f"{ROLLOUT} {command} > /dev/full", tmp_path)
    assert (ended.returncode, ended.stderr.count("\n")) == (8, 1)
    assert "could not be written: No space left on device" in ended.stderr


def test_a_starter_is_not_written_from_a_folder_that_was_deleted(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    ended = shell(f"cd gone && rmdir ../gone && {ROLLOUT} init", tmp_path)
    assert (ended.returncode, ended.stderr.splitlines()[0]) == (2, "error: the working folder is not there any more")


def test_what_a_plan_holds_is_no_command_to_a_ci_that_lints_it(tmp_path: Path) -> None:
    (tmp_path / "evil.yaml").write_text('rollout: 1\n::stop-commands::abc: 1\nname: "##[group]hey"\n')
    ended = shell(f"{ROLLOUT} lint evil.yaml", tmp_path)
    assert ended.returncode == 2
    assert "stop-commands" in ended.stdout
    assert not any(line.lstrip().startswith("::") or "##[" in line for line in ended.stdout.splitlines())
