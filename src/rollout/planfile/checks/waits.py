"""Windows, settling and soaks against the time that a phase is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rollout.gates.alerts import AlertsGate
from rollout.gates.metric import MetricGate
from rollout.model.durations import format_duration, parse_duration
from rollout.model.gate import Gate
from rollout.model.plan import Phase, Plan, Step
from rollout.planfile.checks.places import place_of_gate
from rollout.shapes import Book

_SLIGHT = timedelta(minutes=1)
"""Nobody plans by less."""


def phases_last_as_long_as_they_say(plan: Plan, book: Book) -> None:
    for phase in plan.phases:
        longest = _longest(phase)
        if longest is None:
            continue
        soaks = sum((step.soak for step in phase.steps), timedelta())
        if soaks > longest:
            message = f"the soaks of {phase.id!r} add up to {format_duration(soaks)}, and it lasts {phase.duration}"
            book.warn(book.defined["phase"][phase.id], "soaks-too-long", message, "write the duration that they need")
            continue
        for gate, least, takes in _windows(phase):
            if least > longest:
                message = (
                    f"{gate.id!r} {takes}, and {phase.id!r} lasts {phase.duration}: the window is not full by then"
                )
                hint = "shorten `for`, or write the duration that it needs"
                book.warn(place_of_gate(gate, phase, book), "window-too-long", message, hint)


def soaks_outlast_settling(plan: Plan, book: Book) -> None:
    """One finding for a gate in a phase, at the first of its steps."""
    for phase in plan.phases:
        told = set()
        for step in phase.steps:
            slowest = max(_to_leave(step, phase), key=lambda gate: gate.settles, default=None)
            if slowest is None or not step.set or not step.soak or slowest.id in told:
                continue
            if slowest.settles - step.soak >= _SLIGHT:
                told.add(slowest.id)
                settles = f"{slowest.id!r} settles for {format_duration(slowest.settles)} after a change"
                soak = f"the soak of {format_duration(step.soak)} of {phase.id}/{step.name or step.number}"
                message = f"{settles}, so {soak} means nothing"
                hint = "look back over less, write settle: with what is enough, or soak for longer"
                book.warn(place_of_gate(slowest, phase, book), "settles-past-soak", message, hint)


def _longest(phase: Phase) -> timedelta | None:
    """The later end of its duration; None where it has none."""
    if not phase.duration or phase.duration == "ongoing":
        return None
    return parse_duration(phase.duration.rpartition("..")[2])


def _windows(phase: Phase) -> Iterator[tuple[Gate, timedelta, str]]:
    """Gates over a window of their own, with the least time that the phase takes because of them, and in words."""
    for gate in phase.exit:
        window = _window(gate)
        yield gate, window, f"is judged over {format_duration(window)}"
    step_gates = {gate.id: gate for step in phase.steps for gate in (*step.gates, *phase.gates) if _window(gate)}
    for gate in step_gates.values():
        least = timedelta()
        for step in phase.steps:
            judged = gate in (*step.gates, *phase.gates)
            least += max(step.soak, _window(gate)) if judged else step.soak
        yield (
            gate,
            least,
            f"takes {format_duration(_window(gate))} to leave a step, with the soaks {format_duration(least)}",
        )


def _window(gate: Gate) -> timedelta:
    """Zero for what is judged at once, or as long as the step or the phase lasts."""
    if isinstance(gate, MetricGate | AlertsGate) and isinstance(gate.for_, timedelta) and not gate.advisory:
        return gate.for_
    return timedelta()


def _to_leave(step: Step, phase: Phase) -> Iterator[Gate]:
    last = phase.exit if step is phase.steps[-1] else ()
    return (gate for gate in (*step.gates, *phase.gates, *last) if not gate.advisory)
