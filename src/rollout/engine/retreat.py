"""Where a rollback leads, and what restarts from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rollout.engine.path import Stop, find, index_of
from rollout.engine.settings import Settings, after_rollback, at_step, values_of
from rollout.errors import UsageError
from rollout.frozen import dataclass, replace
from rollout.model.plan import EMERGENCY, Environment, Level, Plan
from rollout.model.state import Position, RolloutState, Status

NEAREST = Level("")
"""No level named: back to the nearest earlier step whose values differ, else to what was found at the start."""


@dataclass(frozen=True)
class Retreat:
    """`back_to` is the step a rollback returns to; None where it only sets values or returns to the start.

    `position` is where the rollout stands afterwards, `restart` where a person's advance begins again (None: first).
    """

    level: Level
    settings: Settings
    back_to: Position | None
    passed: tuple[Stop, ...]
    position: Position | None
    restart: Position | None


def retreat(
    plan: Plan, environment: Environment, stops: Sequence[Stop], state: RolloutState, present: Settings, level: Level
) -> Retreat:
    """UsageError when the level's `to` is not an earlier step."""
    here = index_of(stops, state.position)
    if state.pending is not None and state.pending.aim is not None:
        here = max(here, index_of(stops, state.pending.aim))  # an interrupted advance may have got that far
    found = state.found or present
    if level.name == EMERGENCY and level.to and not _leads_back(level, stops, here, state):
        level = replace(level, to="")
    if level is NEAREST or level.to:

        def settings_at(index: int) -> Settings:
            wanted = at_step(plan, environment, stops, index, found)
            return after_rollback(plan, environment, level, wanted, present)

        if level is NEAREST:
            index = _nearest(plan, environment, stops, here, found, lambda index: settings_at(index) != present)
        else:
            index = _aim(level, stops, here)
        settings = settings_at(index)
        back_to = stops[index].position if index >= 0 else None
        restart = _restart(level, stops, here, state, default=back_to)
        return Retreat(level, settings, back_to, _passed(stops[index + 1 : here + 1], state), back_to, restart)
    settings = after_rollback(plan, environment, level, None, present)
    passed = _passed(stops[: here + 1], state) if level.name == EMERGENCY else ()
    restart = _restart(level, stops, here, state, default=None)
    return Retreat(level, settings, None, passed, state.position, restart)


def _passed(stops: Sequence[Stop], state: RolloutState) -> tuple[Stop, ...]:
    """Those of them that no rollback has gone back over since they were taken."""
    return tuple(stop for stop in stops if stop.position not in state.undone)


def _leads_back(level: Level, stops: Sequence[Stop], here: int, state: RolloutState) -> bool:
    """Whether an emergency's `to` is an earlier step; where not even that is known, it sets the safe values instead."""
    try:
        return here >= 0 and bool(state.found) and _aim(level, stops, here) < here
    except UsageError:
        return False


def _nearest(
    plan: Plan,
    environment: Environment,
    stops: Sequence[Stop],
    here: int,
    found: Settings,
    changes_anything: Callable[[int], bool],
) -> int:
    """-1 for what was found at the start. A step that nothing would change for is passed over: no rollback raises."""
    now = at_step(plan, environment, stops, here, found)
    for index in range(here - 1, -1, -1):
        differs = values_of(at_step(plan, environment, stops, index, found), now) != values_of(now, now)
        if differs and changes_anything(index):
            return index
    return -1


def _aim(level: Level, stops: Sequence[Stop], here: int) -> int:
    if level.to == "previous":
        index = here - 1
    elif level.to == "previous-phase":
        phase = stops[here].phase if here >= 0 else None
        index = next((i for i in range(here, -1, -1) if stops[i].phase is not phase), -1)
    else:
        index = index_of(stops, find(stops, level.to).position)
        if index >= here:
            where = stops[here].label if here >= 0 else "before the first step"
            raise UsageError(f"{stops[index].label} is not earlier than {where}", "a rollback leads to an earlier step")
    return max(index, -1)


def _restart(
    level: Level, stops: Sequence[Stop], here: int, state: RolloutState, default: Position | None
) -> Position | None:
    """After a rollback another one brings it no nearer, unless its level names a place."""
    wanted = _wanted_restart(level, stops, here, default)
    if state.status is not Status.ROLLED_BACK or level.restart not in ("", "here"):
        return wanted
    return min(wanted, state.restart, key=lambda position: index_of(stops, position))


def _wanted_restart(level: Level, stops: Sequence[Stop], here: int, default: Position | None) -> Position | None:
    match level.restart:
        case "":
            return default
        case "first":
            return None
        case "here":
            return stops[here].position if here >= 0 else None
        case place:
            # A level may name a phase that does not take place here; no rollback stops for that.
            phase = place.partition("/")[0]
            return find(stops, place).position if any(stop.phase.id == phase for stop in stops) else None
