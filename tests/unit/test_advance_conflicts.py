"""What keeps an advance from being taken at all: what cannot be had, and whoever or whatever is in the way."""

from __future__ import annotations

import pytest

from rollout.errors import ConflictError, TargetError, UsageError
from tests.fakes import Reply, answer, nothing
from tests.small_plans import make_plan, phase, step
from tests.workbench import DAY, checkout, workbench


@pytest.mark.parametrize("to", ["limited/1", "full", "prepare"])
def test_a_step_that_is_not_the_next_one_is_a_conflict(to: str) -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY)
    assert made.refuses(ConflictError, to=to).exit_code == 7
    assert made.advance(to="limited/2").exit_code == 0
    assert made.refuses(ConflictError, to="limited/2").exit_code == 7


def test_a_complete_rollout_has_no_next_step() -> None:
    made = workbench(make_plan(phase("one", step(ON=True)))).advanced(2)
    assert made.refuses(ConflictError, to="one").exit_code == 7


def test_a_usage_error_comes_before_a_fired_trigger_that_before_a_conflict_and_that_before_the_verdict() -> None:
    made = checkout().advanced(2)
    made.source.answers.update({"spike": 0.5, "errors": 0.5})
    made.difference = "-PERCENT: 35\n+PERCENT: 50"
    assert made.refuses(UsageError, to="nowhere").exit_code == 2
    assert made.advance(to="full").exit_code == 6
    made.source.answers["spike"] = 0.0
    assert made.refuses(ConflictError, to="full").exit_code == 7
    assert made.refuses(ConflictError).exit_code == 7
    made.difference = ""
    assert made.advance().exit_code == 3


def test_an_edited_plan_is_a_conflict_that_shows_the_difference() -> None:
    made = checkout().advanced(1)
    made.difference = "-PERCENT: 35\n+PERCENT: 50"
    assert "+PERCENT: 50" in made.refuses(ConflictError).message


@pytest.mark.parametrize("errors", [0.0, 0.5, answer()])
def test_a_target_that_drifted_is_a_conflict_whatever_the_gates_say(errors: Reply) -> None:
    made = checkout().advanced(2)
    made.source.answers["errors"] = errors
    made.target.held = {"ON": "true", "PERCENT": "50"}
    error = made.refuses(ConflictError)
    assert error.exit_code == 7
    assert "PERCENT at api is 50, recorded is 20" in error.message


def test_another_spelling_is_no_drift() -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY)
    made.target.held = {"ON": "TRUE", "PERCENT": "20.0"}
    assert made.advance().exit_code == 0


def test_a_change_that_has_not_ended_is_a_conflict() -> None:
    made = checkout().advanced(1)
    messages = []

    def meanwhile() -> None:
        made.target.before_write = nothing
        messages.append(made.refuses(ConflictError).message)

    made.target.before_write = meanwhile
    assert made.advance("bob").exit_code == 0
    assert "bob" in messages[0]
    assert "limited/1" in messages[0]


@pytest.mark.parametrize("trouble", ["read", "preflight"])
def test_a_target_that_cannot_be_read_or_written_stops_it_before_anything_changes(trouble: str) -> None:
    made = checkout().advanced(1)
    made.target.fails = {trouble}
    assert made.refuses(TargetError).exit_code == 8


def test_a_verdict_comes_before_a_target_that_cannot_be_read() -> None:
    made = checkout().advanced(2)
    made.source.answers["errors"] = 0.5
    made.target.fails = {"read"}
    assert made.advance().exit_code == 3


def test_variables_without_a_value_stop_an_advance() -> None:
    made = checkout()
    made.unset = ("PROMETHEUS_URL",)
    assert "PROMETHEUS_URL" in made.refuses(UsageError).message
