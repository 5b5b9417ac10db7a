"""A number with too little behind it says nothing: for a gate it is missing, for a trigger it is quiet."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.model.conditions import parse_condition
from rollout.model.evidence import Query, RangeQuery, Unanswered
from rollout.model.gate import Scope
from rollout.model.plan import Absent, EvidenceRule, SeriesRule
from rollout.model.verdicts import Finding, Outcome, TriggerFinding, TriggerOutcome
from tests.fakes import NOON, FakeSource, Reply, answer
from tests.small_plans import metric

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
QUIET, FIRED, UNJUDGED = TriggerOutcome.QUIET, TriggerOutcome.FIRED, TriggerOutcome.UNKNOWN
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
REQUESTS = metric("requests", "count")
RULE = EvidenceRule("requests", 200)
ERRORS = replace(metric("errors"), evidence=RULE)
SCOPE = Scope("production", NOON, metrics={"requests": REQUESTS, "users": metric("users", "count"), "errors": ERRORS})
GATE = MetricGate(metric=ERRORS, require=parse_condition("< 0.1%"))
LONG = replace(GATE, for_=48 * HOUR)
ALARM = MetricAlarm(metric=ERRORS, when=parse_condition("> 1%"))


def judged(
    errors: Reply, requests: Reply, gate: MetricGate = GATE, scope: Scope = SCOPE, users: Reply = 0.0
) -> Finding:
    source = FakeSource({"errors": errors, "requests": requests, "users": users})
    return gate.judge(source.ask(gate.needs(scope)), scope)


def watched(errors: Reply, requests: Reply, alarm: MetricAlarm = ALARM, scope: Scope = SCOPE) -> TriggerFinding:
    source = FakeSource({"errors": errors, "requests": requests})
    return alarm.judge(source.ask(alarm.needs(scope)), scope)


def during(
    begin: timedelta, end: timedelta, inside: float | None, outside: float
) -> Callable[[datetime], float | None]:
    """From so long ago to so long ago."""
    return lambda at: inside if NOON - begin <= at < NOON - end else outside


@pytest.mark.parametrize("errors", [0.0, 0.5, math.nan, math.inf])
def test_with_less_evidence_than_it_takes_a_gate_is_unknown_and_a_trigger_quiet(errors: float) -> None:
    finding = judged(errors, 199.0)
    assert (finding.outcome, finding.reason) == (UNKNOWN, "too little to judge by: requests is 199, less than 200")
    assert finding.observed is None
    assert (watched(errors, 199.0).outcome, watched(errors, 199.0).reason) == (QUIET, finding.reason)


def test_with_just_enough_evidence_the_number_is_judged() -> None:
    assert judged(0.0, 200.0).outcome is PASS
    assert judged(0.5, 200.0).outcome is FAIL
    assert watched(0.5, 200.0).outcome is FIRED


NO_EVIDENCE: list[tuple[Reply, str]] = [
    (answer(), "no data: the query returned nothing"),
    (math.nan, "NaN is not a number"),
    (math.inf, "+Inf is not a number"),
    (Unanswered("connection refused"), "connection refused"),
    (answer(500.0, warnings=("a store is down",)), "Prometheus answers with a warning: a store is down"),
]


@pytest.mark.parametrize(("requests", "why"), NO_EVIDENCE)
@pytest.mark.parametrize("errors", [0.0, 0.5])
def test_evidence_that_is_itself_none_is_unknown_and_not_less(errors: float, requests: Reply, why: str) -> None:
    reason = f"whether there is enough to judge by cannot be told: requests: {why}"
    for finding in (judged(errors, requests), judged(errors, requests, LONG)):
        assert finding.outcome is UNKNOWN
        assert reason in finding.reason
    alarm = watched(errors, requests)
    assert alarm.outcome is UNJUDGED
    assert reason in alarm.reason


def test_a_sample_of_a_window_with_too_little_evidence_is_missing() -> None:
    night = during(30 * HOUR, 28 * HOUR, inside=3.0, outside=500.0)
    finding = judged(0.0, night, LONG)
    assert (finding.outcome, finding.held) == (UNKNOWN, 28 * HOUR)
    assert finding.reason == "4.166 % of 2d cannot be judged: too little to judge by: requests is 3, less than 200"
    assert judged(0.0, night, replace(LONG, coverage=0.95)).outcome is PASS
    assert judged(0.0, night, replace(LONG, coverage=0.96)).outcome is UNKNOWN


def test_a_breach_with_too_little_evidence_is_none() -> None:
    night = during(30 * HOUR, 28 * HOUR, inside=3.0, outside=500.0)
    bad_night = during(30 * HOUR, 28 * HOUR, inside=0.5, outside=0.0)
    finding = judged(bad_night, night, replace(LONG, coverage=0.95))
    assert (finding.outcome, finding.observed) == (PASS, 0.0)
    longer = during(30 * HOUR, 28 * HOUR - MINUTE, inside=0.5, outside=0.0)
    assert judged(longer, night, replace(LONG, coverage=0.95)).outcome is FAIL


def test_a_trigger_with_a_window_is_quiet_as_soon_as_one_sample_has_too_little_evidence() -> None:
    alarm = replace(ALARM, for_=10 * MINUTE)
    assert watched(0.5, 500.0, alarm).outcome is FIRED
    thin = during(5 * MINUTE, 4 * MINUTE, inside=3.0, outside=500.0)
    finding = watched(0.5, thin, alarm)
    assert (finding.outcome, finding.reason) == (QUIET, "50 % is above 1 %, but not for all of 10m")
    strange = during(5 * MINUTE, 4 * MINUTE, inside=math.nan, outside=500.0)
    assert watched(0.5, strange, alarm).outcome is UNJUDGED
    hole = during(5 * MINUTE, 4 * MINUTE, inside=None, outside=500.0)
    assert watched(0.5, hole, alarm).outcome is UNJUDGED


def test_what_the_metric_and_what_the_gate_ask_for_must_both_be_there() -> None:
    gate = replace(GATE, evidence=EvidenceRule("users", 10))
    assert judged(0.0, 500.0, gate, users=10.0).outcome is PASS
    assert judged(0.0, 199.0, gate, users=10.0).outcome is UNKNOWN
    assert judged(0.0, 500.0, gate, users=9.0).reason == "too little to judge by: users is 9, less than 10"
    assert judged(0.0, math.nan, gate, users=9.0).outcome is UNKNOWN
    stricter = replace(GATE, evidence=EvidenceRule("requests", 1000))
    assert judged(0.0, 500.0, stricter).outcome is UNKNOWN
    assert judged(0.0, 1000.0, stricter).outcome is PASS


def test_evidence_is_asked_for_at_the_same_moments_and_needs_none_itself() -> None:
    recursive = replace(SCOPE, metrics={**SCOPE.metrics, "requests": replace(REQUESTS, evidence=RULE)})
    assert set(GATE.needs(recursive)) == {Query("errors", "production"), Query("requests", "production")}
    errors, requests = LONG.needs(recursive)
    assert isinstance(errors, RangeQuery)
    assert requests == replace(errors, promql="requests")
    assert judged(0.0, 500.0, scope=recursive).outcome is PASS


def test_of_several_series_of_evidence_each_must_be_enough_unless_they_are_added_up() -> None:
    assert judged(0.0, answer(500.0, 199.0)).outcome is UNKNOWN
    assert judged(0.0, answer(500.0, math.nan)).outcome is UNKNOWN
    assert judged(0.0, answer(500.0, 200.0)).outcome is PASS
    summed = replace(SCOPE, metrics={**SCOPE.metrics, "requests": replace(REQUESTS, series=SeriesRule.SUM)})
    assert judged(0.0, answer(150.0, 50.0), scope=summed).outcome is PASS
    assert judged(0.0, answer(150.0, 49.0), scope=summed).outcome is UNKNOWN


@pytest.mark.parametrize(
    ("absent", "reason"),
    [
        (Absent.ZERO, "too little to judge by: requests is 0, less than 200"),
        (Absent.FAIL, "too little to judge by: requests is no data, which counts as a fail"),
    ],
)
def test_evidence_that_is_absent_is_what_its_own_metric_says(absent: Absent, reason: str) -> None:
    requests = replace(REQUESTS, absent=absent, present="users")
    scope = replace(SCOPE, metrics={**SCOPE.metrics, "requests": requests})
    finding = judged(0.0, answer(), scope=scope, users=1.0)
    assert (finding.outcome, finding.reason) == (UNKNOWN, reason)
    assert "cannot be told" in judged(0.0, answer(), scope=scope, users=0.0).reason


def test_where_there_is_neither_a_number_nor_enough_evidence_it_is_too_little() -> None:
    assert judged(answer(), 3.0).reason == "too little to judge by: requests is 3, less than 200"
    assert judged(answer(), math.nan).reason == "no data: the query returned nothing"
    assert watched(answer(), 3.0).outcome is QUIET
