"""A metric's numbers marked against a condition, moment by moment.

Everything that may make a number say nothing is found here: no data, warnings, NaN, too little evidence, no baseline.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from rollout.frozen import dataclass
from rollout.gates.baselines import resolved
from rollout.gates.marks import Extreme, Mark, Marked, first_strange, mark_series, put, satisfied, table
from rollout.gates.reading import Reading, labelled, not_finite
from rollout.model.conditions import Comparison, Condition, Op, Quantity
from rollout.model.evidence import Evidence, Question, Samples, Series, Unanswered
from rollout.model.gate import Scope
from rollout.model.plan import Absent, EvidenceRule
from rollout.model.units import format_quantity


@dataclass(frozen=True, kw_only=True)
class Measure(Reading):
    """How one condition looks at a metric. `decisive`: whether satisfying it is what decides (a trigger's does).

    `rules` are the evidence that each number needs to say something.
    """

    condition: Condition
    decisive: bool
    rules: tuple[EvidenceRule, ...] = ()

    def needs(self, scope: Scope) -> Iterator[Question[object]]:
        yield from super().needs(scope)
        for rule in self.rules:
            yield from self._evidence(rule, scope).needs(scope)

    def queries(self, scope: Scope) -> Iterator[str]:
        yield from super().queries(scope)
        for rule in self.rules:
            yield from self._evidence(rule, scope).queries(scope)

    def marked(self, evidence: Evidence, scope: Scope) -> Marked:
        series = self.series(evidence, scope)
        if isinstance(series, Unanswered):
            return Marked(bytearray([Mark.STRANGE]) * self.points, why={Mark.STRANGE: series.reason})
        marks, why, extremes = bytearray(self.points), dict[Mark, str](), list[Extreme]()
        weak = self.weak(evidence, scope, why)
        for one in series:
            condition = resolved(self.condition, self.metric, one.labels, scope)
            if isinstance(condition, Condition):
                extremes += self._mark(marks, one, weak, condition)
                continue
            why.setdefault(Mark.STRANGE, condition + labelled(one.labels, len(series)))
            put(marks, one.points, bytes([Mark.STRANGE]) * len(one.points))
        if Mark.STRANGE in marks and (strange := first_strange(series)):
            why.setdefault(Mark.STRANGE, not_finite(strange[1]) + labelled(strange[0].labels, len(series)))
        if Mark.HOLE in marks:
            why[Mark.HOLE] = "no data: the query returned nothing"
            extremes += self._fill(marks, weak, why, evidence, scope)
            thin = (point for point, mark in enumerate(weak) if mark == Mark.THIN and marks[point] == Mark.HOLE)
            for point in thin:  # too little traffic for any data is too little evidence too
                marks[point] = Mark.THIN
        return Marked(marks, tuple(sorted(extremes, key=self._order)), why)

    def weak(self, evidence: Evidence, scope: Scope, why: dict[Mark, str]) -> bytearray:
        """`THIN` where there is too little evidence for a number, `STRANGE` where that cannot be told, else 0."""
        weak = bytearray(self.points)
        for rule in self.rules:
            wanted = self._evidence(rule, scope)
            found = wanted.marked(evidence, scope)
            put(weak, range(self.points), found.marks.translate(_WEAK))
            name, unit = wanted.metric.name, wanted.metric.unit
            if Mark.DECISIVE in found.marks:
                least, some = format_quantity(rule.at_least, unit, unit), "no data, which counts as a fail"
                if found.extremes and found.extremes[0].decisive:
                    some = f"{format_quantity(found.extremes[0].value, unit, unit)}, less than {least}"
                why.setdefault(Mark.THIN, f"too little to judge by: {name} is {some}")
            if doubt := found.why.get(Mark.STRANGE) or found.why.get(Mark.HOLE):
                why.setdefault(Mark.STRANGE, f"whether there is enough to judge by cannot be told: {name}: {doubt}")
        return weak

    def _evidence(self, rule: EvidenceRule, scope: Scope) -> Measure:
        """Less than enough is what decides; no evidence is wanted for evidence."""
        least = Comparison(Op.GE, Quantity(Fraction(rule.at_least), ""))
        condition = Condition((least,), f">= {rule.at_least:g}")
        return Measure(scope.metrics[rule.metric], self.grid, condition=condition, decisive=False)

    def _mark(self, marks: bytearray, one: Samples, weak: bytearray, condition: Condition) -> list[Extreme]:
        found = satisfied(condition, self.metric.unit, one.values)
        extreme = mark_series(marks, one, weak, found, decisive=self.decisive, highest=self._highest)
        return [extreme] if extreme else []

    def _fill(
        self, marks: bytearray, weak: bytearray, why: dict[Mark, str], evidence: Evidence, scope: Scope
    ) -> list[Extreme]:
        """An empty result means what `absent` says wherever it is no outage."""
        absent = self.metric.absent
        if absent is Absent.UNKNOWN:
            return []
        holes = [point for point, mark in enumerate(marks) if mark == Mark.HOLE]
        holes, others = self.empty_but_alive(holes, evidence, scope)
        if others:
            why[Mark.HOLE] += f", {others}"
        filled = Mark.STRANGE
        if absent is Absent.ZERO:
            condition = resolved(self.condition, self.metric, (), scope)
            if isinstance(condition, Condition):
                return self._mark(marks, Samples((), holes, [0.0] * len(holes)), weak, condition)
            why.setdefault(Mark.STRANGE, condition)
            weak = bytearray(self.points)  # what makes up for no evidence makes up for no baseline
        elif self.decisive:
            why.setdefault(Mark.STRANGE, f"no data, which counts as a {absent} for gates alone")
        else:
            filled = Mark.HARMLESS if absent is Absent.PASS else Mark.DECISIVE
        for point in holes:
            marks[point] = weak[point] or filled
        return []

    @property
    def _highest(self) -> bool:
        """Whether the highest number is nearest to being decisive."""
        return (self.condition.comparisons[0].op in (Op.LT, Op.LE)) is not self.decisive

    def _order(self, extreme: Extreme) -> tuple[bool, float]:
        return (not extreme.decisive, -extreme.value if self._highest else extreme.value)


_WEAK = table({Mark.HARMLESS: 0, Mark.DECISIVE: Mark.THIN}, rest=Mark.STRANGE)
"""What the mark of evidence makes of a number."""


def sentence(measure: Measure, marked: Marked, scope: Scope) -> str:
    """What the number that counts most comes to, with the bound; empty where nothing counts."""
    if Mark.DECISIVE in marked.marks and not any(one.decisive for one in marked.extremes):
        return f"no data, which counts as a {Absent.FAIL}"
    if not marked.extremes:
        return f"no data, which counts as a {Absent.PASS}" if Mark.HARMLESS in marked.marks else ""
    extreme, unit = marked.extremes[0], measure.metric.unit
    condition = resolved(measure.condition, measure.metric, extreme.labels, scope)
    assert isinstance(condition, Condition)  # else its series would have no extreme
    said = condition.judge(extreme.value, unit)[1] + labelled(extreme.labels, len(marked.extremes))
    return said if condition is measure.condition else f"{said} ({measure.condition.text})"


def shown(marked: Marked) -> tuple[Series, ...]:
    return tuple(Series(one.labels, one.value) for one in marked.extremes)
