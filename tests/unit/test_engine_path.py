"""The steps of a plan in one environment, in order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rollout.engine.path import find, index_of, path
from rollout.errors import UsageError
from rollout.model.state import Position
from tests.small_plans import make_plan, phase, step

PLAN = make_plan(
    phase("prepare"),
    phase("limited", step(), step(), environments=("production",)),
    phase("full", step()),
)


def labels(environment: str) -> list[str]:
    return [str(stop.position) for stop in path(PLAN, environment)]


def test_a_phase_takes_place_only_where_it_says() -> None:
    assert labels("production") == ["prepare/1", "limited/1", "limited/2", "full/1"]
    assert labels("staging") == ["prepare/1", "full/1"]


def test_a_phase_without_steps_has_one_that_changes_nothing() -> None:
    first = path(PLAN, "production")[0]
    assert (first.step.number, first.step.set, first.last_of_phase) == (1, {}, True)


def test_only_the_last_step_of_a_phase_leads_out_of_it() -> None:
    assert [stop.last_of_phase for stop in path(PLAN, "production")] == [True, False, True, True]


def test_a_position_has_its_place_on_the_path() -> None:
    stops = path(PLAN, "production")
    assert index_of(stops, Position("limited", 2)) == 2
    assert index_of(stops, None) == -1
    assert index_of(stops, Position("gone", 1)) == -1


def test_a_step_is_found_by_its_name_or_number() -> None:
    limited = PLAN.phases[1]
    named = replace(limited, steps=(replace(limited.steps[0], name="day-1"), limited.steps[1]))
    stops = path(replace(PLAN, phases=(named,)), "production")
    assert find(stops, "limited").position == Position("limited", 1)
    assert find(stops, "limited/day-1").position == Position("limited", 1)
    assert find(stops, "limited/2").position == Position("limited", 2)
    assert stops[0].label == "limited/day-1"


@pytest.mark.parametrize(("text", "known"), [("nope", "prepare, full"), ("full/2", "full/1"), ("limited", "prepare")])
def test_a_step_that_is_not_here_is_refused_with_the_choices(text: str, known: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(path(PLAN, "staging"), text)
    assert known in caught.value.hint
