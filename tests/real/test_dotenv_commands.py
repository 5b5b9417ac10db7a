"""The `.env` target behind the commands: an advance and its undoing, and what is refused beforehand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.warm.running import Warm

PLAN = """\
rollout: 1
name: shop
environments:
  test:
    targets:
      app: {type: dotenv, path: ../.env}
flags:
  CHECKOUT: {type: bool, safe: false}
  CHECKOUT_PERCENT: {type: percent, safe: 0}
phases:
  - id: canary
    steps:
      - set: {CHECKOUT: true, CHECKOUT_PERCENT: 10}
"""


@pytest.fixture
def desk(tmp_path: Path, warm: Warm) -> Desk:
    made = Desk(tmp_path, warm)
    made.plan.parent.mkdir()
    made.plan.write_text(PLAN)
    return made


@pytest.mark.parametrize("before", [b"", b"# flags\r\nOTHER='x'"], ids=["an-empty-file", "no-final-newline"])
def test_what_an_advance_appended_a_rollback_removes_to_the_byte(desk: Desk, before: bytes) -> None:
    env = desk.folder / ".env"
    env.write_bytes(before)
    forward = desk("advance", "--yes")
    assert forward.code == 0, forward.err
    assert b"CHECKOUT=true" in env.read_bytes()
    back = desk("rollback", "--yes")
    assert back.code == 0, back.err
    assert env.read_bytes() == before


def test_a_key_that_stands_twice_ends_an_advance_with_8_and_both_lines(desk: Desk) -> None:
    env = desk.folder / ".env"
    env.write_text("# flags\nCHECKOUT=false\nCHECKOUT_PERCENT=0\nexport CHECKOUT='false'\n")
    before = env.stat().st_ino, env.read_bytes()
    refused = desk("advance", "--yes", "-o", "json")
    assert refused.code == 8
    assert f"{env} holds CHECKOUT in lines 2 and 4: readers differ in which one counts" in refused.err
    assert "leave one line of CHECKOUT" in refused.err
    assert refused.json["error"]["hint"]
    assert (env.stat().st_ino, env.read_bytes()) == before
    assert desk("status", "-o", "json").json["status"] == "not-started"


def test_an_emergency_writes_every_line_of_a_key_that_stands_twice(desk: Desk) -> None:
    env = desk.folder / ".env"
    env.write_text("CHECKOUT=false\nCHECKOUT_PERCENT=0\n")
    assert desk("advance", "--yes").code == 0
    env.write_text(env.read_text() + "CHECKOUT='true' # again\n")
    back = desk("rollback", "--emergency")
    assert back.code == 0, back.err
    assert env.read_text() == "CHECKOUT=false\nCHECKOUT_PERCENT=0\nCHECKOUT='false' # again\n"


def test_a_file_that_is_a_mount_of_its_own_ends_an_advance_with_8_and_the_remedy(desk: Desk) -> None:
    probe = subprocess.run(["unshare", "-m", "true"], capture_output=True, text=True, check=False)
    if probe.returncode:
        pytest.skip(f"mounts are not permitted here: {probe.stderr.strip()}")
    outside, inside = desk.folder / "outside.env", desk.folder / ".env"
    outside.write_text("CHECKOUT=false\n")
    inside.touch()
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"', outside, inside,
         sys.executable, "-m", "rollout", "advance", "--yes"],
        cwd=desk.folder, env={**os.environ, **desk.environment()}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 8, done.stderr
    assert f"{inside} cannot be written: Device or resource busy" in done.stderr
    assert "a file that is a mount of its own cannot be replaced: mount its folder instead" in done.stderr
    assert outside.read_text() == "CHECKOUT=false\n"
