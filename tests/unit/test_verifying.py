"""Gates that show that a change worked: judged after every apply, in both directions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rollout.model.plan import Level
from rollout.operations.advance import AdvanceOutcome
from tests.fakes import NOON, answer
from tests.small_plans import gate
from tests.workbench import Workbench, busy


def healthy_after(made: Workbench, seconds: float) -> None:
    since = made.clock.now() + timedelta(seconds=seconds)
    made.source.answers["health"] = lambda at: 0.0 if at >= since else 0.5


def held(made: Workbench) -> tuple[str, str]:
    return made.targets["web"].held["ON"], made.targets["api"].held["PERCENT"]


@pytest.mark.parametrize("seconds", [0, 1, 9.5, 10])
def test_a_service_has_ten_seconds_until_it_must_pass(seconds: float) -> None:
    made = busy()
    healthy_after(made, seconds)
    assert made.advance().exit_code == 0


@pytest.mark.parametrize("health", [0.5, answer(), float("nan")])
def test_what_does_not_pass_puts_the_flags_back(health: object) -> None:
    made = busy(steps=1)
    made.source.answers["health"] = 0.5 if health == 0.5 else answer()
    before = made.clock.now()
    result = made.advance()
    assert (result.outcome, result.exit_code, result.restored) == (AdvanceOutcome.FAILED, 8, True)
    assert "gate health" in str(result.failure)
    assert held(made) == ("true", "20")
    assert made.clock.now() - before <= timedelta(seconds=21)
    assert "warm 2" not in [" ".join(argv) for _, argv in made.runner.ran]


def test_the_failure_says_what_the_plan_says_about_that_gate() -> None:
    made = busy()
    made.plan = replace(made.plan, gates={"health": replace(gate("health"), on_fail="Look at the pods")})
    made.source.answers["health"] = 0.5
    failure = made.advance().failure
    assert failure is not None
    assert failure.hint == "Look at the pods"


def test_only_gates_that_failed_are_asked_again() -> None:
    made = busy()
    specs = dict(made.plan.environments["production"].targets)
    specs["api"] = replace(specs["api"], verify=("health", "other"))
    environment = replace(made.plan.environments["production"], targets=specs)
    made.plan = replace(
        made.plan,
        environments={"production": environment},
        gates={"health": gate("health"), "other": gate("other")},
    )
    made.source.answers["other"] = 0.0
    healthy_after(made, 3)
    assert made.advance().exit_code == 0
    asked = [getattr(question, "promql", "") for question in made.source.asked]
    assert asked.count("other") == 1
    assert asked.count("health") == 4


def test_one_that_is_advisory_stops_nothing() -> None:
    made = busy()
    made.plan = replace(made.plan, gates={"health": replace(gate("health"), advisory=True)})
    made.source.answers["health"] = 0.5
    assert made.advance().exit_code == 0


def test_a_step_without_a_change_is_not_verified() -> None:
    made = busy(steps=2)
    made.source.answers["health"] = 0.5
    assert made.advance().exit_code == 0


@pytest.mark.parametrize("door", ["emergency", "slow"])
def test_a_rollback_is_verified_until_its_objective(door: str) -> None:
    made = busy(Level(door, set={"ON": False, "PERCENT": 0}, objective=timedelta(minutes=5)), steps=2)
    healthy_after(made, 299)
    assert made.rollback(door).exit_code == 0
    made = busy(Level(door, set={"ON": False, "PERCENT": 0}, objective=timedelta(minutes=5)), steps=2)
    healthy_after(made, 301)
    result = made.rollback(door)
    assert (result.exit_code, held(made)) == (8, ("false", "0"))
    assert made.clock.now() - NOON <= timedelta(seconds=301)
    assert "see that the gate health passes" in result.left_to_do


def test_time_counts_from_when_the_person_gave_the_command() -> None:
    made = busy(Level("emergency", objective=timedelta(seconds=30)), steps=1)
    made.targets["web"].after_write = lambda: made.clock.advance(timedelta(seconds=20))
    healthy_after(made, 35)
    result = made.rollback("emergency")
    assert result.exit_code == 8
    assert result.elapsed == timedelta(seconds=30)


def test_a_rollback_without_a_change_is_verified_by_what_its_level_names() -> None:
    made = busy(Level("code", verify=("health",)), steps=1)
    made.source.answers["health"] = 0.5
    assert made.rollback("code").exit_code == 8
    made.source.answers["health"] = 0.0
    assert made.rollback("code").exit_code == 0


def test_nothing_settles_while_a_change_is_verified() -> None:
    made = busy()
    made.plan = replace(made.plan, gates={"health": replace(gate("health"), settle=timedelta(0))})
    assert made.advance().exit_code == 0
    assert made.rollback("emergency").exit_code == 0
