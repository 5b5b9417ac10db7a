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
