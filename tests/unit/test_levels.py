"""What the keys of a rollback level mean, and what a rollback asks of a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rollout.errors import UsageError
from rollout.model.plan import EMERGENCY, Level
from rollout.model.state import Status
from rollout.operations.rollback import Rollback
from tests.small_plans import PERCENT, commands, make_plan, phase, step
from tests.workbench import Workbench, busy, full_rollout, no, workbench


def held(made: Workbench) -> tuple[str | None, str | None]:
    return made.target.held.get("ON"), made.target.held.get("PERCENT")


def nobody_is_asked(_: Rollback) -> bool:
    pytest.fail("asked")


# What it asks.


@pytest.mark.parametrize("approved_by", ["", " ", "ann", "ANN", " ann "])
def test_a_level_that_wants_approval_wants_another_person(approved_by: str) -> None:
    made = full_rollout(Level("code", set={"PERCENT": 0}, approval=True))
    events = made.kinds
    with pytest.raises(UsageError):
        made.rollback("code", "ann", approved_by=approved_by)
    assert (made.kinds, held(made)) == (events, ("true", "100"))


def test_who_approved_is_kept() -> None:
    made = full_rollout(Level("code", set={"PERCENT": 0}, approval=True))
    assert made.rollback("code", "ann", approved_by="bob").exit_code == 0
    assert made.events[-2].data["approved_by"] == "bob"


def test_an_approved_level_still_asks_and_a_dry_run_needs_no_approval() -> None:
    made = full_rollout(Level("code", set={"PERCENT": 0}, approval=True))
    assert made.rollback("code", approved_by="bob", confirm=no).exit_code == 4
    assert made.rollback("code", dry_run=True).exit_code == 0


def test_a_destructive_level_goes_by_the_name_alone() -> None:
    made = full_rollout(Level("code", destructive=True, run=commands("redeploy")))
    with pytest.raises(UsageError, match="does not name the rollout"):
        made.rollback("code", confirmed="checkout")
    assert made.runner.ran == []
    assert made.rollback("code", confirm=no).exit_code == 4
    assert made.rollback("code", confirmed="checkout-v2", confirm=nobody_is_asked).exit_code == 0
    assert made.runner.ran == [("run of code", ("redeploy",))]


def test_an_emergency_asks_for_neither() -> None:
    made = full_rollout(Level(EMERGENCY, approval=True, destructive=True))
    assert made.rollback(EMERGENCY, confirm=nobody_is_asked).exit_code == 0


# Where it leads.


def test_a_level_without_values_only_runs_its_commands() -> None:
    made = full_rollout(Level("code", run=commands("redeploy previous"), instructions=("Tell them",)))
    result = made.rollback("code")
    assert (result.exit_code, result.changes, held(made)) == (0, (), ("true", "100"))
    assert result.left_to_do == ("Tell them",)
    assert made.state.status is Status.ROLLED_BACK


@pytest.mark.parametrize(
    ("restart", "begins"), [("", "prepare/1"), ("first", "prepare/1"), ("here", "full/1"), ("limited/2", "limited/2")]
)
def test_a_person_begins_again_where_the_level_says(restart: str, begins: str) -> None:
    made = full_rollout(Level("some", set={"PERCENT": 10}, restart=restart))
    made.rollback("some")
    assert made.advance(dry_run=True).exit_code == 4
    result = made.advance(reason="fixed")
    assert (result.exit_code, str(result.aim)) == (0, begins)


def test_a_restart_writes_every_flag_as_that_step_wants_it() -> None:
    made = full_rollout(Level("some", set={"PERCENT": 10}, restart="limited/2"))
    made.rollback("some")
    result = made.advance(reason="fixed")
    assert [change.slot.flag for change in result.changes] == ["ON", "PERCENT", "ALLOW"]
    assert made.target.held == {"ON": "true", "PERCENT": "35", "ALLOW": "a,,b"}


def test_a_flag_that_only_a_rollback_changed_returns_to_what_it_was() -> None:
    made = full_rollout(Level("some", set={"ALLOW": ()}, restart="here"))
    made.rollback("some")
    assert made.target.held["ALLOW"] == ""
    made.advance(reason="fixed")
    assert made.target.held["ALLOW"] == "a,,b"


@pytest.mark.parametrize("to", ["previous", "previous-phase", "limited/1", "prepare"])
def test_where_a_level_may_lead(to: str) -> None:
    made = full_rollout(Level("some", to=to))
    expected = {"previous": "limited/2", "previous-phase": "limited/2", "limited/1": "limited/1"}.get(to, "prepare/1")
    result = made.rollback("some")
    assert (str(result.back_to), result.exit_code) == (expected, 0)
    assert str(made.state.restart) == expected


def test_some_flags_alone_go_to_their_safe_values_and_it_begins_again_here() -> None:
    made = full_rollout()
    result = made.rollback(flags=["PERCENT"])
    assert (result.exit_code, held(made)) == (0, ("true", "0"))
    assert str(made.advance(reason="fixed").aim) == "full/1"


@pytest.mark.parametrize("flags", [["NOPE"], ["ALLOW"], ["PERCENT", "NOPE"]])
def test_flags_that_are_none_or_have_no_safe_value_are_a_usage_error(flags: list[str]) -> None:
    made = full_rollout()
    with pytest.raises(UsageError):
        made.rollback(flags=flags)
    assert held(made) == ("true", "100")


def test_a_percent_without_a_safe_value_goes_to_nothing() -> None:
    made = workbench(make_plan(phase("one", step(PERCENT=20)), flags=[replace(PERCENT, safe=None)])).advanced(1)
    assert made.rollback(flags=["PERCENT"]).exit_code == 0
    assert made.target.held == {"PERCENT": "0"}


def test_after_an_emergency_a_smaller_rollback_does_not_bring_the_restart_nearer() -> None:
    made = full_rollout()
    made.rollback(EMERGENCY)
    made.rollback(flags=["ON"])
    assert str(made.advance(reason="fixed").aim) == "prepare/1"


def test_an_emergency_that_cannot_lead_back_keeps_its_other_keys() -> None:
    level = Level(
        EMERGENCY, to="limited/1", objective=timedelta(minutes=5), restart="limited/1", instructions=("Tell them",)
    )
    made = full_rollout(level, steps=2)  # at limited/1 itself
    result = made.rollback(EMERGENCY)
    assert (result.exit_code, held(made)) == (0, ("false", "0"))
    assert (result.level.objective, result.left_to_do) == (timedelta(minutes=5), ("Tell them",))
    assert str(made.state.restart) == "limited/1"


def test_steps_that_were_gone_back_over_are_not_undone_again() -> None:
    made = busy(steps=3)
    made.rollback()
    made.rollback()
    undone = [" ".join(argv) for what, argv in made.runner.ran if what.startswith("undo")]
    assert undone == ["cool 2", "cool 2b", "cool 1"]


def test_steps_that_an_emergency_went_back_over_are_not_undone_again() -> None:
    made = busy(steps=3)
    assert made.rollback(EMERGENCY).exit_code == 0
    assert made.rollback().exit_code == 0
    undone = [" ".join(argv) for what, argv in made.runner.ran if what.startswith("undo")]
    assert undone == ["cool 2", "cool 2b", "cool 1"]
