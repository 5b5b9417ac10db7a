"""What people tick and answer, by their ids."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from rollout.gates.person import asked_in, named
from rollout.model.plan import Phase, Plan
from rollout.model.verdicts import Stage
from rollout.shapes import Book


def a_tick_means_one_thing(plan: Plan, book: Book) -> None:
    answered = set(_answered(plan))
    told = set()
    for phase in plan.phases:
        for item in phase.checklist:
            if item.id in answered and not item.gate and item.id not in told:
                told.add(item.id)
                message = f"the checklist item {item.id!r} of {phase.id!r} has the id of what people answer elsewhere"
                book.error(book.defined["phase"][phase.id], message, "give one of them another id", "same-tick")
    for left, entered in _passages(plan):
        leaving = {item.id: item.text for item in left.checklist if item.before is Stage.EXIT}
        for item in entered.checklist:
            if item.before is Stage.ENTRY and leaving.get(item.id, item.text) != item.text and item.id not in told:
                told.add(item.id)
                message = f"one tick of {item.id!r} would mean an item to leave {left.id!r} and another to enter this"
                book.error(book.defined["phase"][entered.id], message, "give one of them another id", "same-tick")


def _answered(plan: Plan) -> Iterator[str]:
    for gate in plan.every_gate():
        yield from (part.id for part in asked_in(gate))
    for trigger in plan.triggers.values():
        yield from (part.id for part in asked_in(named(trigger.alarm, trigger.id)))


def _passages(plan: Plan) -> Iterator[tuple[Phase, Phase]]:
    """From one phase to the next, in each environment."""
    for environment in plan.environments:
        yield from pairwise(one for one in plan.phases if not one.environments or environment in one.environments)
