"""What an empty result means: nothing, unless the metric says otherwise and something shows that it is no outage."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.model.conditions import parse_condition
from rollout.model.evidence import Course, RangeQuery, Samples, Series, Unanswered
from rollout.model.gate import Scope
from rollout.model.plan import Absent, EvidenceRule, Metric
from rollout.model.record import RecordedBaseline
from rollout.model.verdicts import Finding, Outcome, TriggerFinding, TriggerOutcome
from tests.fakes import NOON, FakeSource, Reply, answer
from tests.small_plans import metric

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
QUIET, FIRED, UNJUDGED = TriggerOutcome.QUIET, TriggerOutcome.FIRED, TriggerOutcome.UNKNOWN
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOTHING = answer()
SCOPE = Scope("production", NOON, metrics={"requests": metric("requests", "count")})
FILLED = (Absent.ZERO, Absent.PASS, Absent.FAIL)


def errors(absent: Absent, present: str = "up") -> Metric:
    return replace(metric("errors"), absent=absent, present=present)


def judged(
    what: Metric,
    reply: Reply,
    up: Reply = 1.0,
    require: str = "< 0.1%",
    length: timedelta | None = None,
    coverage: float = 1.0,
) -> Finding:
    made = MetricGate(metric=what, require=parse_condition(require), for_=length, coverage=coverage)
    source = FakeSource({"errors": reply, "up": up, "requests": 3.0})
    return made.judge(source.ask(made.needs(SCOPE)), SCOPE)


def watched(
    what: Metric, reply: Reply, up: Reply = 1.0, when: str = "> 1%", length: timedelta | None = None
) -> TriggerFinding:
    alarm = MetricAlarm(metric=what, when=parse_condition(when), for_=length)
    source = FakeSource({"errors": reply, "up": up, "requests": 3.0})
    return alarm.judge(source.ask(alarm.needs(SCOPE)), SCOPE)


def during(
    begin: timedelta, end: timedelta, inside: float | None, outside: float
) -> Callable[[datetime], float | None]:
    return lambda at: inside if NOON - begin <= at < NOON - end else outside


@pytest.mark.parametrize(
    ("absent", "outcome", "reason", "observed"),
    [
        (Absent.UNKNOWN, UNKNOWN, "no data: the query returned nothing", None),
        (Absent.ZERO, PASS, "0 % is below 0.1 %", 0.0),
        (Absent.PASS, PASS, "no data, which counts as a pass", None),
        (Absent.FAIL, FAIL, "no data, which counts as a fail", None),
    ],
)
def test_an_empty_result_means_what_the_metric_says(
    absent: Absent, outcome: Outcome, reason: str, observed: float | None
) -> None:
    finding = judged(errors(absent), NOTHING)
    assert (finding.outcome, finding.reason, finding.observed) == (outcome, reason, observed)


def test_a_zero_that_is_filled_in_is_judged_like_any_number() -> None:
    assert judged(errors(Absent.ZERO), NOTHING, require="> 0").outcome is FAIL
    assert judged(errors(Absent.ZERO), NOTHING, require=">= 0").outcome is PASS
    assert watched(errors(Absent.ZERO), NOTHING, when="< 50%").outcome is FIRED
    assert watched(errors(Absent.ZERO), NOTHING, when="> 1%").outcome is QUIET


def test_for_a_trigger_an_absence_that_passes_or_fails_is_unknown() -> None:
    for absent in (Absent.PASS, Absent.FAIL):
        finding = watched(errors(absent), NOTHING)
        assert (finding.outcome, finding.reason) == (UNJUDGED, f"no data, which counts as a {absent} for gates alone")


OUTAGES: list[tuple[Reply, str]] = [
    (0.0, "and `present` does not show that this is no outage"),
    (-1.0, "and `present` does not show"),
    (NOTHING, "and `present` does not show"),
    (math.nan, "and `present` does not show"),
    (Unanswered("connection refused"), "and whether that is an outage cannot be told: connection refused"),
    (answer(1.0, warnings=("a store is down",)), "cannot be told: Prometheus answers with a warning: a store is down"),
]


@pytest.mark.parametrize("absent", FILLED)
@pytest.mark.parametrize(("up", "why"), OUTAGES)
def test_nothing_is_filled_in_where_present_has_no_value_above_0(absent: Absent, up: Reply, why: str) -> None:
    for length in (None, HOUR):
        finding = judged(errors(absent), NOTHING, up, length=length)
        assert finding.outcome is UNKNOWN
        assert "no data: the query returned nothing, " in finding.reason
        assert why in finding.reason
        assert watched(errors(absent), NOTHING, up, length=length).outcome is UNJUDGED


@pytest.mark.parametrize("absent", FILLED)
def test_nothing_is_filled_in_without_present(absent: Absent) -> None:
    finding = judged(errors(absent, present=""), NOTHING)
    assert finding.outcome is UNKNOWN
    assert "the metric has no `present`" in finding.reason
    assert watched(errors(absent, present=""), NOTHING).outcome is UNJUDGED


def test_one_series_of_present_above_0_is_enough() -> None:
    assert judged(errors(Absent.ZERO), NOTHING, answer(0.0, math.nan, 2.0)).outcome is PASS


@pytest.mark.parametrize("absent", FILLED)
@pytest.mark.parametrize("number", [math.nan, math.inf, Unanswered("connection refused")])
def test_only_an_empty_result_is_filled_in(absent: Absent, number: Reply) -> None:
    assert judged(errors(absent), number).outcome is UNKNOWN
    assert judged(errors(absent), answer(0.0, math.nan)).outcome is UNKNOWN
    assert watched(errors(absent), number, when="< 50%").outcome is UNJUDGED


def test_holes_of_a_window_are_filled_in_where_present_shows_that_they_are_no_outage() -> None:
    rare = during(30 * HOUR, 20 * HOUR, inside=None, outside=0.0005)
    for absent, outcome in ((Absent.ZERO, PASS), (Absent.PASS, PASS), (Absent.FAIL, FAIL), (Absent.UNKNOWN, UNKNOWN)):
        assert judged(errors(absent), rare, length=48 * HOUR).outcome is outcome
    outage = during(22 * HOUR, 21 * HOUR, inside=0.0, outside=1.0)
    finding = judged(errors(Absent.ZERO), rare, outage, length=48 * HOUR)
    assert (finding.outcome, finding.held) == (UNKNOWN, 21 * HOUR)
    assert "2.083 % of 2d cannot be judged" in finding.reason
    assert judged(errors(Absent.PASS), rare, outage, length=48 * HOUR, coverage=0.97).outcome is PASS


def test_a_window_that_fails_for_what_is_absent_says_so_and_shows_no_number_as_the_worst() -> None:
    rare = during(30 * HOUR, 20 * HOUR, inside=None, outside=0.0005)
    finding = judged(errors(Absent.FAIL), rare, length=48 * HOUR)
    assert finding.reason == "no data, which counts as a fail (1200 of 5761 samples in 2d)"
    assert judged(errors(Absent.PASS), NOTHING, length=48 * HOUR).reason == "no data, which counts as a pass"
    broken = during(30 * HOUR, 20 * HOUR, inside=None, outside=0.5)
    assert judged(errors(Absent.FAIL), broken, length=48 * HOUR).reason.startswith("50 % is not below 0.1 % (5761 of")


def test_a_trigger_holds_through_zeros_and_is_unknown_for_what_passes_or_fails() -> None:
    gone = during(5 * MINUTE, 4 * MINUTE, inside=None, outside=0.2)
    for absent, outcome in ((Absent.ZERO, FIRED), (Absent.PASS, UNJUDGED), (Absent.FAIL, UNJUDGED)):
        assert watched(errors(absent), gone, when="< 50%", length=10 * MINUTE).outcome is outcome
        assert watched(errors(absent), gone, when="< 10%", length=10 * MINUTE).outcome is QUIET


def test_evidence_counts_for_what_is_filled_in_too() -> None:
    rule = EvidenceRule("requests", 200)
    for absent in FILLED:
        what = replace(errors(absent), evidence=rule)
        finding = judged(what, NOTHING)
        assert (finding.outcome, finding.reason) == (UNKNOWN, "too little to judge by: requests is 3, less than 200")
        assert watched(what, NOTHING, when="< 50%").outcome is QUIET


def test_a_zero_is_compared_with_the_baseline_that_has_no_labels() -> None:
    gate = MetricGate(metric=errors(Absent.ZERO), require=parse_condition(">= baseline - 1%"))
    evidence = FakeSource({"errors": NOTHING, "up": 1.0}).ask(gate.needs(SCOPE))
    assert gate.judge(evidence, SCOPE).outcome is UNKNOWN
    for labels, outcome in (((), PASS), ((("pod", "a"),), UNKNOWN)):
        taken = RecordedBaseline("before", "errors", NOON, HOUR, (Series(labels, 0.01),))
        assert gate.judge(evidence, replace(SCOPE, baselines={("before", "errors"): taken})).outcome is outcome


def test_a_series_that_ends_is_no_hole_as_long_as_another_goes_on() -> None:
    gate = MetricGate(metric=errors(Absent.FAIL), require=parse_condition("< 0.1%"), for_=100 * timedelta(seconds=1))
    asked, present = gate.needs(SCOPE)
    assert isinstance(asked, RangeQuery)
    up = Course((Samples((), range(21), [1.0] * 21),))
    for begin, outcome in ((11, PASS), (12, FAIL)):
        old = Samples((("pod", "a"),), range(11), [0.0] * 11)
        new = Samples((("pod", "b"),), range(begin, 21), [0.0] * (21 - begin))
        assert gate.judge({asked: Course((old, new)), present: up}, SCOPE).outcome is outcome
