"""Which rollout a command means."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.desk import FLAGS, Desk

PLAN = """\
rollout: 1
name: {name}
environments:
  blue: {{targets: {{app: {{type: dotenv, path: "{folder}/{name}-blue.env"}}}}}}
  green: {{targets: {{app: {{type: dotenv, path: "{folder}/{name}-green.env"}}}}}}
{default}
flags: {{ON: {{type: bool, safe: false}}}}
phases: [{{id: all, steps: [{{set: {{ON: true}}}}]}}]
"""


def add_plan(desk: Desk, name: str, default: str = "") -> Path:
    path = desk.folder / "plans" / f"{name}.yaml"
    path.write_text(PLAN.format(name=name, folder=desk.folder, default=default))
    for environment in ("blue", "green"):
        (desk.folder / f"{name}-{environment}.env").write_text("ON=false\n")
    return path


def where(desk: Desk, *arguments: str) -> tuple[str, str]:
    shown = desk("status", *arguments, "-o", "json")
    assert shown.code == 0, shown.err
    return shown.json["rollout"], shown.json["environment"]


@pytest.fixture(name="several")
def desk_with_several_plans(desk: Desk) -> Desk:
    desk.plan.unlink()
    add_plan(desk, "one")
    add_plan(desk, "two", "default_environment: green")
    return desk


def test_the_only_plan_here_is_meant(desk: Desk) -> None:
    assert where(desk) == ("shop", "test")


def test_several_plans_are_a_question_with_a_command_line_each(several: Desk) -> None:
    refused = several("status")
    assert refused.code == 2
    assert "rollout status --plan one\n" in refused.err
    assert "rollout status --plan two\n" in refused.err


def test_several_environments_are_a_question_with_a_command_line_each(several: Desk) -> None:
    refused = several("status", "one")
    assert refused.code == 2
    assert "rollout status one --env blue\n" in refused.err
    assert "rollout status one --env green\n" in refused.err
    assert where(several, "one", "--env", "green") == ("one", "green")


def test_the_default_environment_is_taken(several: Desk) -> None:
    assert where(several, "two") == ("two", "green")
    assert where(several, "two", "-e", "blue") == ("two", "blue")
    assert several("status", "two", "-e", "red").code == 2


def test_plan_and_environment_come_from_variables(several: Desk) -> None:
    several.variables.update({"ROLLOUT_PLAN": "one", "ROLLOUT_ENV": "blue"})
    assert where(several) == ("one", "blue")
    assert where(several, "--plan", "two") == ("two", "blue")
    assert where(several, "-e", "green") == ("one", "green")


def test_the_only_active_rollout_is_meant_from_any_folder_with_its_environment(several: Desk, tmp_path: Path) -> None:
    assert several("advance", "--yes", "two", "-e", "blue").code == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    away = replace(several, folder=elsewhere, variables={"ROLLOUT_STORE": f"sqlite:{several.folder / 'store.db'}"})
    assert where(away) == ("two", "blue")
    assert away("rollback", "--emergency").code == 0
    assert (several.folder / "two-blue.env").read_text() == "ON=false\n"


def test_several_active_rollouts_are_a_question_in_an_emergency_too(several: Desk) -> None:
    several("advance", "--yes", "two", "-e", "blue")
    several("advance", "--yes", "two", "-e", "green")
    for command in ("status", "rollback --emergency"):
        refused = several(*command.split())
        assert refused.code == 2
        assert f"rollout {command} --plan two@blue\n" in refused.err
        assert f"rollout {command} --plan two@green\n" in refused.err
    assert where(several, "two@blue") == ("two", "blue")
    assert where(several, "-e", "green") == ("two", "green")
    assert several("rollback", "--emergency", "two@green").code == 0
    assert (several.folder / "two-green.env").read_text() == "ON=false\n"
    assert (several.folder / "two-blue.env").read_text() == "ON=true\n"


def test_where_none_is_active_the_only_complete_one_is_meant_by_those_that_look_back(several: Desk) -> None:
    several("advance", "--yes", "one", "-e", "blue")
    several("advance", "--yes")
    assert where(several) == ("one", "blue")
    assert several("history").code == 0
    assert several("advance", "--yes").code == 2
    assert several("rollback", "--emergency").code == 0


def test_an_environment_that_contradicts_the_name_is_refused(several: Desk) -> None:
    several("advance", "--yes", "two", "-e", "blue")
    assert several("rollback", "--yes", "two@blue", "-e", "green").code == 2
    assert where(several, "two@blue", "-e", "blue") == ("two", "blue")


def test_a_plan_that_has_not_started_may_be_named_with_its_environment(several: Desk) -> None:
    assert where(several, "one@green") == ("one", "green")


def test_a_record_that_cannot_be_understood_hides_no_other(several: Desk) -> None:
    several("advance", "--yes", "two", "-e", "blue")
    several("advance", "--yes", "one", "-e", "blue")
    with several.store() as store:
        store.execute("UPDATE events SET data = '[' WHERE name = 'one' AND seq = 3")
    assert several("history", "--verify", "one@blue").code == 3
    assert where(several, "two@blue") == ("two", "blue")
    listed = several("list", "-o", "json").json["rollouts"]
    assert [(one["rollout"], one["status"]) for one in listed] == [("one", None), ("two", "in-progress")]


def test_a_name_nobody_knows_names_those_that_are_known(several: Desk) -> None:
    refused = several("status", "three")
    assert refused.code == 2
    assert "one, two" in refused.err


def test_a_plan_is_pinned_to_the_bytes_it_started_with(desk: Desk) -> None:
    desk("advance", "--yes")
    desk.plan.write_text(desk.plan.read_text() + "# a remark\n")
    assert desk("advance", "--yes").code == 7
    assert desk.flags == FLAGS.replace("CHECKOUT=false", "CHECKOUT=true").replace("PERCENT=0", "PERCENT=10")


def test_a_plan_file_that_is_being_rolled_out_means_that_environment(several: Desk) -> None:
    assert where(several, "plans/two.yaml") == ("two", "green")
    several("advance", "--yes", "two", "-e", "blue")
    assert where(several, "plans/two.yaml") == ("two", "blue")
    assert where(several, "plans/two.yaml", "-e", "green") == ("two", "green")


def test_paths_start_from_the_folder_of_the_plan_file_that_is_named(desk: Desk) -> None:
    desk("advance", "--yes")
    moved = desk.folder / "checkout" / "plans"
    moved.mkdir(parents=True)
    desk.plan.rename(moved / "shop.yaml")
    (desk.folder / ".env").rename(moved.parent / ".env")
    assert desk("rollback", "--emergency", "checkout/plans/shop.yaml").code == 0
    assert "CHECKOUT=false" in (moved.parent / ".env").read_text()
