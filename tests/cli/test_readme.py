"""What the README says is true."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rollout.errors import ChangeError, ConflictError, UsageError
from rollout.model.verdicts import Verdict
from tests.warm.running import Ended, Warm, cold

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
INDENTED = [line.strip() for line in README.splitlines() if line.startswith("    ")]
COMMANDS = sorted(set(re.findall(r"^(?:\$ )?rollout ([a-z-]+)", "\n".join((*INDENTED, README)), re.M)))


def run(*arguments: str, folder: Path) -> Ended:
    return cold(arguments, folder, os.environ)


def test_its_plan_of_ten_lines_lints_clean(tmp_path: Path) -> None:
    plan = README.split("```yaml\n")[1].split("```")[0]
    assert len(plan.splitlines()) == 10
    (tmp_path / "plan.yaml").write_text(plan)
    assert run("lint", "--strict", "plan.yaml", folder=tmp_path).code == 0


def test_its_two_commands_are_targets_of_make() -> None:
    targets = {line.split()[1] for line in INDENTED if line.startswith("make ")}
    assert targets == {"demo", "test"}
    makefile = (ROOT / "Makefile").read_text()
    assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets)


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_exist(command: str, tmp_path: Path, warm: Warm) -> None:
    assert warm.start((command, "--help"), tmp_path, {}).wait().code == 0


def test_init_and_lint_as_it_shows_them(tmp_path: Path) -> None:
    assert run("init", folder=tmp_path).code == 0
    assert run("lint", "--strict", folder=tmp_path).code == 0
    again = run("init", folder=tmp_path)
    assert again.code == 2
    assert "exists already" in again.err


def test_its_exit_codes_are_those_of_the_code() -> None:
    rows = dict(re.findall(r"^\| (\d+) \| ([A-Z-]*) ?\|", README, re.M))
    assert {verdict.value: str(verdict.exit_code) for verdict in Verdict} == {
        word: code for code, word in rows.items() if word
    }
    assert [UsageError.exit_code, ConflictError.exit_code, ChangeError.exit_code] == [2, 7, 8]
    assert set(rows) == {str(code) for code in range(9)}
