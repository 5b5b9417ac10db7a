"""What is recorded before exposure, and how a bound is compared with it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.gates.recording import BaselineGate, baseline_gate
from rollout.model.conditions import parse_condition
from rollout.model.evidence import Course, RangeQuery, Samples, Series, Unanswered
from rollout.model.gate import Scope
from rollout.model.plan import Absent, BaselineRule, EvidenceRule, Metric, SeriesRule
from rollout.model.record import RecordedBaseline
from rollout.model.verdicts import Finding, Outcome, TriggerFinding, TriggerOutcome
from tests.fakes import NOON, FakeSource, Reply, answer
from tests.small_plans import metric

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ERRORS = metric("errors")
A, B = (("pod", "a"),), (("pod", "b"), ("zone", "z"))
SCOPE = Scope("production", NOON, metrics={"requests": metric("requests", "count")})


def taking(what: Metric = ERRORS, over: timedelta = HOUR) -> BaselineGate:
    return baseline_gate("prepare", BaselineRule(what.name, over=over), what)


def taken(reply: Reply, what: Metric = ERRORS, up: Reply = 1.0, requests: Reply = 500.0) -> Finding:
    gate = taking(what)
    source = FakeSource({"errors": reply, "up": up, "requests": requests})
    return gate.judge(source.ask(gate.needs(SCOPE)), SCOPE)


def late(number: float | None, before: float | None) -> Reply:
    """In the second half of the hour, the last moment left out so that both halves have as many samples."""

    def at(moment: datetime) -> float | None:
        return None if moment == NOON else number if moment >= NOON - HOUR / 2 else before

    return at


def means(finding: Finding) -> dict[tuple[tuple[str, str], ...], float]:
    return {one.labels: one.value for one in finding.series}


def test_it_is_the_mean_over_the_hour_before() -> None:
    finding = taken(late(0.003, before=0.001))
    assert (finding.outcome, finding.reason, finding.for_) == (PASS, "0.2 % over 1h", HOUR)
    assert means(finding) == pytest.approx({(): 0.002})
    recorded = taking().taken(finding, SCOPE)
    assert recorded == RecordedBaseline("prepare", "errors", NOON, HOUR, finding.series)


def test_over_says_how_far_back_it_looks() -> None:
    (asked,) = taking(over=2 * DAY).needs(SCOPE)
    assert isinstance(asked, RangeQuery)
    assert asked.grid.at(0) == NOON - 2 * DAY
    assert asked.grid.at(asked.grid.count - 1) == NOON


def test_there_is_one_for_each_label_set_or_for_what_the_series_come_to() -> None:
    finding = taken(answer(0.001, 0.002, 0.003))
    assert [one.value for one in finding.series] == pytest.approx([0.001, 0.002, 0.003])
    assert (finding.observed, finding.reason) == (None, "0.1 %, 0.2 %, 0.3 % over 1h")
    assert [one.value for one in taken(answer(1.0, 2.0, 3.0, 4.0)).series] == [1.0, 2.0, 3.0, 4.0]
    summed = taken(answer(0.001, 0.002, 0.003), replace(ERRORS, series=SeriesRule.SUM))
    assert means(summed) == pytest.approx({(): 0.006})


@pytest.mark.parametrize("strange", [None, math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_left_out(strange: float | None) -> None:
    assert means(taken(late(strange, before=0.001))) == pytest.approx({(): 0.001})


def test_what_has_too_little_evidence_is_left_out() -> None:
    what = replace(ERRORS, evidence=EvidenceRule("requests", 200))
    night = late(3.0, before=500.0)
    assert means(taken(late(0.5, before=0.001), what, requests=night)) == pytest.approx({(): 0.001})
    assert taken(0.001, what, requests=3.0).outcome is UNKNOWN


def test_a_zero_that_is_filled_in_counts_into_the_mean() -> None:
    """Else a metric of rare events would have a baseline that is too high, and its gates would let too much pass."""
    rare = late(0.004, before=None)
    what = replace(ERRORS, absent=Absent.ZERO, present="up")
    assert means(taken(rare, ERRORS)) == pytest.approx({(): 0.004})
    assert means(taken(rare, what)) == pytest.approx({(): 0.004 * 360 / 721})
    assert means(taken(rare, what, up=late(1.0, before=0.0))) == pytest.approx({(): 0.004})
    assert taken(answer(), what).series == (Series((), 0.0),)
    assert taken(answer(), what, up=0.0).outcome is UNKNOWN


def test_a_zero_that_is_filled_in_counts_for_each_label_set() -> None:
    gate = taking(replace(ERRORS, absent=Absent.ZERO, present="up"))
    asked, present = gate.needs(SCOPE)
    first = Samples(A, range(360), [0.001] * 360)
    both = Course((first, Samples(B, range(180), [0.002] * 180)))
    finding = gate.judge({asked: both, present: Course((Samples((), range(721), [1.0] * 721),))}, SCOPE)
    assert means(finding) == pytest.approx({A: 0.001 * 360 / 721, B: 0.002 * 180 / 541})


@pytest.mark.parametrize("reply", [answer(), math.nan, Unanswered("connection refused"), answer(1.7e308, 1.7e308)])
def test_where_it_cannot_be_taken_it_is_unknown(reply: Reply) -> None:
    finding = taken(reply, replace(ERRORS, series=SeriesRule.SUM))
    assert (finding.outcome, finding.series) == (UNKNOWN, ())
    assert "cannot be taken" in finding.reason or "connection refused" in finding.reason


def test_a_mean_beyond_all_numbers_cannot_be_taken() -> None:
    assert taken(1.7e308).outcome is UNKNOWN


def recorded(
    phase: str, *means: tuple[tuple[tuple[str, str], ...], float], at: datetime = NOON - DAY
) -> RecordedBaseline:
    return RecordedBaseline(phase, "errors", at, HOUR, tuple(Series(*mean) for mean in means))


def known(baselines: Iterable[RecordedBaseline]) -> Scope:
    return replace(SCOPE, baselines={(one.phase, one.metric): one for one in baselines})


def judged(
    reply: Reply, require: str, *baselines: RecordedBaseline, scope: Scope = SCOPE, what: Metric = ERRORS
) -> Finding:
    gate = MetricGate(metric=what, require=parse_condition(require))
    scope = replace(scope, baselines=known(baselines).baselines)
    return gate.judge(FakeSource({"errors": reply}).ask(gate.needs(scope)), scope)


def watched(reply: Reply, when: str, *baselines: RecordedBaseline) -> TriggerFinding:
    alarm = MetricAlarm(metric=ERRORS, when=parse_condition(when))
    scope = known(baselines)
    return alarm.judge(FakeSource({"errors": reply}).ask(alarm.needs(scope)), scope)


@pytest.mark.parametrize(
    ("require", "good", "bad"),
    [
        ("<= baseline", 0.002, 0.00201),
        ("<= baseline + 0.1%", 0.003, 0.00301),
        ("<= baseline + 0.001", 0.003, 0.00301),
        (">= baseline - 0.1%", 0.001, 0.00099),
        ("<= baseline * 1.5", 0.003, 0.00301),
        ("<= baseline(prepare) * 1.5", 0.003, 0.00301),
        (">= 0.1% and <= baseline", 0.001, 0.0009),
    ],
)
def test_a_bound_is_the_baseline_with_an_amount_of_the_metrics_own_dimension_or_a_factor(
    require: str, good: float, bad: float
) -> None:
    before = recorded("prepare", ((), 0.002))
    assert judged(good, require, before).outcome is PASS
    assert judged(bad, require, before).outcome is FAIL


def test_the_sentence_has_the_number_that_the_baseline_came_to_and_the_bound_as_written() -> None:
    finding = judged(42, "<= baseline * 1.5", recorded("prepare", ((), 20.0)), what=metric("errors", "count"))
    assert finding.reason == "42 is not at most 30 (<= baseline * 1.5)"
    assert finding.require == "<= baseline * 1.5"


def test_without_a_phase_the_earliest_of_this_run_counts() -> None:
    earlier, later = recorded("one", ((), 0.001), at=NOON - 2 * DAY), recorded("two", ((), 0.005))
    for order in ((earlier, later), (later, earlier)):
        assert judged(0.003, "<= baseline", *order).outcome is FAIL
        assert judged(0.003, "<= baseline(two)", *order).outcome is PASS
    assert judged(0.003, "<= baseline + 1%", replace(earlier, metric="others")).outcome is UNKNOWN


def test_one_that_was_never_recorded_is_unknown_and_its_phase_is_named() -> None:
    finding = judged(0.001, "<= baseline(prepare)")
    assert (finding.outcome, finding.reason) == (UNKNOWN, "no baseline of errors has been recorded in prepare")
    scope = replace(SCOPE, recording={"errors": ("prepare", "limited")})
    assert judged(0.001, "<= baseline", scope=scope).reason.endswith("recorded in prepare or limited")
    assert judged(0.001, "<= baseline").reason.endswith("recorded in any phase")
    alarm = watched(0.5, "> baseline * 2")
    assert (alarm.outcome, alarm.observed) == (TriggerOutcome.UNKNOWN, None)


def test_each_series_is_compared_with_the_baseline_of_its_own_labels() -> None:
    gate = MetricGate(metric=ERRORS, require=parse_condition("<= baseline"), for_=0 * HOUR)
    scope = known([recorded("prepare", (A, 0.001), (tuple(reversed(B)), 0.005))])
    (asked,) = gate.needs(scope)

    def found(values: dict[tuple[tuple[str, str], ...], float]) -> Finding:
        course = Course(tuple(Samples(labels, [0], [value]) for labels, value in values.items()))
        return gate.judge({asked: course}, scope)

    assert found({A: 0.001, B: 0.005}).outcome is PASS
    worse = found({A: 0.002, B: 0.002})
    assert (worse.outcome, '({pod="a"}, one of 2 series)' in worse.reason) == (FAIL, True)
    new = found({A: 0.001, (): 0.0})
    assert (new.outcome, "prepare recorded has no such series" in new.reason) == (UNKNOWN, True)
    assert found({A: 0.002, (): 0.0}).outcome is FAIL


def test_a_bound_beyond_all_numbers_is_unknown() -> None:
    finding = judged(1.0, "<= baseline * 10", recorded("prepare", ((), 1.7e308)))
    assert (finding.outcome, "beyond all numbers" in finding.reason) == (UNKNOWN, True)
