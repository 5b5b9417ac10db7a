"""Bounds of gates and triggers: against what a query can come to, and against one another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from rollout.gates.combined import AllAlarm, AnyAlarm, GateAlarm
from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.model.conditions import Condition, Quantity
from rollout.model.gate import Alarm, Gate
from rollout.model.plan import Metric, Plan, SeriesRule, Trigger
from rollout.model.units import UNITS, Dimension, format_quantity
from rollout.planfile.checks.judged import bounds
from rollout.planfile.checks.places import gates_by_stage, live_phases, place_of_alarm
from rollout.planfile.checks.regions import Region, allowed, failing, possible
from rollout.shapes import Book
from rollout.shapes.promql import trees

_FAR_ABOVE_A_SHARE = 10
"""A ratio may be above 1; one of 1000 % that was written without a unit was meant as a percentage."""


def bounds_tell_values_apart(_: Plan, book: Book) -> None:
    told = set()
    for whole, place in book.conditions:
        for metric, condition in bounds(whole):
            for id, message, hint in _judged(metric, condition, isinstance(whole, Gate), book):
                if (metric.name, id, message) not in told:
                    told.add((metric.name, id, message))
                    book.warn(place, id, message, hint)


def triggers_and_gates_do_not_overlap(plan: Plan, book: Book) -> None:
    """Between a gate's bound and a trigger's lies HOLD; where they overlap, a rollout that may go on rolls back."""
    for trigger in plan.triggers.values() if book.conditions else ():
        for metric, condition, fires in _fire_alone(trigger.alarm) if trigger.rollback else ():
            found = [
                (phase.id, gate, zone)
                for phase in live_phases(trigger, plan)
                for gate, zone in _overlaps(metric, fires, gates_by_stage(phase))
            ]
            if found:
                _, gate, zone = found[0]
                phases = ", ".join(dict.fromkeys(phase for phase, _, _ in found))
                where, fires_at = _where(zone, metric, condition), _text(trigger, condition)
                passes = f"the gate {gate.id!r} passes ({gate.require.text}), in {phases}"
                message = f"{where} {trigger.id!r} fires ({fires_at}) while {passes}"
                hint = "let the trigger begin where the gate ends, or beyond: what lies between is HOLD"
                book.warn(place_of_alarm(trigger, book), "trigger-in-gate", message, hint)


def _judged(metric: Metric, condition: Condition, is_gate: bool, book: Book) -> Iterator[tuple[str, str, str]]:
    region = allowed(condition, metric.unit)
    if region is None:
        return
    can_be = _values(metric, book)
    if region.empty:
        yield "never-holds", f"{_NEVER[is_gate]}: no number is {condition.text}", "look at both bounds"
    elif region.both(can_be).empty:
        message = f"{_NEVER[is_gate]}: {metric.name!r} is {_possible(can_be, metric.unit)}, never {condition.text}"
        yield "never-holds", message, "look at the bound and at the unit"
    elif region.holds_all_of(can_be):
        message = (
            f"{_ALWAYS[is_gate]}: {metric.name!r} is {_possible(can_be, metric.unit)}, all of that {condition.text}"
        )
        yield "always-holds", message, "look at the bound and at the unit"
    elif metric.unit == "ratio":
        for comparison in condition.comparisons:
            bound = comparison.bound
            if isinstance(bound, Quantity) and not bound.unit and bound.number >= _FAR_ABOVE_A_SHARE:
                number = f"{float(bound.number):g}"
                message = f"{number} of a ratio is {float(bound.number) * 100:g} %"
                yield "bound-scale", message, f"write {number}%"


_NEVER = {True: "this gate never passes", False: "this never fires"}
_ALWAYS = {True: "nothing can fail this gate", False: "this always fires"}


def _values(metric: Metric, book: Book) -> Region:
    """What the metric can come to, its series taken together."""
    tree = next((tree for tree, _ in trees(metric.query, book.vars)), None)
    region = Region() if tree is None else possible(tree)
    if metric.series is not SeriesRule.SUM:
        return region
    return Region(low=0) if region.low >= 0 else Region()


def _fire_alone(alarm: Alarm) -> Iterator[tuple[Metric, Condition, Region]]:
    """Conditions of which one is enough to fire, with the numbers that do it."""
    match alarm:
        case MetricAlarm():
            region = allowed(alarm.when, alarm.metric.unit)
            if region is not None:
                yield alarm.metric, alarm.when, region
        case GateAlarm(gate=MetricGate() as gate):
            region = failing(gate.require, gate.metric.unit)
            if region is not None:
                yield gate.metric, gate.require, region
        case AnyAlarm() | AllAlarm() if isinstance(alarm, AnyAlarm) or len(alarm.parts) == 1:
            for part in alarm.parts:
                yield from _fire_alone(part)
        case _:
            pass


def _overlaps(metric: Metric, fires: Region, stages: Iterable[tuple[Gate, ...]]) -> Iterator[tuple[MetricGate, Region]]:
    """A number that stays in the zone satisfies all gates of the stage, whatever their windows, and fires."""
    for stage in stages:
        gates = [gate for gate in stage if isinstance(gate, MetricGate) and gate.metric.name == metric.name]
        required = [gate for gate in gates if not gate.advisory]
        zone = fires
        for region in (allowed(gate.require, metric.unit) for gate in required):
            zone = Region(low=math.inf, high=-math.inf) if region is None else zone.both(region)
        if required and not zone.empty:
            yield required[0], zone


def _text(trigger: Trigger, condition: Condition) -> str:
    return trigger.alarm.words if isinstance(trigger.alarm, GateAlarm) else condition.text


def _where(zone: Region, metric: Metric, condition: Condition) -> str:
    """The zone in the unit that the plan writes."""
    bound = condition.comparisons[0].bound
    return _range(zone, metric.unit, bound.unit if isinstance(bound, Quantity) and bound.unit else metric.unit)


def _possible(region: Region, unit: str) -> str:
    return _range(region, unit, "%" if UNITS[unit].dimension is Dimension.SHARE else unit)


def _range(region: Region, unit: str, shown_in: str) -> str:
    low, high = (
        format_quantity(end, unit, shown_in) if math.isfinite(end) else "" for end in (region.low, region.high)
    )
    if low and high:
        return f"at {low}" if region.low == region.high else f"between {low} and {high}"
    if low:
        return f"above {low}" if region.above else f"at least {low}"
    return f"below {high}" if region.below else f"at most {high}"
