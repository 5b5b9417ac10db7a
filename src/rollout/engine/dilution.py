"""What a bound over everybody says of the few who have the feature: 0.1 % of all is 1 % of a tenth of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rollout.engine.path import Stop
from rollout.frozen import dataclass
from rollout.gates.combined import AllAlarm, AnyAlarm, GateAlarm
from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.model.conditions import Comparison, Op, Quantity
from rollout.model.gate import Alarm, Gate
from rollout.model.plan import Environment, Metric, Plan
from rollout.model.units import UNITS, Dimension, format_quantity
from rollout.model.values import FlagType, FlagValue
from rollout.shapes.promql import trees
from rollout.shapes.promql_tree import Matcher, selectors


@dataclass(frozen=True)
class DilutedBound:
    """One bound of a gate or a trigger at the step where the fewest, `percent` of all, have the feature.

    `alone` is, of a share, what the bound comes to for those few while all others are well, in the metric's unit;
    None: they alone never reach it, or it is no share.
    """

    metric: Metric
    comparison: Comparison
    of_gate: bool
    stop: Stop
    percent: float

    @property
    def text(self) -> str:
        bound = self.comparison.bound
        if not isinstance(bound, Quantity):
            return f"{self.comparison.op} baseline"
        unit = bound.unit or self.metric.unit
        shown_in = "%" if UNITS[unit].dimension is Dimension.SHARE else unit
        return f"{self.comparison.op} {format_quantity(float(bound.number), unit, shown_in)}"

    @property
    def alone(self) -> float | None:
        """With the others at the good end, 0 or 1."""
        bound, unit = self.comparison.bound, UNITS[self.metric.unit]
        if not isinstance(bound, Quantity) or unit.dimension is not Dimension.SHARE:
            return None
        ratio, share = bound.number * UNITS[bound.unit or unit.name].factor, Fraction(self.percent) / 100
        bad_is_high = self.of_gate is (self.comparison.op in (Op.LT, Op.LE))
        alone = ratio / share if bad_is_high else 1 - (1 - ratio) / share
        return float(alone / unit.factor) if 0 <= alone <= 1 else None


@dataclass(frozen=True)
class Dilution:
    """`bounds` are of shares; where the query selects a cohort they say what they say, and none stands here."""

    selects_cohort: bool
    bounds: tuple[DilutedBound, ...]
    sentence: str


def dilutions(plan: Plan, environment: Environment, stops: Sequence[Stop]) -> dict[str, Dilution]:
    """By metric, for those that gates or triggers judge while some have the feature and others do not."""
    least: dict[tuple[str, str, bool], DilutedBound] = {}
    for index, (stop, percent) in enumerate(_exposed(plan, environment, stops)):
        for metric, comparison, of_gate in _judged_at(plan, stops, index) if percent else ():
            bound = DilutedBound(metric, comparison, of_gate, stop, percent)
            key = (metric.name, bound.text, of_gate)
            if percent < least.setdefault(key, bound).percent:
                least[key] = bound
    names = dict.fromkeys(name for name, _, _ in least)
    return {
        name: _dilution(plan, environment, [one for one in least.values() if one.metric.name == name]) for name in names
    }


def _exposed(plan: Plan, environment: Environment, stops: Sequence[Stop]) -> Iterator[tuple[Stop, float]]:
    """Each stop with the smallest share that a percent flag gives there; 0 where it is nobody or everybody."""
    values: dict[str, FlagValue] = dict(environment.values)
    for stop in stops:
        values |= {**stop.step.set, **environment.override}
        shares = [
            value
            for name, value in values.items()
            if plan.flags[name].type is FlagType.PERCENT and isinstance(value, int | float) and 0 < value < 100
        ]
        yield stop, min(shares, default=0)


_Judged = tuple[Metric, Comparison, bool]
"""The bool tells a gate's comparison from a trigger's."""


def _judged_at(plan: Plan, stops: Sequence[Stop], index: int) -> Iterator[_Judged]:
    """To leave the step, to enter the next phase from it, and all the while."""
    stop, following = stops[index], stops[index + 1 : index + 2]
    gates = [*stop.step.gates, *stop.phase.gates]
    if stop.last_of_phase:
        gates += [*stop.phase.exit, *(gate for after in following for gate in after.phase.entry)]
    for gate in gates:
        yield from _of_gate(gate)
    for trigger in plan.triggers.values():
        if plan.is_live(trigger, stop.phase.id):
            yield from _of_alarm(trigger.alarm)


def _of_gate(gate: Gate) -> Iterator[_Judged]:
    if isinstance(gate, MetricGate):
        yield from ((gate.metric, comparison, True) for comparison in gate.require.comparisons)


def _of_alarm(alarm: Alarm) -> Iterator[_Judged]:
    match alarm:
        case MetricAlarm():
            yield from ((alarm.metric, comparison, False) for comparison in alarm.when.comparisons)
        case GateAlarm():
            yield from _of_gate(alarm.gate)
        case AnyAlarm() | AllAlarm():
            for part in alarm.parts:
                yield from _of_alarm(part)
        case _:
            pass


def _dilution(plan: Plan, environment: Environment, bounds: Sequence[DilutedBound]) -> Dilution:
    metric = bounds[0].metric
    variables = {environment.name: environment.vars}
    found = [series for tree, _ in trees(metric.query, variables) for series in selectors(tree)]
    if found and all(any(_names_a_cohort(one, plan) for one in series.matchers) for series in found):
        return Dilution(True, (), f"{metric.name} selects a cohort: its bounds are of that")
    told = bounds if UNITS[metric.unit].dimension is Dimension.SHARE else ()
    shares = tuple(
        one for one in told if isinstance(one.comparison.bound, Quantity) and one.comparison.op not in _EXACT
    )
    said = []
    for stop, percent in {one.stop.label: (one.stop, one.percent) for one in shares or [_fewest(bounds)]}.values():
        here = [_said(one) for one in shares if one.stop is stop] or ["the others count too"]
        said.append(f"with {percent:g} % ({stop.label}) {', '.join(here)}")
    return Dilution(False, shares, f"{metric.name} selects no cohort: {'; '.join(said)}")


def _fewest(bounds: Sequence[DilutedBound]) -> DilutedBound:
    return min(bounds, key=lambda one: one.percent)


_EXACT = (Op.EQ, Op.NE)


def _said(one: DilutedBound) -> str:
    if one.alone is None:
        return f"theirs alone cannot {'break' if one.of_gate else 'fire'} {one.text}"
    return f"{one.text} of all is {one.comparison.op} {format_quantity(one.alone, one.metric.unit, '%')} of theirs"


_COHORT_LABELS = frozenset(
    {"version", "release", "revision", "track", "cohort", "canary", "variant", "variation", "experiment", "arm"}
    | {"flag", "feature", "color", "colour", "slot", "subset", "build", "image_tag"}
)


def _names_a_cohort(matcher: Matcher, plan: Plan) -> bool:
    if not matcher.selects or matcher.value in ("", ".*", ".+"):
        return False
    if matcher.label in _COHORT_LABELS or matcher.label.endswith("_version") or "canary" in matcher.value.lower():
        return True
    texts = [_letters(matcher.label), _letters(matcher.value)]
    return any(_letters(flag) in text for flag in plan.flags for text in texts)


def _letters(text: str) -> str:
    return "".join(one for one in text.lower() if one.isalnum())
