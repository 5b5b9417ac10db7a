"""Every shape of answer, judged by a gate and by a trigger. A pass that is none would be the worst of all faults."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.model.conditions import parse_condition
from rollout.model.evidence import Answer, Query, Question, Series, Unanswered
from rollout.model.gate import Scope
from rollout.model.verdicts import Finding, Outcome, TriggerFinding, TriggerOutcome
from tests.fakes import NOON, answer
from tests.small_plans import metric

PASS, FAIL, UNKNOWN, WAITING = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.WAITING
QUIET, FIRED, UNJUDGED = TriggerOutcome.QUIET, TriggerOutcome.FIRED, TriggerOutcome.UNKNOWN
NAN, INF = math.nan, math.inf
SCOPE = Scope("production", NOON)
QUERY = Query("errors", "production")


def judged(
    reply: Answer | Unanswered,
    require: str = "< 0.1%",
    unit: str = "ratio",
    series: str = "every",
    scope: Scope = SCOPE,
) -> Finding:
    gate = MetricGate(metric=metric("errors", unit, series=series), require=parse_condition(require))
    return gate.judge({QUERY: reply}, scope)


def watched(
    reply: Answer | Unanswered, when: str = "> 1%", unit: str = "ratio", series: str = "every", scope: Scope = SCOPE
) -> TriggerFinding:
    alarm = MetricAlarm(metric=metric("errors", unit, series=series), when=parse_condition(when))
    return alarm.judge({QUERY: reply}, scope)


@pytest.mark.parametrize(
    ("value", "outcome", "reason"),
    [
        (0.0, PASS, "0 % is below 0.1 %"),
        (0.0009, PASS, "0.09 % is below 0.1 %"),
        (0.001, FAIL, "0.1 % is not below 0.1 %"),
        (0.0042, FAIL, "0.42 % is not below 0.1 %"),
        (-1.0, PASS, "-100 % is below 0.1 %"),
    ],
)
def test_one_value_is_judged_with_a_sentence(value: float, outcome: Outcome, reason: str) -> None:
    finding = judged(answer(value))
    assert (finding.outcome, finding.reason) == (outcome, reason)
    assert (finding.observed, finding.unit, finding.require) == (value, "ratio", "< 0.1%")
    assert (finding.query, finding.series) == ("errors", (Series((), value),))


@pytest.mark.parametrize(
    ("value", "outcome", "reason"),
    [
        (0.01, QUIET, "1 % is not above 1 %"),
        (0.0101, FIRED, "1.01 % is above 1 %"),
        (0.0, QUIET, "0 % is not above 1 %"),
    ],
)
def test_one_value_is_watched_with_a_sentence(value: float, outcome: TriggerOutcome, reason: str) -> None:
    finding = watched(answer(value))
    assert (finding.outcome, finding.reason) == (outcome, reason)
    assert (finding.observed, finding.unit, finding.when) == (value, "ratio", "> 1%")


NO_NUMBER: list[tuple[Answer | Unanswered, str]] = [
    (answer(), "no data: the query returned nothing"),
    (answer(NAN), "NaN is not a number"),
    (answer(INF), "+Inf is not a number"),
    (answer(-INF), "-Inf is not a number"),
    (Unanswered("Prometheus cannot be reached: connection refused"), "connection refused"),
    (answer(0.0, warnings=("partial response: a store is down",)), "a warning: partial response"),
    (answer(1000.0, warnings=("partial response: a store is down",)), "a warning: partial response"),
]


@pytest.mark.parametrize(("reply", "reason"), NO_NUMBER)
@pytest.mark.parametrize("bound", ["< 1", "> -1", "<= 1", ">= -1", "== 0", "!= 7"])
@pytest.mark.parametrize("series", ["every", "sum", "avg", "min", "max"])
def test_no_number_is_neither_a_pass_nor_a_failure_and_fires_nothing(
    reply: Answer | Unanswered, reason: str, bound: str, series: str
) -> None:
    finding = judged(reply, bound, "number", series)
    assert finding.outcome is UNKNOWN
    assert reason in finding.reason
    assert finding.observed is None
    alarm = watched(reply, bound, "number", series)
    assert alarm.outcome is UNJUDGED
    assert reason in alarm.reason
    assert alarm.observed is None


@pytest.mark.parametrize(
    ("series", "values", "outcome", "observed"),
    [
        ("every", (1.0, 4.0), PASS, 4.0),
        ("every", (1.0, 5.0, 2.0), FAIL, 5.0),
        ("every", (9.0, 5.0, 2.0), FAIL, 9.0),
        ("sum", (2.0, 2.0), PASS, 4.0),
        ("sum", (2.0, 3.0), FAIL, 5.0),
        ("sum", (0.5,) * 10, FAIL, 5.0),
        ("avg", (1.0, 8.0), PASS, 4.5),
        ("avg", (2.0, 8.0), FAIL, 5.0),
        ("min", (9.0, 4.0), PASS, 4.0),
        ("min", (9.0, 5.0), FAIL, 5.0),
        ("max", (1.0, 4.0), PASS, 4.0),
        ("max", (1.0, 5.0), FAIL, 5.0),
    ],
)
def test_several_series_come_to_what_the_metric_says(
    series: str, values: tuple[float, ...], outcome: Outcome, observed: float
) -> None:
    for order in (values, values[::-1]):
        finding = judged(answer(*order), "< 5", "count", series)
        assert (finding.outcome, finding.observed) == (outcome, observed)


def test_a_sum_is_exact_so_that_rounding_lets_nothing_pass() -> None:
    assert judged(answer(*[0.1] * 10), "< 1", "count", "sum").outcome is FAIL


def test_every_series_must_pass_and_the_worst_is_named() -> None:
    finding = judged(answer(0.0, 0.0042, 0.002))
    assert finding.reason == '0.42 % is not below 0.1 % ({pod="p1"}, one of 3 series)'
    assert len(finding.series) == 3
    assert judged(answer(0.9, 0.5), "> 70%").reason == '50 % is not above 70 % ({pod="p1"}, one of 2 series)'
    both = judged(answer(15.0, 25.0, 12.0), "> 10 and < 20", "count")
    assert (both.outcome, both.observed) == (FAIL, 25.0)


def test_any_series_fires_and_the_worst_is_named() -> None:
    finding = watched(answer(0.0, 0.02, 0.03))
    assert (finding.outcome, finding.observed) == (FIRED, 0.03)
    assert finding.reason == '3 % is above 1 % ({pod="p2"}, one of 3 series)'
    assert watched(answer(0.4, 0.9), "< 50%").observed == 0.4


@pytest.mark.parametrize("strange", [NAN, INF, -INF])
@pytest.mark.parametrize("series", ["every", "sum", "avg", "min", "max"])
@pytest.mark.parametrize("bound", ["< 5", "> -5"])
def test_among_good_series_one_without_a_number_keeps_the_gate_from_passing(
    strange: float, series: str, bound: str
) -> None:
    for values in ((1.0, strange), (strange, 1.0), (1.0, strange, strange)):
        assert judged(answer(*values), bound, "count", series).outcome is UNKNOWN


@pytest.mark.parametrize("strange", [NAN, INF, -INF])
def test_of_every_series_one_that_fails_fails_and_one_that_fires_fires_whatever_the_others_are(strange: float) -> None:
    assert judged(answer(strange, 7.0), "< 5", "count").outcome is FAIL
    assert watched(answer(strange, 7.0), "> 5", "count").outcome is FIRED
    assert watched(answer(strange, 3.0), "> 5", "count").outcome is UNJUDGED


@pytest.mark.parametrize("series", ["sum", "avg"])
def test_infinities_that_cancel_and_sums_beyond_all_numbers_are_unknown(series: str) -> None:
    assert judged(answer(INF, -INF), "< 5", "count", series).outcome is UNKNOWN
    assert judged(answer(1.7e308, 1.7e308), "> 5", "count", series).outcome is UNKNOWN
    assert watched(answer(1.7e308, 1.7e308), "> 5", "count", series).outcome is UNJUDGED


def test_a_warning_is_tolerated_only_where_the_metric_says_so() -> None:
    tolerant = replace(metric("errors"), tolerate_warnings=("might not be a counter", "^info"))
    gate = MetricGate(metric=tolerant, require=parse_condition("< 0.1%"))
    tolerated = 'PromQL info: metric might not be a counter: "errors"'
    assert gate.judge({QUERY: answer(0.0, warnings=(tolerated,))}, SCOPE).outcome is PASS
    finding = gate.judge({QUERY: answer(0.0, warnings=(tolerated, "a store is down"))}, SCOPE)
    assert (finding.outcome, "a store is down" in finding.reason) == (UNKNOWN, True)
    alarm = MetricAlarm(metric=tolerant, when=parse_condition("> 1%"))
    assert alarm.judge({QUERY: answer(0.5, warnings=(tolerated,))}, SCOPE).outcome is FIRED
    assert alarm.judge({QUERY: answer(0.5, warnings=("a store is down",))}, SCOPE).outcome is UNJUDGED


def needed(scope: Scope, query: str = 'x{job="${JOB}"}') -> list[Question[object]]:
    gate = MetricGate(metric=metric(query), require=parse_condition("< 0.1%"))
    return list(gate.needs(scope))


def test_a_query_is_asked_with_the_variables_of_its_environment() -> None:
    scope = replace(SCOPE, variables={"JOB": "shop", "UNUSED": 'x"}'})
    assert needed(scope) == [Query('x{job="shop"}', "production")]
    assert needed(SCOPE, "x[${RANGE:-5m}]") == [Query("x[5m]", "production")]


@pytest.mark.parametrize("query", ['x{job="${JOB}"}', 'x{job="${JOB:-a}"}'])
def test_a_value_that_would_change_the_query_is_never_asked_and_never_shown(query: str) -> None:
    scope = replace(SCOPE, variables={"JOB": 'secret"} or vector(0) #'})
    assert needed(scope, query) == []
    finding = MetricGate(metric=metric(query), require=parse_condition("< 0.1%")).judge({}, scope)
    assert finding.outcome is UNKNOWN
    assert "the value of JOB holds more than letters, digits and _ . : -" in finding.reason
    assert "secret" not in finding.reason
    alarm = MetricAlarm(metric=metric(query), when=parse_condition("> 1%"))
    assert (alarm.needs(scope), alarm.judge({}, scope).outcome) == ((), UNJUDGED)


def test_a_query_whose_variable_is_not_set_is_not_asked() -> None:
    assert needed(SCOPE) == []
    gate = MetricGate(metric=metric("${JOB}"), require=parse_condition("< 0.1%"))
    assert gate.judge({}, SCOPE).reason.endswith("the variable JOB is not set")


VALUES = st.lists(st.floats() | st.sampled_from([0.001, 0.0, NAN, INF, -INF]), max_size=4)
BOUNDS = {
    "< 0.1%": lambda value: value < 0.001,
    "<= 0.1%": lambda value: value <= 0.001,
    "> 0.1%": lambda value: value > 0.001,
    "!= 0.1%": lambda value: value != 0.001,
    "> -1 and < 0.1%": lambda value: -1 < value < 0.001,
}


@settings(deadline=None)
@given(VALUES, st.sampled_from(sorted(BOUNDS)), st.booleans())
def test_a_pass_and_a_quiet_trigger_mean_that_every_series_has_a_number_and_every_number_is_good(
    values: list[float], bound: str, warned: bool
) -> None:
    satisfied = [math.isfinite(value) and BOUNDS[bound](value) for value in values]
    broken = [math.isfinite(value) and not BOUNDS[bound](value) for value in values]
    reply = answer(*values, warnings=("partial",) if warned else ())
    gate, alarm = judged(reply, bound).outcome, watched(reply, bound).outcome
    assert (gate is PASS) is (bool(values) and not warned and all(satisfied))
    assert (gate is FAIL) is (not warned and any(broken))
    assert (alarm is FIRED) is (not warned and any(satisfied))
    assert (alarm is QUIET) is (bool(values) and not warned and all(broken))
