"""A metric's numbers, at one moment or over a window, with what makes them say something or nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from rollout.frozen import dataclass
from rollout.gates.asking import PromQuestion, course_of, question
from rollout.gates.marks import Labels
from rollout.model.evidence import Evidence, Grid, Query, Question, RangeQuery, Samples, Unanswered
from rollout.model.gate import Scope
from rollout.model.plan import Absent, Metric, SeriesRule


@dataclass(frozen=True)
class Reading:
    """`grid` None: at the moment that is judged, which is a window of one point."""

    metric: Metric
    grid: Grid | None = None

    @property
    def points(self) -> int:
        return self.grid.count if self.grid else 1

    def needs(self, scope: Scope) -> Iterator[Question[object]]:
        yield from (one for one in (self._query(scope), self._present(scope)) if isinstance(one, Query | RangeQuery))

    def queries(self, scope: Scope) -> Iterator[str]:
        """As the plan writes them."""
        yield from (query for query in (self.metric.query, self.metric.present) if query)

    def asked(self, scope: Scope) -> str:
        """The query as it is asked, else as the plan writes it."""
        query = self._query(scope)
        return self.metric.query if isinstance(query, Unanswered) else query.promql

    def series(self, evidence: Evidence, scope: Scope) -> tuple[Samples, ...] | Unanswered:
        """What the metric says several series come to: each of them, in one order, or one made of all."""
        course = course_of(self._query(scope), evidence, self.metric.tolerate_warnings)
        if isinstance(course, Unanswered):
            return course
        return _come_to(self.metric.series, sorted(course.series, key=lambda one: one.labels))

    def empty_but_alive(self, holes: Sequence[int], evidence: Evidence, scope: Scope) -> tuple[list[int], str]:
        """Of the points without data those at which `present` shows that it is no outage; and why not all of them."""
        wanted = self._present(scope)
        if wanted is None:
            return [], "and the metric has no `present` to show that this is no outage"
        course = course_of(wanted, evidence, self.metric.tolerate_warnings)
        if isinstance(course, Unanswered):
            return [], f"and whether that is an outage cannot be told: {course.reason}"
        alive = {p for one in course.series for p, v in zip(one.points, one.values, strict=True) if v > 0}
        found = [point for point in holes if point in alive]
        return found, "" if len(found) == len(holes) else "and `present` does not show that this is no outage"

    def _query(self, scope: Scope) -> PromQuestion | Unanswered:
        return question(self.metric.query, self.metric.environment, self.grid, scope)

    def _present(self, scope: Scope) -> PromQuestion | Unanswered | None:
        if self.metric.absent is Absent.UNKNOWN or not self.metric.present:
            return None
        return question(self.metric.present, self.metric.environment, self.grid, scope)


def not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN is not a number that can be judged (0/0: no traffic?)"
    return f"{'+' if value > 0 else '-'}Inf is not a number that can be judged (a division by 0?)"


def labelled(labels: Labels, count: int) -> str:
    """` ({instance="a"}, one of 3 series)` where there are several, else nothing."""
    if count < 2:
        return ""
    text = ", ".join(f'{name}="{value}"' for name, value in labels)
    return f" ({{{text}}}, one of {count} series)"


def _come_to(rule: SeriesRule, series: Sequence[Samples]) -> tuple[Samples, ...]:
    if rule is SeriesRule.EVERY or not series:
        return tuple(series)
    at: dict[int, list[float]] = {}
    for one in series:
        for point, value in zip(one.points, one.values, strict=True):
            at.setdefault(point, []).append(value)
    points = sorted(at)
    return (Samples((), points, [_folded(_FOLDS[rule], at[point]) for point in points]),)


def total(values: Sequence[float]) -> float:
    """Without rounding on the way; infinite where it is beyond all numbers."""
    try:
        return math.fsum(values)
    except OverflowError:
        return math.inf


def mean(values: Sequence[float]) -> float:
    return total(values) / len(values)


def _folded(fold: Callable[[Sequence[float]], float], values: Sequence[float]) -> float:
    """Where one of the numbers is none, what they come to is none either."""
    strange = next((value for value in values if not math.isfinite(value)), None)
    return fold(values) if strange is None else strange


_FOLDS: Mapping[SeriesRule, Callable[[Sequence[float]], float]] = {
    SeriesRule.SUM: total,
    SeriesRule.AVG: mean,
    SeriesRule.MIN: min,
    SeriesRule.MAX: max,
}
