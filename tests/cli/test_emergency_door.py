"""Through its own door or through Typer: an emergency does, shows and records the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_startup import OFFLINE_PLAN

DOOR, TYPER = "--emergency", "--level=emergency"


def rollback(folder: Path, *options: str) -> tuple[int, str, str]:
    (folder / "plan.yaml").write_text(OFFLINE_PLAN)
    (folder / ".env").write_text("CHECKOUT=true\n")
    finished = subprocess.run(
        [sys.executable, "-m", "rollout", "rollback", *options],
        cwd=folder,
        env={**os.environ, "ROLLOUT_STORE": "sqlite:store.db"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.returncode, finished.stdout, finished.stderr


@pytest.mark.parametrize("way", [DOOR, TYPER])
def test_the_flag_is_written_and_recorded(tmp_path: Path, way: str) -> None:
    code, out, err = rollback(tmp_path, "plan.yaml", way, "-o", "json", "--reason", "too slow")
    result = json.loads(out)
    assert (code, err) == (0, "")
    assert (result["outcome"], result["level"], result["verified"], result["recorded"]) == (
        *("rolled-back", "emergency"),
        *(True, True),
    )
    assert (tmp_path / ".env").read_text() == "CHECKOUT=false\n"


@pytest.mark.parametrize("way", [DOOR, TYPER])
def test_a_dry_run_changes_nothing(tmp_path: Path, way: str) -> None:
    code, out, _ = rollback(tmp_path, "plan.yaml", way, "--dry-run")
    assert code == 0
    assert out.endswith("dry run: nothing was changed\n")
    assert (tmp_path / ".env").read_text() == "CHECKOUT=true\n"
    assert not (tmp_path / "store.db").exists()


@pytest.mark.parametrize("way", [DOOR, TYPER])
@pytest.mark.parametrize("options", [["--plan", "b.yaml"], ["--env", "nowhere"]])
def test_a_mistake_is_told_in_the_same_words(tmp_path: Path, way: str, options: list[str]) -> None:
    code, out, err = rollback(tmp_path, "plan.yaml", *options, way, "--output=json")
    assert code == 2
    assert err.startswith("error: ")
    assert json.loads(out)["error"]["message"] == err.removeprefix("error: ").split("\n")[0]


@pytest.mark.parametrize("mistake", ["--no-such-option", "--output=junit", "--reason", "--to=canary"])
def test_what_the_door_does_not_understand_is_refused_by_typer(tmp_path: Path, mistake: str) -> None:
    code, _, err = rollback(tmp_path, "plan.yaml", DOOR, mistake)
    assert code == 2
    assert "hint: " in err
    assert (tmp_path / ".env").read_text() == "CHECKOUT=true\n"
