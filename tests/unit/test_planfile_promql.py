"""Queries: how far back they look, and what stands in them for variables."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rollout.model.durations import parse_duration
from rollout.model.plan import Metric
from tests.plans.small import found_in, read_text, small

REACH = {
    "up": "0s",
    "1": "0s",
    "vector(0) + scalar(up)": "0s",
    "rate(x[5m])": "5m",
    "rate(x[5m] offset 1h)": "1h5m",
    "up offset 10m": "10m",
    "up offset -10m": "0s",
    "rate(x[5m]) / rate(y[1h])": "1h",
    "-(rate(x[5m]))": "5m",
    "max_over_time(rate(x[5m])[1h:1m])": "1h5m",
    "max_over_time(rate(x[5m] offset 10m)[1h:1m] offset 1d)": "1d1h15m",
    "histogram_quantile(0.95, sum by (le) (rate(x_bucket[2m])))": "2m",
    "quantile_over_time(0.9, x[1d12h])": "1d12h",
    "topk(3, increase(x[30s]))": "30s",
    "newest_function(x[5m], y[1h] offset 10m)": "1h15m",
}


def metric(query: str, *sections: str) -> Metric:
    quoted = query.replace("'", "''")
    plan = read_text(
        small(f"metrics: {{errors: {{query: '{quoted}', unit: ratio}}, p95: {{query: x, unit: s}}}}", *sections)
    ).plan
    assert plan is not None, found_in(small(f"metrics: {{errors: {{query: '{quoted}', unit: ratio}}}}", *sections))
    return plan.metrics["errors"]


@pytest.mark.parametrize("query", REACH)
def test_a_query_reaches_as_far_back_as_its_longest_range(query: str) -> None:
    assert metric(query).reach == parse_duration(REACH[query])


VARS = "environments: {prod: {vars: {JOB: shop, WINDOW: 10m}}, test: {vars: {JOB: '${JOB_NAME}', WINDOW: 1h}}}"


def test_variables_stand_for_what_each_environment_says() -> None:
    found = metric('rate(x{job="${JOB}"}[${WINDOW}])', VARS, "flags: {}", "phases: [{id: one}]", "rollback: {}")
    assert found.query == 'rate(x{job="${JOB}"}[${WINDOW}])'
    assert found.reach == timedelta(hours=1)


def test_a_default_stands_where_nothing_is_defined() -> None:
    assert metric("rate(x[${RANGE:-3m}])").reach == timedelta(minutes=3)


def test_a_range_that_only_the_machine_knows_is_still_a_query() -> None:
    environments = "environments: {prod: {targets: {api: {type: dotenv, path: a}}, vars: {W: '${WINDOW}', API: x}}}"
    assert metric("rate(x[${W}])", environments).reach > timedelta()


def test_a_literal_dollar_brace_is_no_variable() -> None:
    assert metric('x{path="$${id}"}').query == 'x{path="$${id}"}'


TARGETS = "targets: {api: {type: dotenv, path: a}}"

UNFIT = {
    'x{a="${BAD}"}': "${BAD} would become",
    'x{a="${BAD:-a}"}': "${BAD} would become",
    'x{a="${HALF:-a}"}': "${HALF} would become",
    'x{a="${ESCAPED}"}': "${ESCAPED} would become",
    'x{a="${FREE:-b|c}"}': "${FREE} would become 'b|c'",
    "x{a='${JOB:-b c}'}": "${JOB} would become 'b c'",
}


@pytest.mark.parametrize("query", UNFIT)
def test_what_would_change_the_query_may_not_stand_in_it(query: str) -> None:
    values = "BAD: 'x\"} or vector(0) #', HALF: '${JOB_NAME}\"}', ESCAPED: '$${x}', JOB: shop, API: x"
    quoted = query.replace("'", "''")
    environments = f"environments: {{prod: {{{TARGETS}, vars: {{{values}}}}}}}"
    found = found_in(
        small(f"metrics: {{errors: {{query: '{quoted}', unit: ratio}}, p95: {{query: x, unit: s}}}}", environments)
    )
    assert len(found) == 1
    assert UNFIT[query] in found[0]
    assert found[0].endswith("[promql]")


def test_a_value_that_only_the_machine_knows_is_left_to_the_run() -> None:
    environments = f"environments: {{prod: {{{TARGETS}, vars: {{JOB: '${{JOB_NAME:-a}}', API: x}}}}}}"
    assert metric('x{job="${JOB}"}', environments).query == 'x{job="${JOB}"}'


def found_of(query: str) -> list[str]:
    metrics = f"metrics: {{errors: {{query: '{query}', unit: number}}, p95: {{query: x, unit: s}}}}"
    gates = "gates: {low: {metric: errors, require: '< 0.9'}, fast: {metric: p95, require: '< 15ms'}}"
    return found_in(small(metrics, gates))


@pytest.mark.parametrize(
    "query",
    [
        "up < 0.7",
        "(m) > 3",
        "-(m < 3)",
        "((a == b))",
        "a != on(x) b",
        "0.5 >= up",
        "a <= b",
        "100 * (m < 3)",
        "abs(m < 3)",
    ],
)
def test_a_comparison_is_warned_of_because_its_empty_answer_means_two_things(query: str) -> None:
    (found,) = found_of(query)
    assert found.startswith("5:27 warning this query is a comparison")
    assert found.endswith("[comparison]")
    assert metric(query).query == query


@pytest.mark.parametrize(
    "query",
    [
        "up < bool 0.7",
        "-(a == bool on(x) b)",
        "avg(m < 3)",
        "count(m > 3) or vector(0)",
        "a - b",
        "a and b",
        "a / (b > 0)",
    ],
)
def test_what_has_a_number_either_way_is_no_comparison(query: str) -> None:
    assert found_of(query) == []


def test_only_what_is_judged_should_not_be_a_comparison() -> None:
    panel = "dashboard: {panels: [{title: Down, queries: [{query: up < 1}]}]}"
    present = "metrics: {errors: {query: errors, unit: ratio, absent: zero, present: up > 0}, p95: {query: x, unit: s}}"
    assert found_in(small(panel, present)) == []
