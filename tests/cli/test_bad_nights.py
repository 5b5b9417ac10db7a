"""What an emergency does where the plan, the record or the folder are not as they should be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.desk import Desk
from tests.cli.test_which_rollout import add_plan, where


@pytest.fixture(name="two")
def desk_with_two_environments(desk: Desk) -> Desk:
    desk.plan.unlink()
    add_plan(desk, "two")
    return desk


def flags(desk: Desk, environment: str) -> str:
    return (desk.folder / f"two-{environment}.env").read_text()


@pytest.mark.parametrize("ruin", ["this is: no: plan", None])
def test_a_ruined_plan_file_never_leads_to_another_environment(two: Desk, ruin: str | None) -> None:
    two("advance", "--yes", "-e", "blue")
    plan = two.folder / "plans" / "two.yaml"
    plan.write_text(ruin) if ruin else plan.unlink()
    assert two("rollback", "--emergency", "plans/two.yaml", "-e", "green").code == 2
    assert flags(two, "blue") == "ON=true\n"
    assert two("rollback", "--emergency", "plans/two.yaml", "-e", "blue").code == 0
    assert flags(two, "blue") == "ON=false\n"


def test_with_both_environments_running_a_ruined_plan_file_is_told_by_the_environment(two: Desk) -> None:
    for environment in ("blue", "green"):
        two("advance", "--yes", "-e", environment)
    (two.folder / "plans" / "two.yaml").write_text("rollout: 1\n")
    assert two("rollback", "--emergency", "plans/two.yaml", "-e", "green").code == 0
    assert (flags(two, "blue"), flags(two, "green")) == ("ON=true\n", "ON=false\n")


def test_an_environment_that_the_file_has_lost_is_rolled_back_all_the_same(two: Desk) -> None:
    two("advance", "--yes", "-e", "blue")
    plan = two.folder / "plans" / "two.yaml"
    plan.write_text(plan.read_text().replace("  blue:", "  red:"))
    assert two("rollback", "--emergency", "plans/two.yaml", "-e", "blue").code == 0
    assert flags(two, "blue") == "ON=false\n"


def test_the_running_environment_is_found_in_the_plans_own_store(two: Desk) -> None:
    two.variables["ROLLOUT_STORE"] = ""
    two.variables["XDG_STATE_HOME"] = str(two.folder / "state")
    two.variables["RECORD"] = "own.db"
    plan = two.folder / "plans" / "two.yaml"
    text = plan.read_text().replace("  blue: {", '  blue: {store: "sqlite:../${RECORD}", ')
    plan.write_text(text + "default_environment: green\n")
    assert two("advance", "--yes", "-e", "blue").code == 0
    assert (two.folder / "own.db").exists()
    assert where(two) == ("two", "blue")
    assert two("rollback", "--emergency").code == 0
    assert flags(two, "blue") == "ON=false\n"
    del two.variables["RECORD"]
    assert two("status", "-e", "blue").code == 2
    assert two("rollback", "--emergency", "-e", "blue").code == 0


def test_a_record_that_cannot_be_understood_stops_no_emergency(desk: Desk) -> None:
    desk("advance", "--yes")
    with desk.store() as store:
        store.execute("UPDATE events SET data = '[' WHERE seq = 3")
    assert desk("advance", "--yes").code == 8
    assert desk("rollback", "--emergency").code == 0
    assert "CHECKOUT=false" in desk.flags
    assert "CHECKOUT_PERCENT=0" in desk.flags


@pytest.mark.parametrize("to", ["canary", "previous"])
def test_an_emergency_that_cannot_lead_back_sets_the_safe_values(desk: Desk, to: str) -> None:
    desk.plan.write_text(desk.plan.read_text().replace("rollback:\n", f"rollback:\n  emergency: {{to: {to}}}\n"))
    desk("advance", "--yes")
    (desk.folder / "store.db").write_bytes(b"ruined")
    result = desk("rollback", "--emergency", "plans/shop.yaml", "-o", "json")
    assert (result.code, result.json["recorded"]) == (0, False)
    assert "CHECKOUT=false" in desk.flags


def test_a_folder_that_is_gone_stops_nobody_who_names_everything(desk: Desk, tmp_path: Path) -> None:
    desk("advance", "--yes")
    gone = tmp_path / "gone"
    gone.mkdir()
    leave = "import os, sys; os.rmdir(os.getcwd()); "
    become = "os.execv(sys.executable, [sys.executable, '-m', 'rollout', *sys.argv[1:]])"
    finished = subprocess.run(
        [sys.executable, "-c", leave + become, "rollback", "--emergency", "--plan", str(desk.plan)],
        cwd=gone,
        env=desk.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "CHECKOUT=false" in desk.flags


def test_a_name_that_no_file_can_have_is_a_sentence(desk: Desk) -> None:
    refused = desk("status", "x" * 5000)
    assert refused.code == 2


def test_a_variable_of_the_environment_may_come_from_outside(desk: Desk) -> None:
    text = desk.plan.read_text()
    text = text.replace("    targets:\n", '    vars: {METRIC: "${OUTSIDE}"}\n    targets:\n', 1)
    desk.plan.write_text(text.replace("query: cache_hit_rate", 'query: "${METRIC}"'))
    desk.variables["OUTSIDE"] = "cache_hit_rate"
    assert desk("check-gates").code == 0
    desk.variables["OUTSIDE"] = "vector(1)"
    assert desk("check-gates").code == 5
