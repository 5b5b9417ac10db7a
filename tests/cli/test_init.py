"""`rollout init` and `rollout schema`, as they are typed."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.warm.running import Ended, Warm


def run(warm: Warm, folder: Path, *arguments: str) -> Ended:
    return warm.start(arguments, folder, {"PATH": os.environ["PATH"], "HOME": str(folder)}).wait("strict")


def test_it_asks_nothing_and_what_it_wrote_lints_clean(warm: Warm, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NEW_SEARCH=false\n")
    made = run(warm, tmp_path, "init", "plans/search.yaml")
    assert (made.code, made.err) == (0, "")
    assert made.out == (
        "wrote plans/search.yaml\n"
        "wrote plans/rollout.schema.json, by which editors check and complete the plan\n"
        "found .env with NEW_SEARCH, off today\n"
        "next: change it, then rollout lint plans/search.yaml\n"
    )
    assert run(warm, tmp_path, "lint", "--strict").code == 0


def test_the_schema_beside_it_is_the_one_that_is_printed(warm: Warm, tmp_path: Path) -> None:
    run(warm, tmp_path, "init", "search.yaml")
    printed = run(warm, tmp_path, "schema").out
    assert (tmp_path / "rollout.schema.json").read_text("utf-8") == printed
    assert json.loads(printed)["title"] == "Rollout plan"


def test_a_second_time_is_exit_2_and_changes_nothing(warm: Warm, tmp_path: Path) -> None:
    run(warm, tmp_path, "init", "search.yaml")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    again = run(warm, tmp_path, "init", "search.yaml")
    assert (again.code, again.out) == (2, "")
    assert "exists already" in again.err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_is_none_is_exit_2(warm: Warm, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = run(warm, tmp_path, "init", "file/plan.yaml")
    assert ended.code == 2
    assert "cannot be written" in ended.err
