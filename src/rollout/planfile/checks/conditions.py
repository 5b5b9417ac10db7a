"""Gates and triggers against metrics and phases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rollout.model.durations import format_duration
from rollout.model.gate import Alarm, Gate
from rollout.model.plan import Absent, Plan
from rollout.model.units import described
from rollout.planfile.checks.judged import bounds
from rollout.shapes import Book, nearest

if TYPE_CHECKING:
    from rollout.gates.alerts import AlertsAlarm, AlertsGate

_EVERYBODYS = frozenset({"severity", "priority", "level", "alertstate"})
"""Labels that alerts of every service have."""


def baselines_are_recorded(plan: Plan, book: Book) -> None:
    phases = book.defined.get("phase", {})
    recording = {(phase.id, rule.metric) for phase in plan.phases for rule in phase.baseline}
    for whole, place in book.conditions:
        for metric, condition in bounds(whole):
            for baseline in condition.baselines:
                wanted = baseline.phase
                if wanted and wanted not in phases:
                    hint = nearest(wanted, phases) or f"known: {', '.join(phases)}"
                    book.error(place, f"there is no phase {wanted!r}", hint, "unknown-phase")
                elif not any(name == metric.name and wanted in ("", phase) for phase, name in recording):
                    who = f"the phase {wanted!r} records no" if wanted else "no phase records a"
                    book.warn(place, "no-baseline", f"{who} baseline of {metric.name!r}", "write baseline: in a phase")


def verification_does_not_settle(plan: Plan, book: Book) -> None:
    for use in book.uses:
        gate = plan.gates.get(use.name) if use.role == "verify" else None
        if gate is not None and gate.settles:
            message = (
                f"{use.name!r} settles for {format_duration(gate.settles)} after a change, so it cannot verify one"
            )
            book.error(use.place, message, "take a gate that looks at the present", "settling-verify")


def absence_is_told_from_silence(plan: Plan, book: Book) -> None:
    for metric in plan.metrics.values():
        if metric.absent is not Absent.UNKNOWN and not metric.present:
            message = f"{metric.name!r} fills an empty result with nothing to show that it is not an outage"
            book.warn(book.defined["metric"][metric.name], "no-present", message, "write present: QUERY")


def values_have_units(_: Plan, book: Book) -> None:
    from rollout.gates.sql import SqlGate

    for gate, place in book.conditions:
        if isinstance(gate, SqlGate) and not gate.unit and gate.measured_in != "number":
            message = f"the query's value is taken for {described(gate.measured_in)}"
            book.warn(place, "no-unit", message, f"write unit: {gate.measured_in}, or what else it is")


def names_are_told_apart(plan: Plan, book: Book) -> None:
    for name in plan.triggers:
        if name in plan.gates:
            line = book.defined["gate"][name].line
            message = f"the gate in line {line} is called {name!r} too; --override and answer would mean both"
            book.warn(book.defined["trigger"][name], "same-name", message)


def alerts_are_the_rollouts_own(_: Plan, book: Book) -> None:
    told = set()
    for whole, place in book.conditions:
        for alerts in _alerts(whole):
            labels = ", ".join(f"{name}: {value}" for name, value in alerts.labels.items())
            if not alerts.names and _EVERYBODYS.issuperset(alerts.labels) and labels not in told:
                told.add(labels)
                message = (
                    f"{{{labels}}} selects everybody's alerts, also those that have nothing to do with this rollout"
                )
                book.warn(place, "everybodys-alerts", message, "add a label such as service, or names: […]")


def _alerts(whole: Gate | Alarm) -> Iterator[AlertsGate | AlertsAlarm]:
    from rollout.gates.alerts import AlertsAlarm, AlertsGate
    from rollout.gates.combined import AllAlarm, AnyAlarm

    match whole:
        case AlertsGate() | AlertsAlarm():
            yield whole
        case AnyAlarm() | AllAlarm():
            for part in whole.parts:
                yield from _alerts(part)
        case _:
            pass
