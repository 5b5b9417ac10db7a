"""When and where a metric is judged: settling, environments, variables, and what cannot be judged yet."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rollout.engine.verdict import settled
from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.model.conditions import parse_condition
from rollout.model.evidence import Answer, Query, Unanswered
from rollout.model.gate import Scope
from rollout.model.verdicts import Finding, Outcome, TriggerOutcome
from tests.fakes import NOON, answer
from tests.small_plans import metric

PASS, FAIL, UNKNOWN, WAITING = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.WAITING
QUIET, FIRED, UNJUDGED = TriggerOutcome.QUIET, TriggerOutcome.FIRED, TriggerOutcome.UNKNOWN
SCOPE = Scope("production", NOON)
QUERY = Query("errors", "production")
REACH = timedelta(minutes=5)
SETTLING = MetricGate(metric=metric("errors", reach=REACH), require=parse_condition("< 0.1%"))


def judged(gate: MetricGate, reply: Answer | Unanswered, changed_at: datetime | None) -> Finding:
    scope = replace(SCOPE, changed_at=changed_at)
    return settled(gate, gate.judge({QUERY: reply}, scope), scope)


@pytest.mark.parametrize("reply", [answer(0.0), answer(0.9), answer(), answer(math.nan), Unanswered("down")])
def test_after_a_change_a_gate_waits_until_its_query_no_longer_sees_the_time_before(reply: Answer | Unanswered) -> None:
    for passed in (timedelta(), timedelta(minutes=3), REACH - timedelta(milliseconds=1)):
        finding = judged(SETTLING, reply, NOON - passed)
        assert finding.outcome is WAITING
        assert finding.earliest_pass == NOON - passed + REACH
        assert "settling for another" in finding.reason


@pytest.mark.parametrize(
    ("reply", "outcome"), [(answer(0.0), PASS), (answer(0.9), FAIL), (answer(), UNKNOWN), (answer(math.nan), UNKNOWN)]
)
def test_a_settled_gate_is_judged(reply: Answer, outcome: Outcome) -> None:
    for passed in (REACH, timedelta(days=1)):
        finding = judged(SETTLING, reply, NOON - passed)
        assert (finding.outcome, finding.earliest_pass) == (outcome, None)


def test_the_sentence_of_a_settling_gate_has_its_numbers() -> None:
    finding = judged(SETTLING, answer(0.0042), NOON - timedelta(minutes=3))
    assert finding.reason.startswith("settling for another 2 min: ")
    assert "0.42 % is not below 0.1 %" in finding.reason
    assert finding.observed == 0.0042


def test_settle_replaces_the_querys_own_range() -> None:
    changed = NOON - timedelta(minutes=3)
    shorter = replace(SETTLING, settle=timedelta(minutes=2))
    longer = replace(SETTLING, settle=timedelta(minutes=10))
    assert judged(shorter, answer(0.0), changed).outcome is PASS
    assert judged(replace(SETTLING, settle=timedelta()), answer(0.0), changed).outcome is PASS
    assert judged(longer, answer(0.0), changed).earliest_pass == NOON + timedelta(minutes=7)


def test_nothing_settles_where_nothing_changed() -> None:
    assert judged(SETTLING, answer(0.0), None).outcome is PASS


def test_triggers_do_not_settle() -> None:
    alarm = MetricAlarm(metric=metric("errors", reach=REACH), when=parse_condition("> 1%"))
    assert alarm.judge({QUERY: answer(0.5)}, replace(SCOPE, changed_at=NOON)).outcome is FIRED


def test_a_gate_asks_its_own_environment_unless_the_metric_names_another() -> None:
    gate = MetricGate(metric=metric("errors"), require=parse_condition("< 1%"))
    other = MetricGate(metric=replace(metric("errors"), environment="staging"), require=parse_condition("< 1%"))
    assert gate.needs(SCOPE) == (Query("errors", "production"),)
    assert other.needs(SCOPE) == (Query("errors", "staging"),)
    assert other.judge({Query("errors", "staging"): answer(0.0), QUERY: answer(0.9)}, SCOPE).outcome is PASS
    assert gate.needs(replace(SCOPE, at=NOON)) == (Query("errors", "production", NOON),)


def test_queries_use_the_environments_variables() -> None:
    gate = MetricGate(metric=metric("errors{job='${JOB}'}"), require=parse_condition("< 1%"))
    assert gate.needs(replace(SCOPE, variables={"JOB": "api"})) == (Query("errors{job='api'}", "production"),)


def test_a_variable_without_value_makes_what_needs_it_unknown() -> None:
    gate = MetricGate(metric=metric("errors{job='${JOB}'}"), require=parse_condition("< 1%"))
    alarm = MetricAlarm(metric=gate.metric, when=parse_condition("> 1%"))
    assert gate.needs(SCOPE) == alarm.needs(SCOPE) == ()
    finding, fired = gate.judge({}, SCOPE), alarm.judge({}, SCOPE)
    assert (finding.outcome, finding.reason) == (UNKNOWN, "the variable JOB is not set")
    assert (fired.outcome, fired.reason) == (UNJUDGED, "the variable JOB is not set")
