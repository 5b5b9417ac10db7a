"""Who is typing, as git tells it when no variable does."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import time
from pathlib import Path

ASK = "from rollout.settings import actor, read_settings; print(actor(read_settings()))"
LOGIN = pwd.getpwuid(os.getuid()).pw_name


def typist(folder: Path, path: str = os.environ["PATH"]) -> str:
    environment = {"PATH": path, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    asked = subprocess.run(
        [sys.executable, "-c", ASK], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    assert asked.stderr == ""
    return asked.stdout.strip()


def fake_git(folder: Path, script: str) -> str:
    program = folder / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"{program.parent}:{os.environ['PATH']}"


def test_it_is_gits_user(tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\n\temail = ana@example.com\n")
    assert typist(tmp_path) == "ana@example.com"


def test_without_a_user_in_git_it_is_the_login(tmp_path: Path) -> None:
    assert typist(tmp_path) == LOGIN


def test_without_git_it_is_the_login(tmp_path: Path) -> None:
    assert typist(tmp_path, path=str(tmp_path)) == LOGIN


def test_a_git_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    path = fake_git(tmp_path, "exec sleep 60")
    began = time.monotonic()
    assert typist(tmp_path, path) == LOGIN
    assert time.monotonic() - began < 10


def test_a_git_that_closes_its_output_and_goes_on_is_not_waited_for(tmp_path: Path) -> None:
    path = fake_git(tmp_path, "exec >&-; exec sleep 60")
    began = time.monotonic()
    assert typist(tmp_path, path) == LOGIN
    assert time.monotonic() - began < 10
