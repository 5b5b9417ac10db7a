"""The baselines that a phase records: before exposure, to compare with later."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from rollout.frozen import dataclass
from rollout.gates.measure import Measure
from rollout.gates.reading import mean
from rollout.gates.window import last
from rollout.model.conditions import Condition
from rollout.model.durations import format_duration
from rollout.model.evidence import Evidence, Question, Samples, Series, Unanswered
from rollout.model.gate import Gate, Scope
from rollout.model.plan import Absent, BaselineRule, Metric
from rollout.model.record import RecordedBaseline
from rollout.model.units import format_quantity, readable
from rollout.model.verdicts import Finding, Outcome

_ANY = Condition((), "")

_ALL_BUT = 0.99
"""With more than this share of the samples, nothing is said of what is missing."""
_LEAST = 1 / 3
"""The share of the time that must have data: else the mean of a minute would be recorded as that of an hour."""


@dataclass(frozen=True, kw_only=True)
class BaselineGate(Gate):
    """Passes when the baseline can be taken; the finding's series are the means, one for each label set."""

    kind: ClassVar[str] = "baseline"

    phase: str
    metric: Metric
    over: timedelta

    @property
    def words(self) -> str:
        return f"{self.metric.name} is recorded over {format_duration(self.over)}"

    def queries(self, scope: Scope) -> Iterable[str]:
        return self._reading(scope).queries(scope)

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        return tuple(self._reading(scope).needs(scope))

    def judge(self, evidence: Evidence, scope: Scope) -> Finding:
        reading, metric = self._reading(scope), self.metric
        series = reading.series(evidence, scope)
        if isinstance(series, Unanswered):
            return Finding(Outcome.UNKNOWN, series.reason, unit=metric.unit, query=metric.query)
        there = {point for one in series for point in one.points}
        if metric.absent is Absent.ZERO:
            holes = [point for point in range(reading.points) if point not in there]
            alive, _ = reading.empty_but_alive(holes, evidence, scope)
            series = tuple(_with_zeros(one, alive) for one in series or (Samples((), (), ()),))
            there.update(alive)
        weak = reading.weak(evidence, scope, {})
        sound = {one.labels: _sound(one, weak) for one in series}
        taken = (Series(labels, mean(values)) for labels, values in sound.items() if values)
        means = tuple(one for one in taken if math.isfinite(one.value))
        window, share = format_duration(self.over), len(there) / reading.points
        if not means or share < _LEAST:
            found = f"only {format_quantity(share, 'ratio', '%')} of it has data" if means else "nothing says anything"
            reason = f"the baseline of {metric.name} over the last {window} cannot be taken: {found}"
            return Finding(Outcome.UNKNOWN, reason, unit=metric.unit, query=metric.query)
        said = ", ".join(readable(one.value, metric.unit) for one in means[:3]) + (", …" if len(means) > 3 else "")
        least = min((len(values) for values in sound.values() if values), default=0) / reading.points
        of = "" if least > _ALL_BUT else f", of which {format_quantity(least, 'ratio', '%')} says something"
        return Finding(
            Outcome.PASS,
            f"{said} over {window}{of}",
            means[0].value if len(means) == 1 else None,
            metric.unit,
            query=metric.query,
            series=means,
            for_=self.over,
        )

    def taken(self, finding: Finding, scope: Scope) -> RecordedBaseline:
        return RecordedBaseline(self.phase, self.metric.name, scope.now, self.over, finding.series)

    def _reading(self, scope: Scope) -> Measure:
        rules = (self.metric.evidence,) if self.metric.evidence else ()
        return Measure(self.metric, last(self.over, scope.now), condition=_ANY, decisive=False, rules=rules)


def baseline_gate(phase: str, rule: BaselineRule, metric: Metric) -> BaselineGate:
    return BaselineGate(id=f"baseline.{phase}.{rule.metric}", phase=phase, metric=metric, over=rule.over)


def _with_zeros(one: Samples, points: Sequence[int]) -> Samples:
    return Samples(one.labels, (*one.points, *points), (*one.values, *(0.0 for _ in points)))


def _sound(one: Samples, weak: bytearray) -> list[float]:
    return [
        value for point, value in zip(one.points, one.values, strict=True) if math.isfinite(value) and not weak[point]
    ]
