"""No rollback leads away from safe."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.engine.settings import (
    after_rollback,
    level_named,
    nearer_to_safe,
)
from rollout.errors import UsageError
from rollout.model.changes import Slot
from rollout.model.plan import Level, Plan
from rollout.model.values import Flag, FlagType, FlagValue, Setting, Verbatim
from tests.small_plans import ALLOW, ON, PERCENT, PHASES, TTL, make_plan, phase, slot, step


def rolled_back(level: Level, present: Mapping[Slot, Setting], plan: Plan | None = None) -> dict[Slot, Setting]:
    plan = plan or make_plan(*PHASES)
    return dict(after_rollback(plan, plan.environments["production"], level, None, present))


PRESENT: Mapping[Slot, Setting] = {slot("ON"): True, slot("PERCENT"): 35, slot("ALLOW"): ("a",)}


def test_an_emergency_sets_every_safe_value_and_leaves_flags_without_one_alone() -> None:
    assert rolled_back(Level("emergency"), PRESENT) == {slot("ON"): False, slot("PERCENT"): 0}


def test_an_emergency_with_a_set_of_its_own_writes_that() -> None:
    assert rolled_back(Level("emergency", set={"ON": False}), PRESENT) == {slot("ON"): False}


def test_another_level_writes_its_set_alone_and_an_override_does_not_beat_it() -> None:
    plan = make_plan(*PHASES, override={"PERCENT": 35})
    assert rolled_back(Level("partial", set={"PERCENT": 10}), PRESENT, plan) == {slot("PERCENT"): 10}
    assert rolled_back(Level("code"), PRESENT) == {}


def test_what_cannot_be_read_is_written_as_wanted() -> None:
    for strange in (None, Verbatim("abc")):
        assert rolled_back(Level("emergency"), {slot("ON"): strange}) == {slot("ON"): False, slot("PERCENT"): 0}


@pytest.mark.parametrize(
    ("flag", "safe", "present", "wanted", "ends"),
    [
        (PERCENT, 0, 5, 10, 5),
        (PERCENT, 0, 35, 10, 10),
        (PERCENT, None, 5, 10, 5),  # a percent without safe: to 0
        (PERCENT, None, 35, 10, 10),
        (PERCENT, 100, 5, 10, 10),
        (PERCENT, 0, Verbatim("5.0"), 10, Verbatim("5.0")),
        (PERCENT, 0, 5, Verbatim("abc"), Verbatim("abc")),
        (ON, False, False, True, False),
        (ON, True, False, True, True),
        (ON, None, False, True, True),  # a bool without safe: as wanted
        (TTL, None, 60, 5, 5),
        (TTL, 60, 50, 5, 50),
        (TTL, 60, 50, 65, 65),
        (TTL, 60, 50, 75, 50),
        (ALLOW, ("a",), ("a",), ("a", "b"), ("a", "b")),
        (Flag("S", FlagType.STRING), "off", "off", "on", "on"),
    ],
)
def test_a_rollback_ends_at_whichever_of_present_and_wanted_is_nearer_to_safe(
    flag: Flag, safe: FlagValue | None, present: Setting, wanted: Setting, ends: Setting
) -> None:
    assert nearer_to_safe(flag, safe, present, wanted) == ends


NUMBERS: dict[FlagType, st.SearchStrategy[FlagValue]] = {
    FlagType.BOOL: st.booleans(),
    FlagType.PERCENT: st.integers(0, 100) | st.floats(0, 100),
    FlagType.INT: st.integers(-1000, 1000),
}


@settings(deadline=None)
@given(st.data(), st.sampled_from(sorted(NUMBERS)))
def test_no_rollback_moves_a_bool_percent_or_int_away_from_safe(data: st.DataObject, type_: FlagType) -> None:
    safe, present, wanted = (data.draw(NUMBERS[type_]) for _ in range(3))
    flag = Flag("F", type_, safe=safe)
    plan = make_plan(phase("one", step(F=wanted)), flags=(flag,))
    environment, place = plan.environments["production"], slot("F")
    ends = {
        after_rollback(plan, environment, level, target, {place: present})[place]
        for level, target in (
            (Level("emergency"), None),
            (Level("partial", set={"F": wanted}), None),
            (Level(""), {place: wanted}),
        )
    }
    assert isinstance(safe, int | float)
    assert isinstance(present, int | float)
    for end in ends:
        assert isinstance(end, int | float)
        assert abs(end - safe) <= abs(present - safe)
    assert ends <= {safe, present, wanted}


def test_emergency_is_a_level_of_every_plan() -> None:
    plan = make_plan(*PHASES, levels=(Level("partial", environments=("staging",)), Level("code")))
    assert level_named(plan, "emergency", "production") == Level("emergency")
    assert level_named(plan, "partial", "staging").name == "partial"
    with pytest.raises(UsageError) as caught:
        level_named(plan, "partial", "production")
    assert caught.value.hint == "levels: code, emergency"
