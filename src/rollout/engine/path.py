"""The steps of a plan in one environment, in order, and what is where on that path."""

from __future__ import annotations

from collections.abc import Sequence

from rollout.errors import UsageError
from rollout.frozen import dataclass
from rollout.model.plan import Phase, Plan, Step
from rollout.model.state import Position


@dataclass(frozen=True)
class Stop:
    phase: Phase
    step: Step
    last_of_phase: bool

    @property
    def position(self) -> Position:
        return Position(self.phase.id, self.step.number)

    @property
    def label(self) -> str:
        return f"{self.phase.id}/{self.step.name or self.step.number}"


def path(plan: Plan, environment: str) -> tuple[Stop, ...]:
    """Every step that takes place in the environment. A phase without steps has one that changes nothing."""
    stops = []
    for phase in plan.phases:
        if phase.environments and environment not in phase.environments:
            continue
        steps = phase.steps or (Step(number=1),)
        stops += [Stop(phase, step, step is steps[-1]) for step in steps]
    return tuple(stops)


def index_of(stops: Sequence[Stop], position: Position | None) -> int:
    """Where a position stands on the path; -1 before the start, and for a step that the plan has no more."""
    return next((i for i, stop in enumerate(stops) if stop.position == position), -1)


def label_of(stops: Sequence[Stop], position: Position | None) -> str:
    """As people name it, `PHASE/NAME`; a step that the plan has no more by its number; empty for none."""
    index = index_of(stops, position)
    return stops[index].label if index >= 0 else str(position or "")


def find(stops: Sequence[Stop], text: str) -> Stop:
    """The stop that `PHASE` (its first step) or `PHASE/STEP` (name or number) means; UsageError names the choices."""
    phase, _, step = text.partition("/")
    candidates = [stop for stop in stops if stop.phase.id == phase]
    if not candidates:
        known = ", ".join(dict.fromkeys(stop.phase.id for stop in stops))
        raise UsageError(f"there is no phase {phase!r} here", f"phases: {known}")
    if not step:
        return candidates[0]
    for stop in candidates:
        if step in (stop.step.name, str(stop.step.number)):
            return stop
    known = ", ".join(stop.label for stop in candidates)
    raise UsageError(f"phase {phase!r} has no step {step!r}", f"steps: {known}")
