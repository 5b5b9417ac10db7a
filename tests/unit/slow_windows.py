"""A slow and obvious judge of windows, to compare the real one with: one moment after the other, nothing clever.

It shares no rule with `rollout.gates`: conditions are functions here, and the future is tried out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache, partial

from rollout.gates.keys import Since
from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.model.gate import Scope
from rollout.model.plan import Absent, EvidenceRule, Metric, SeriesRule
from rollout.model.verdicts import Outcome, TriggerOutcome
from tests.unit.random_windows import EPOCH, MILLISECOND, Labels, Wanted, World, milliseconds

Point = Enum("Point", "HOLE THIN STRANGE YES NO")


@dataclass(frozen=True)
class Found:
    outcome: Outcome
    held: timedelta
    earliest: datetime | None


def judged(gate: MetricGate, wanted: Wanted, world: World, scope: Scope, whole: Sequence[int]) -> Found:
    """`whole` are the moments of the window if nothing limits it, in milliseconds; shares are whole percents."""
    begin = begins(gate, scope)
    length = scope.now - (begin or scope.now) if isinstance(gate.for_, Since) else gate.for_ or timedelta()
    if begin is not None and begin > scope.now:
        return Found(Outcome.WAITING, timedelta(), begin + max(length, timedelta()))
    rules = [rule for rule in (gate.metric.evidence, gate.evidence) if rule]
    there = [moment for moment in whole if begin is None or moment >= milliseconds(begin)]
    points = [point(gate.metric, wanted, Point.NO, rules, world, scope, moment) for moment in there]
    percents = Percents(round(gate.coverage * 100), round(gate.share * 100))
    lasted = held(points, there, percents, length if len(there) == len(whole) else None)
    step = whole[1] - whole[0] if len(whole) > 1 else 30_000
    if isinstance(gate.for_, Since):
        return Found(of_whole(points, percents), lasted, outgrown(points, there[-1], step, percents))
    outcome = so_far(points, len(whole), percents)
    return Found(outcome, lasted, slid(points, there[-1], step, len(whole), percents))


@dataclass(frozen=True)
class Percents:
    coverage: int
    share: int

    def enough(self, good: int, bad: int, whole: int) -> bool:
        return good + bad > 0 and (good + bad) * 100 >= self.coverage * whole

    def fine(self, good: int, bad: int) -> bool:
        return good * 100 >= self.share * (good + bad)


def begins(gate: MetricGate, scope: Scope) -> datetime | None:
    """When the step or phase had begun and settled; None where that is no limit."""
    match gate.for_:
        case Since.STEP:
            since = scope.step_since
        case Since.PHASE:
            since = scope.phase_since
        case _:
            since = scope.floor
    if since is None or scope.changed_at is None:
        return since
    if scope.changed_at <= since:
        return max(since, scope.changed_at + gate.settles)
    return (scope.changed_at if gate.for_ is Since.STEP else since) + gate.settles


def of_whole(points: Sequence[Point], percents: Percents) -> Outcome:
    good, bad = points.count(Point.YES), points.count(Point.NO)
    if percents.enough(good, bad, len(points)):
        return Outcome.PASS if percents.fine(good, bad) else Outcome.FAIL
    return Outcome.UNKNOWN if percents.fine(len(points) - bad, bad) else Outcome.FAIL


def so_far(points: Sequence[Point], size: int, percents: Percents) -> Outcome:
    """What the best of all futures makes of a window that is not full yet; a pass is still to come."""
    to_come = [Point.YES] * (size - len(points))
    outcome = of_whole([*points, *to_come], percents)
    return Outcome.WAITING if to_come and outcome is Outcome.PASS else outcome


def slid(points: Sequence[Point], now: int, step: int, size: int, percents: Percents) -> datetime | None:
    """When a window of this size passes, if only fine moments come."""
    future = list(points)
    for later in range(size + 1):
        if len(future) >= size and of_whole(future[-size:], percents) is Outcome.PASS:
            return EPOCH + (now + later * step) * MILLISECOND if later else None
        future.append(Point.YES)
    raise AssertionError("a window of fine moments passes")


def outgrown(points: Sequence[Point], now: int, step: int, percents: Percents) -> datetime | None:
    """When a window that nothing leaves passes, if only fine moments come."""
    good, bad, whole = points.count(Point.YES), points.count(Point.NO), len(points)
    for later in range(200 * whole):
        if percents.enough(good + later, bad, whole + later) and percents.fine(good + later, bad):
            return EPOCH + (now + later * step) * MILLISECOND if later else None
    return None


def held(points: Sequence[Point], there: Sequence[int], percents: Percents, length: timedelta | None) -> timedelta:
    """`length`: of a window that is full."""
    since = there[-1]
    for moment, one in zip(reversed(there), reversed(points), strict=True):
        if one is Point.NO or (percents.coverage == 100 and one is not Point.YES):
            return (there[-1] - since) * MILLISECOND
        if one is Point.YES:
            since = moment
    whole = length is not None and points[0] is Point.YES
    return length if whole and length is not None else (there[-1] - since) * MILLISECOND


def points_of(alarm: MetricAlarm, wanted: Wanted, world: World, scope: Scope) -> Callable[[int], Point]:
    """What each moment comes to, found out once: windows overlap."""
    rules = [alarm.metric.evidence] if alarm.metric.evidence else []
    return cache(partial(point, alarm.metric, wanted, Point.YES, rules, world, scope))


def fired(points: Sequence[Point]) -> TriggerOutcome:
    if all(one is Point.YES for one in points):
        return TriggerOutcome.FIRED
    if any(one in (Point.NO, Point.THIN) for one in points):
        return TriggerOutcome.QUIET
    return TriggerOutcome.UNKNOWN


Rules = Iterable[EvidenceRule]


def point(
    metric: Metric, wanted: Wanted, gravest: Point, rules: Rules, world: World, scope: Scope, moment: int
) -> Point:
    """What a moment comes to. `gravest`: of several series, the one that says this counts."""
    result = world.result(metric.query, moment)
    if result is None:
        return Point.STRANGE
    weak = weakness(rules, world, scope, moment)
    if not result:
        filled = absent(metric, wanted, gravest, weak, world, scope, moment)
        return Point.THIN if filled is Point.HOLE and weak is Point.THIN else filled
    said = []
    for labels, value in come_to(metric.series, result):
        mean = mean_before(metric, wanted, labels, scope)
        if mean is None:
            said.append(Point.STRANGE)
        elif weak is not None:
            said.append(weak)
        elif math.isnan(value) or math.isinf(value):
            said.append(Point.STRANGE)
        else:
            said.append(Point.YES if wanted.holds(value, mean) else Point.NO)
    harmless = Point.NO if gravest is Point.YES else Point.YES
    return next(one for one in (gravest, Point.STRANGE, harmless, Point.THIN) if one in said)


def weakness(rules: Rules, world: World, scope: Scope, moment: int) -> Point | None:
    found = None
    for rule in rules:
        wanted = Wanted("", partial(_at_least, rule.at_least))
        enough = point(scope.metrics[rule.metric], wanted, Point.NO, (), world, scope, moment)
        if enough is Point.NO and found is None:
            found = Point.THIN
        elif enough in (Point.HOLE, Point.STRANGE):
            found = Point.STRANGE
    return found


def _at_least(least: float, value: float, _: float) -> bool:
    return value >= least


def absent(
    metric: Metric, wanted: Wanted, gravest: Point, weak: Point | None, world: World, scope: Scope, moment: int
) -> Point:
    alive = world.result(metric.present, moment) if metric.present else None
    if metric.absent is Absent.UNKNOWN or not any(value > 0 for _, value in alive or ()):
        return Point.HOLE
    mean = mean_before(metric, wanted, (), scope)
    if metric.absent is Absent.ZERO and mean is None:
        return Point.STRANGE
    if weak is not None:
        return weak
    if metric.absent is Absent.ZERO:
        return Point.YES if wanted.holds(0.0, mean or 0.0) else Point.NO
    if gravest is Point.YES:
        return Point.STRANGE
    return Point.YES if metric.absent is Absent.PASS else Point.NO


def come_to(rule: SeriesRule, result: Sequence[tuple[Labels, float]]) -> Sequence[tuple[Labels, float]]:
    values = [value for _, value in result]
    if rule is SeriesRule.EVERY:
        return result
    if not all(math.isfinite(value) for value in values):
        return [((), math.nan)]
    match rule:
        case SeriesRule.SUM:
            return [((), sum(values))]
        case SeriesRule.AVG:
            return [((), sum(values) / len(values))]
        case _:
            return [((), min(values) if rule is SeriesRule.MIN else max(values))]


def mean_before(metric: Metric, wanted: Wanted, labels: Labels, scope: Scope) -> float | None:
    if wanted.baseline is None:
        return 0.0
    recorded = [one for (phase, _), one in scope.baselines.items() if wanted.baseline in ("", phase)]
    recorded = sorted((one for one in recorded if one.metric == metric.name), key=lambda one: one.at)
    for series in recorded[0].means if recorded else ():
        if series.labels == labels:
            return series.value
    return None
