"""From an answer of Prometheus to numbers that may be judged, or to the sentence why there are none."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from rollout.frozen import dataclass
from rollout.model.conditions import Condition, Op
from rollout.model.evidence import Answer, Series, Unanswered
from rollout.model.plan import Metric, SeriesRule
from rollout.model.verdicts import Finding, Outcome


@dataclass(frozen=True)
class Measured:
    """Finite numbers, one for each series that counts; `doubt` says why others do not, if any."""

    series: tuple[Series, ...]
    doubt: str = ""


def measure(metric: Metric, answer: Answer | Unanswered) -> Measured:
    """What of an answer can be judged. No data is never a number, and NaN and ±Inf are none either."""
    if isinstance(answer, Unanswered):
        return Measured((), answer.reason)
    alarming = [text for text in answer.warnings if not any(re.search(p, text) for p in metric.tolerate_warnings)]
    if alarming:
        return Measured((), f"Prometheus answers with a warning: {alarming[0]}")
    if not answer.series:
        return Measured((), "no data: the query returned nothing")
    series = answer.series if metric.series is SeriesRule.EVERY else (_reduced(metric.series, answer.series),)
    finite = tuple(one for one in series if math.isfinite(one.value))
    strange = [one for one in series if not math.isfinite(one.value)]
    return Measured(finite, _not_finite(strange, len(series)) if strange else "")


def judged(metric: Metric, require: Condition, asked: str, answer: Answer | Unanswered) -> Finding:
    """A gate's finding on one answer: every series must satisfy; `asked` is the query as it is shown."""
    measured = measure(metric, answer)
    failing = satisfying(require, measured.series, metric.unit, holds=False)
    shown = last_to_satisfy(require, failing or measured.series)
    if shown is None:
        return Finding(Outcome.UNKNOWN, measured.doubt, None, metric.unit, require.text, asked, measured.series)
    sentence = require.judge(shown.value, metric.unit)[1] + labelled(shown, len(measured.series))
    outcome = Outcome.FAIL if failing else Outcome.UNKNOWN if measured.doubt else Outcome.PASS
    reason = measured.doubt if outcome is Outcome.UNKNOWN else sentence
    return Finding(outcome, reason, shown.value, metric.unit, require.text, asked, measured.series)


def satisfying(condition: Condition, series: Iterable[Series], unit: str, *, holds: bool) -> list[Series]:
    """The series that satisfy the condition, or those that do not."""
    return [one for one in series if condition.judge(one.value, unit)[0] is holds]


def last_to_satisfy(condition: Condition, series: Iterable[Series]) -> Series | None:
    """The highest under `<`, the lowest under `>`: what a gate looks at."""
    return _extreme(series, highest=condition.comparisons[0].op in (Op.LT, Op.LE))


def first_to_satisfy(condition: Condition, series: Iterable[Series]) -> Series | None:
    """The lowest under `<`, the highest under `>`: what a trigger looks at."""
    return _extreme(series, highest=condition.comparisons[0].op not in (Op.LT, Op.LE))


def labelled(series: Series, count: int) -> str:
    """` ({instance="a"}, one of 3 series)` where there are several, else nothing."""
    if count < 2:
        return ""
    labels = ", ".join(f'{name}="{value}"' for name, value in series.labels)
    return f" ({{{labels}}}, one of {count} series)"


def _reduced(rule: SeriesRule, series: tuple[Series, ...]) -> Series:
    """One number of several series; where one of them has none, there is none."""
    values = [one.value for one in series]
    strange = [value for value in values if not math.isfinite(value)]
    if strange:
        return Series((), strange[0])
    match rule:
        case SeriesRule.SUM:
            return Series((), _sum(values))
        case SeriesRule.AVG:
            return Series((), _sum(values) / len(values))
        case SeriesRule.MIN:
            return Series((), min(values))
        case SeriesRule.MAX | SeriesRule.EVERY:
            return Series((), max(values))


def _sum(values: list[float]) -> float:
    """Without rounding on the way; infinite where it is beyond all numbers."""
    try:
        return math.fsum(values)
    except OverflowError:
        return math.inf


def _not_finite(strange: list[Series], count: int) -> str:
    value = strange[0].value
    where = labelled(strange[0], count)
    if math.isnan(value):
        return f"NaN is not a number that can be judged (0/0: no traffic?){where}"
    return f"{'+' if value > 0 else '-'}Inf is not a number that can be judged (a division by 0?){where}"


def _extreme(series: Iterable[Series], *, highest: bool) -> Series | None:
    return (max if highest else min)(series, key=lambda one: one.value, default=None)
