"""Where a rollback leads, and where an advance begins again."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rollout.engine.path import path
from rollout.engine.retreat import NEAREST, Retreat, retreat
from rollout.errors import UsageError
from rollout.model.changes import Slot
from rollout.model.plan import Level
from rollout.model.state import Pending, Position, RolloutState, Status
from rollout.model.values import Setting
from tests.fakes import NOON
from tests.small_plans import make_plan, phase, step

PLAN = make_plan(
    phase("prepare"),
    phase("limited", step(ON=True, PERCENT=20), step(), step(PERCENT=35)),
    phase("full", step(PERCENT=100), step()),
)
ENVIRONMENT = PLAN.environments["production"]
STOPS = path(PLAN, "production")
ON, PERCENT, ALLOW = (Slot(name, "api", name) for name in ("ON", "PERCENT", "ALLOW"))
FOUND: Mapping[Slot, Setting] = {ON: False, PERCENT: 0, ALLOW: ("a",)}
EXPOSED: Mapping[Slot, Setting] = {ON: True, PERCENT: 100, ALLOW: ("a",)}


def retreated(level: Level, here: Position | None, pending: Pending | None = None) -> Retreat:
    status = Status.IN_PROGRESS if here else Status.NOT_STARTED
    state = RolloutState(status, here, settings=EXPOSED, found=FOUND, pending=pending)
    return retreat(PLAN, ENVIRONMENT, STOPS, state, EXPOSED, level)


@pytest.mark.parametrize(
    ("here", "back_to", "percent"),
    [
        (Position("full", 2), Position("limited", 3), 35),  # full/1 has the same values
        (Position("full", 1), Position("limited", 3), 35),
        (Position("limited", 3), Position("limited", 2), 20),
        (Position("limited", 2), Position("prepare", 1), 0),
        (Position("limited", 1), Position("prepare", 1), 0),
        (Position("prepare", 1), None, 0),
        (None, None, 0),
    ],
)
def test_by_default_it_leads_to_the_nearest_earlier_step_whose_values_differ_else_to_the_start(
    here: Position | None, back_to: Position | None, percent: int
) -> None:
    way = retreated(NEAREST, here)
    assert (way.back_to, way.position) == (back_to, back_to)
    assert way.settings == {ON: percent > 0, PERCENT: percent, ALLOW: ("a",)}


@pytest.mark.parametrize(
    ("to", "here", "back_to"),
    [
        ("limited", Position("full", 1), Position("limited", 1)),
        ("limited/2", Position("full", 1), Position("limited", 2)),
        ("prepare", Position("limited", 1), Position("prepare", 1)),
        ("previous", Position("full", 2), Position("full", 1)),
        ("previous", Position("limited", 1), Position("prepare", 1)),
        ("previous", Position("prepare", 1), None),
        ("previous-phase", Position("full", 2), Position("limited", 3)),
        ("previous-phase", Position("limited", 3), Position("prepare", 1)),
        ("previous-phase", Position("prepare", 1), None),
    ],
)
def test_a_rollback_to_a_step_leads_there_and_an_advance_begins_again_there(
    to: str, here: Position, back_to: Position | None
) -> None:
    way = retreated(Level("back", to=to), here)
    assert (way.back_to, way.position, way.restart) == (back_to, back_to, back_to)


@pytest.mark.parametrize(
    ("to", "here"),
    [
        ("full/1", Position("full", 1)),
        ("full", Position("limited", 1)),
        ("limited/3", Position("limited", 2)),
        ("prepare", None),
        ("nowhere", Position("full", 1)),
        ("limited/9", Position("full", 1)),
    ],
)
def test_a_rollback_leads_to_an_earlier_step_or_nowhere(to: str, here: Position | None) -> None:
    with pytest.raises(UsageError):
        retreated(Level("back", to=to), here)


@pytest.mark.parametrize("name", ["emergency", "partial"])
def test_a_rollback_to_values_stays_where_it_is_and_an_advance_begins_at_the_first_step(name: str) -> None:
    way = retreated(Level(name, set={"PERCENT": 10}), Position("limited", 3))
    assert (way.back_to, way.position, way.restart) == (None, Position("limited", 3), None)
    assert way.settings == {PERCENT: 10}


@pytest.mark.parametrize(
    ("restart", "expected"),
    [
        ("first", None),
        ("here", Position("limited", 3)),
        ("limited", Position("limited", 1)),
        ("limited/2", Position("limited", 2)),
    ],
)
def test_a_level_says_where_an_advance_begins_again(restart: str, expected: Position | None) -> None:
    for level in (Level("partial", set={}, restart=restart), Level("back", to="prepare", restart=restart)):
        assert retreated(level, Position("limited", 3)).restart == expected


def test_the_steps_that_are_gone_back_over_are_known() -> None:
    way = retreated(Level("back", to="limited/2"), Position("full", 1))
    assert [str(stop.position) for stop in way.passed] == ["limited/3", "full/1"]
    assert [str(stop.position) for stop in retreated(NEAREST, Position("prepare", 1)).passed] == ["prepare/1"]
    assert len(retreated(Level("emergency"), Position("full", 1)).passed) == 5
    assert retreated(Level("partial"), Position("full", 1)).passed == ()


def test_an_interrupted_advance_counts_as_far_as_it_was_meant_to_go() -> None:
    pending = Pending("op", "advance", "ann", NOON, Position("full", 1), ())
    way = retreated(NEAREST, Position("limited", 3), pending)
    assert (way.back_to, way.settings[PERCENT]) == (Position("limited", 3), 35)
    assert retreated(Level("back", to="limited/3"), Position("limited", 3), pending).settings[PERCENT] == 35
    first = Pending("op", "advance", "ann", NOON, Position("prepare", 1), ())
    assert retreated(NEAREST, None, first).settings == FOUND


def test_going_back_restores_what_only_a_rollback_had_changed() -> None:
    present: Mapping[Slot, Setting] = {ON: False, PERCENT: 0, ALLOW: ("emergency",)}
    state = RolloutState(Status.ROLLED_BACK, Position("full", 1), settings=present, found=FOUND)
    way = retreat(PLAN, ENVIRONMENT, STOPS, state, present, Level("back", to="limited"))
    assert way.settings == {ON: False, PERCENT: 0, ALLOW: ("a",)}


def test_a_flag_that_was_absent_is_removed_again() -> None:
    found: Mapping[Slot, Setting] = {ON: None, PERCENT: None, ALLOW: None}
    state = RolloutState(Status.IN_PROGRESS, Position("prepare", 1), settings=EXPOSED, found=found)
    assert retreat(PLAN, ENVIRONMENT, STOPS, state, EXPOSED, NEAREST).settings == found
