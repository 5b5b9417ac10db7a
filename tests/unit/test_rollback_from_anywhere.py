"""From where a rollback works, and that none leads away from safe."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rollout.errors import ConflictError
from rollout.model.plan import EMERGENCY, Level
from rollout.model.state import Status
from rollout.model.values import Flag, FlagType, FlagValue
from rollout.operations.close import close
from rollout.operations.pause import pause
from tests.small_plans import make_plan, phase, step
from tests.workbench import Workbench, full_rollout, workbench


def held(made: Workbench) -> tuple[str | None, str | None]:
    return made.target.held.get("ON"), made.target.held.get("PERCENT")


def paused(made: Workbench) -> None:
    pause(made.desk(), "lunch")


def closed(made: Workbench) -> None:
    close(made.desk(), "not wanted")


def complete(made: Workbench) -> None:
    made.advanced(1)


def rolled_back(made: Workbench) -> None:
    made.rollback("partial")


@pytest.mark.parametrize("level", ["", EMERGENCY, "partial"])
@pytest.mark.parametrize("status", [paused, closed, complete, rolled_back])
def test_it_works_from_every_status_and_ends_rolled_back(status: Callable[[Workbench], None], level: str) -> None:
    made = full_rollout()
    status(made)
    result = made.rollback(level)
    assert (result.exit_code, made.state.status, made.state.hold) == (0, Status.ROLLED_BACK, None)
    values = {"": ("true", "10" if status is rolled_back else "35"), EMERGENCY: ("false", "0")}
    if not (level == "" and status is rolled_back):
        assert held(made) == values.get(level, ("true", "10"))
    assert made.advance().exit_code == 4  # nothing goes on by itself
    assert made.advance(reason="fixed").exit_code == 0


def test_a_run_that_was_closed_is_rolled_back_to_what_that_run_found() -> None:
    made = full_rollout(steps=2)
    closed(made)
    assert made.rollback(to="prepare").exit_code == 0
    assert made.target.held == {"ON": "false", "PERCENT": "0", "ALLOW": "a,,b"}


# No rollback leads away from safe.

SAFE = st.fixed_dictionaries(
    {"B": st.booleans(), "P": st.none() | st.integers(0, 100), "I": st.integers(-5, 5), "W": st.booleans()}
)
VALUES = st.fixed_dictionaries(
    {}, optional={"B": st.booleans(), "P": st.integers(0, 100), "I": st.integers(-20, 20), "W": st.booleans()}
)


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate], derandomize=True)
@given(
    safe=SAFE,
    found=SAFE,
    steps=st.lists(VALUES, min_size=1, max_size=4),
    sets=st.none() | VALUES,
    emergency=st.none() | VALUES,
    walk=st.lists(st.sampled_from(["advance", "", "some", EMERGENCY, "previous", "flags", "edit"]), max_size=6),
    edits=VALUES,
)
def test_no_rollback_of_any_plan_leads_away_from_safe(
    safe: dict[str, FlagValue | None],
    found: dict[str, FlagValue | None],
    steps: list[dict[str, FlagValue]],
    sets: dict[str, FlagValue] | None,
    emergency: dict[str, FlagValue] | None,
    walk: list[str],
    edits: dict[str, FlagValue],
) -> None:
    types = {"B": FlagType.BOOL, "P": FlagType.PERCENT, "I": FlagType.INT, "W": FlagType.BOOL}
    flags = {name: Flag(name, kind, safe=safe[name]) for name, kind in types.items()}
    levels = (Level("some", set=sets), Level(EMERGENCY, set=emergency), Level("previous", to="previous"))
    plan = make_plan(phase("one", *(replace(step(), set=one) for one in steps)), flags=flags.values(), levels=levels)
    made = workbench(plan, **{name: as_text(value or 0, types[name]) for name, value in found.items()})

    def distances() -> dict[str, float]:
        result = {}
        for name, flag in flags.items():
            value, goal = flag.parse(made.target.held.get(name)), safe[name] or 0
            assert isinstance(value, int | float)
            assert isinstance(goal, int | float)
            result[name] = abs(value - goal)
        return result

    for move in ["advance", *walk]:
        before = distances()
        match move:
            case "advance":
                with suppress(ConflictError):  # after an edit by hand
                    made.advance(reason="on")
                continue
            case "edit":
                made.target.held |= {name: as_text(value, types[name]) for name, value in edits.items()}
                continue
            case "flags":
                made.rollback(flags=["P", "I"])
            case level:
                made.rollback(level)
        after = distances()
        assert all(after[name] <= before[name] for name in flags), (move, before, after)


def as_text(value: FlagValue, kind: FlagType) -> str:
    return str(bool(value)).lower() if kind is FlagType.BOOL else str(value)
