"""Levels of rollback against triggers and environments."""

from __future__ import annotations

from rollout.model.plan import EMERGENCY, Plan, Trigger
from rollout.planfile.checks.places import live_phases
from rollout.shapes import Book, nearest


def an_emergency_asks_nobody(plan: Plan, book: Book) -> None:
    level = plan.rollback[EMERGENCY]
    if level.approval or level.destructive:
        message = "an emergency asks nobody: it has neither `approval` nor `destructive`"
        book.error(book.defined["level"][EMERGENCY], message)


def an_emergency_is_spelt_right(plan: Plan, book: Book) -> None:
    """A misspelt one would be a level of its own, beside the default emergency."""
    if EMERGENCY in book.defined.get("level", {}):
        return
    for name in plan.rollback:
        if name != EMERGENCY and nearest(name, [EMERGENCY]):
            at = book.defined["level"][name]
            book.warn(at, "near-emergency", f"{name!r} is a level of its own", f"did you mean {EMERGENCY!r}?")


def triggers_name_levels_that_exist(plan: Plan, book: Book) -> None:
    """A level that goes to a phase exists only where the phase takes place."""
    for trigger in plan.triggers.values():
        level = plan.rollback.get(trigger.rollback)
        if level is None or not level.environments:
            continue
        lacking = [name for name in _live_in(trigger, plan) if name not in level.environments]
        if lacking:
            where, exists = ", ".join(lacking), ", ".join(level.environments)
            message = f"{trigger.id!r} is live in {where} too, but the level {level.name!r} exists only in {exists}"
            hint = "name its `phases`, or another level"
            book.error(book.defined["trigger"][trigger.id], message, hint, "level-absent")


def _live_in(trigger: Trigger, plan: Plan) -> list[str]:
    live = live_phases(trigger, plan)
    return [
        name
        for name in plan.environments
        if any(not phase.environments or name in phase.environments for phase in live)
    ]
