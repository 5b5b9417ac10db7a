"""What gates and triggers come to at moments that have passed."""

from __future__ import annotations

from datetime import timedelta

from rollout.gates.counting import outcome_of
from rollout.gates.marks import Mark
from rollout.gates.window import Window
from rollout.model.evidence import Grid
from rollout.model.verdicts import Outcome, TriggerOutcome


def fires(marks: bytearray) -> TriggerOutcome:
    """A trigger holds at every moment of its window; one at which it does not is enough to be quiet."""
    if Mark.HARMLESS in marks or Mark.THIN in marks:
        return TriggerOutcome.QUIET
    if Mark.HOLE in marks or Mark.STRANGE in marks:
        return TriggerOutcome.UNKNOWN
    return TriggerOutcome.FIRED


def fired(marks: bytearray, count: int) -> tuple[TriggerOutcome, ...]:
    """At each of the last `count` moments, over a window as long as there are marks before them."""
    width = len(marks) - count + 1
    return tuple(fires(marks[point : point + width]) for point in range(count))


def judged(marks: bytearray, count: int, coverage: float, share: float) -> tuple[Outcome, ...]:
    """As `fired`, of a gate."""
    width = len(marks) - count + 1
    window = Window(Grid(0, 1, width), width, timedelta())
    return tuple(outcome_of(marks[point : point + width], window, coverage, share) for point in range(count))
