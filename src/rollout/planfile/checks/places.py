"""Where in the file a gate or a trigger of a phase stands, for a finding that concerns them together."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.frozen import replace
from rollout.model.gate import Gate
from rollout.model.plan import Phase, Plan, Trigger
from rollout.shapes import Book, Place


def place_of_gate(gate: Gate, phase: Phase, book: Book) -> Place:
    """Where the phase writes or names the gate; what it has from `every_phase`, where that is defined."""
    start = book.defined["phase"][phase.id]
    end = min((place for place in _definitions(book) if place > start), default=None)
    places = sorted(_written(gate, book))
    inside = (place for place in places if start < place and (end is None or place < end))
    return next(inside, None) or book.defined.get("gate", {}).get(gate.id) or next(iter(places), start)


def place_of_alarm(trigger: Trigger, book: Book) -> Place:
    """Its bound, where it has one of its own."""
    found = (place for condition, place in book.conditions if condition is trigger.alarm)
    return next(found, None) or book.defined["trigger"][trigger.id]


def live_phases(trigger: Trigger, plan: Plan) -> list[Phase]:
    return [phase for phase in plan.phases if plan.is_live(trigger, phase.id)]


def gates_by_stage(phase: Phase) -> Iterator[tuple[Gate, ...]]:
    """The gates that are judged together: to enter, to leave each step, and to leave the last one and the phase."""
    yield phase.entry
    for step in phase.steps:
        last = phase.exit if step is phase.steps[-1] else ()
        yield (*step.gates, *phase.gates, *last)


def _written(gate: Gate, book: Book) -> Iterator[Place]:
    unnamed = replace(gate, id="")
    yield from (place for condition, place in book.conditions if condition in (gate, unnamed))
    yield from (use.place for use in book.uses if use.kind == "gate" and use.name == gate.id)


def _definitions(book: Book) -> Iterator[Place]:
    for kind in ("phase", "trigger", "level"):
        yield from book.defined.get(kind, {}).values()
