"""Which values stand at a step, and what differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from rollout.engine.path import path
from rollout.engine.settings import (
    at_step,
    changes,
    drift,
    exposed,
    safe_values,
    same,
    slots,
    values_of,
)
from rollout.model.changes import Change, Slot
from rollout.model.plan import Plan
from rollout.model.values import Flag, FlagType, Setting, Verbatim
from tests.small_plans import ALLOW, ON, PERCENT, PHASES, TTL, make_plan, slot


def values(plan: Plan, index: int, found: Mapping[Slot, Setting] | None = None) -> dict[str, Setting]:
    environment = plan.environments["production"]
    settings = at_step(plan, environment, path(plan, "production"), index, found or {})
    return values_of(settings, slots(plan, environment))


FOUND: Mapping[Slot, Setting] = {slot("ON"): Verbatim("FALSE"), slot("PERCENT"): None, slot("ALLOW"): ("a",)}


def test_a_steps_values_are_what_was_found_and_every_set_up_to_it() -> None:
    plan = make_plan(*PHASES)
    assert values(plan, -1, FOUND) == {"ON": Verbatim("FALSE"), "PERCENT": None, "ALLOW": ("a",)}
    assert values(plan, 0, FOUND) == {"ON": Verbatim("FALSE"), "PERCENT": None, "ALLOW": ("a",)}
    assert values(plan, 1, FOUND) == {"ON": True, "PERCENT": 20, "ALLOW": ("a",)}
    assert values(plan, 2, FOUND) == {"ON": True, "PERCENT": 35, "ALLOW": ("a",)}
    assert values(plan, 3, FOUND) == {"ON": True, "PERCENT": 100, "ALLOW": ("a",)}


def test_the_environments_values_come_with_the_first_step_and_steps_beat_them() -> None:
    plan = make_plan(*PHASES, flags=(ON, PERCENT, TTL), values={"TTL": 60, "PERCENT": 1})
    assert values(plan, -1, FOUND)["PERCENT"] is None
    assert values(plan, 0) == {"ON": None, "PERCENT": 1, "TTL": 60}
    assert values(plan, 1) == {"ON": True, "PERCENT": 20, "TTL": 60}


def test_an_override_beats_every_steps_set() -> None:
    plan = make_plan(*PHASES, override={"PERCENT": 5})
    assert [values(plan, index, FOUND)["PERCENT"] for index in (-1, 0, 1, 3)] == [None, 5, 5, 5]


def test_a_flag_is_written_at_each_of_its_targets_under_its_key_there() -> None:
    everywhere = replace(ON, key="on")
    some = replace(PERCENT, targets={"web": "", "cron": "PCT"})
    plan = make_plan(*PHASES, flags=(everywhere, some), targets=("api", "web"))
    environment = plan.environments["production"]
    assert list(slots(plan, environment)) == [slot("ON", "api", "on"), slot("ON", "web", "on"), slot("PERCENT", "web")]
    settings = at_step(plan, environment, path(plan, "production"), 1, {})
    assert set(settings.values()) == {True, 20}


def test_only_what_differs_is_changed_unless_all_is_written() -> None:
    plan = make_plan(*PHASES)
    flags = slots(plan, plan.environments["production"])
    present: Mapping[Slot, Setting] = {slot("ON"): Verbatim("TRUE"), slot("PERCENT"): 20, slot("ALLOW"): None}
    wanted: Mapping[Slot, Setting] = {slot("PERCENT"): 35, slot("ON"): True, slot("ALLOW"): None}
    assert changes(wanted, present, flags) == (Change(slot("PERCENT"), 20, 35),)
    assert changes(wanted, present, flags, all_slots=True) == (
        Change(slot("ON"), Verbatim("TRUE"), True),
        Change(slot("PERCENT"), 20, 35),
        Change(slot("ALLOW"), None, None),
    )
    assert changes({}, present, flags, all_slots=True) == ()


@pytest.mark.parametrize(
    ("flag", "one", "other", "alike"),
    [
        (ON, True, Verbatim("TRUE"), True),
        (ON, True, Verbatim("1"), True),
        (ON, True, False, False),
        (ON, False, None, False),
        (ON, None, None, True),
        (ON, Verbatim("abc"), Verbatim("abc"), True),
        (ON, Verbatim("abc"), Verbatim("def"), False),
        (PERCENT, 10, Verbatim("10.0"), True),
        (PERCENT, 0, None, False),
        (PERCENT, 1, Verbatim("abc"), False),
        (ALLOW, (), None, False),
        (ALLOW, ("a",), Verbatim("a,"), True),
        (Flag("S", FlagType.STRING), "", None, False),
    ],
)
def test_settings_are_the_same_where_a_service_reads_the_same(
    flag: Flag, one: Setting, other: Setting, alike: bool
) -> None:
    assert same(flag, one, other) is same(flag, other, one) is alike


def test_a_value_that_is_not_as_recorded_has_drifted() -> None:
    plan = make_plan(*PHASES)
    flags = slots(plan, plan.environments["production"])
    recorded: Mapping[Slot, Setting] = {slot("ON"): True, slot("PERCENT"): 20, slot("ALLOW"): None}
    assert drift(recorded, {**recorded, slot("ON"): Verbatim("on")}, flags) == ()
    assert drift(recorded, {**recorded, slot("PERCENT"): 0}, flags) == (Change(slot("PERCENT"), 20, 0),)
    assert drift(recorded, {**recorded, slot("ON"): None}, flags) == (Change(slot("ON"), True, None),)


def test_a_value_that_nobody_could_read_has_not_drifted() -> None:
    plan = make_plan(*PHASES)
    flags = slots(plan, plan.environments["production"])
    assert drift({slot("ON"): True, slot("PERCENT"): 20}, {slot("PERCENT"): 20}, flags) == ()


@pytest.mark.parametrize(
    ("settings", "away"),
    [
        ({}, False),
        ({slot("ON"): False, slot("PERCENT"): 0}, False),
        ({slot("ON"): Verbatim("0"), slot("PERCENT"): Verbatim("0.0")}, False),
        ({slot("ON"): True, slot("PERCENT"): 0}, True),
        ({slot("ON"): False, slot("PERCENT"): 1}, True),
        ({slot("ON"): Verbatim("abc")}, True),
        ({slot("ALLOW"): ("a",)}, False),
        ({slot("ON"): None, slot("PERCENT"): None}, False),
    ],
)
def test_a_flag_is_exposed_once_it_has_left_its_safe_value(settings: Mapping[Slot, Setting], away: bool) -> None:
    plan = make_plan(*PHASES)
    assert exposed(plan, plan.environments["production"], settings) is away


def test_an_environment_may_have_safe_values_of_its_own() -> None:
    plan = make_plan(*PHASES, safe={"PERCENT": 5, "ALLOW": ("staff",)})
    environment = plan.environments["production"]
    assert safe_values(plan, environment) == {"ON": False, "PERCENT": 5, "ALLOW": ("staff",)}
    assert not exposed(plan, environment, {slot("PERCENT"): 5})
    assert exposed(plan, environment, {slot("PERCENT"): 0})
