"""Queries that answer when there is nothing, say nothing when all is well, or look at too much or too little."""

from __future__ import annotations

import pytest

from tests.metric_plans import QUERY_LINE, found, ids, metric_plan, sentence

P95 = "histogram_quantile(0.95, {})"

SOUND = [
    ("(sum(rate(errors_total[5m])) or vector(0)) / sum(rate(x_total[5m]))", "ratio"),
    ("sum(rate(errors_total[5m]) or vector(0)) / sum(rate(x_total[5m]))", "ratio"),
    ("1 - (sum(rate(errors_total[5m])) or on() vector(0)) / (sum(rate(x_total[5m])) > 0)", "ratio"),
    ("(sum(rate(errors_total[5m])) or 0 * sum(rate(x_total[5m]))) / sum(rate(x_total[5m]))", "ratio"),
    ("sum(rate(interrupts_total[5m])) / sum(rate(x_total[5m]))", "ratio"),
    ('sum(rate(x_total{code!~"5.."}[5m])) / sum(rate(x_total[5m]))', "ratio"),
    ('sum by (job) (rate(x_total{code=~"5.."}[5m])) / sum by (job) (rate(x_total[5m]))', "ratio"),
    ("sum(rate(errors_total[5m]))", "/s"),
    ("hit_rate or vector(NaN)", "ratio"),
    ("hit_rate or other_hit_rate", "ratio"),
    ("absent(up) or vector(0)", "count"),
    ("sum(rate(x_total[5m])) / clamp_min(sum(rate(y_total[5m])), 1)", "ratio"),
    ("error_rate and on() requests > 100", "ratio"),
    ("error_rate / (requests > 100)", "ratio"),
    ("avg(latency > 0)", "s"),
    ("sum(queue > 0)", "count"),
    ("sum(x == x)", "count"),
    ("sum(up == bool 0)", "count"),
    ("count(inbox > 100) or vector(0)", "count"),
    ("(count(inbox > 100) or vector(0)) / count(inbox)", "ratio"),
    (P95.format("sum by (le) (rate(x_bucket[5m]))"), "s"),
    (P95.format("sum by (le, pod) (rate(x_bucket[5m]))"), "s"),
    (P95.format("sum without (instance) (rate(x_bucket[5m]))"), "s"),
    (P95.format("sum(rate(x[5m]))"), "s"),
    (P95.format('rate(x_bucket{instance="a"}[5m])'), "s"),
    ("max(" + P95.format("rate(x_bucket[5m])") + ")", "s"),
    ("histogram_fraction(0, 0.1, rate(x_bucket[5m])) * 1", "number"),
    ('sum(rate(x_bucket{le="0.1"}[5m])) / sum(rate(x_count[5m]))', "ratio"),
    ("count(x_bucket)", "count"),
    ("sum by (le) (rate(x_bucket[5m]))", "/s"),
    ("sum(x_total - x_total offset 1h)", "count"),
    ("resets(x_total[1h])", "count"),
    ("sum(pods_count)", "count"),
    ("shop:requests_total:sum", "count"),
    ("error_rate and on() x_total", "ratio"),
    ("rate(x_total[2m])", "/s"),
    ("rate(x_total[5s])", "/s"),
    ("max_over_time(x[1m])", "count"),
]


@pytest.mark.parametrize(("query", "unit"), SOUND)
def test_a_query_that_means_what_it_says_is_no_finding(query: str, unit: str) -> None:
    assert found(query, unit) == []


WRONG = {
    ("sum(rate(x_total[5m])) / (sum(rate(y_total[5m])) or vector(0))", "ratio"): "filled-denominator",
    ("sum(rate(x_total[5m])) / (sum(rate(y_total[5m])) or vector(1))", "ratio"): "filled-denominator",
    ("sum(rate(x_total[5m])) or vector(0)", "/s"): "hidden-silence",
    ("sum(rate(x_total[5m]) or vector(0))", "/s"): "hidden-silence",
    ("1 - (hit_rate or vector(0))", "ratio"): "hidden-silence",
    ("(sum(rate(x_total[5m])) / sum(rate(y_total[5m]))) or vector(0)", "ratio"): "hidden-silence",
    ("(sum(rate(x_total[5m])) or vector(0)) + (sum(rate(y_total[5m])) or vector(0))", "/s"): "hidden-silence",
    ("sum(rate(errors_total[5m])) / sum(rate(x_total[5m]))", "ratio"): "numerator-absent",
    ('sum(rate(x_total{code=~"5.."}[5m])) / sum(rate(x_total[5m]))', "ratio"): "numerator-absent",
    ('(1 - sum(rate(x_total{result="failed"}[5m])) / sum(rate(x_total[5m]))) * 100', "%"): "numerator-absent",
    ("error_rate < 0.7", "ratio"): "comparison",
    ("100 * (error_rate < 0.7)", "%"): "comparison",
    ("abs(error_rate < 0.7)", "ratio"): "comparison",
    ("count(inbox > 100)", "count"): "none-is-nothing",
    ("sum(queue > 100)", "count"): "none-is-nothing",
    ("count(inbox > 100) / count(inbox)", "ratio"): "none-is-nothing",
    ("count(up == 0 and on() x > 1)", "count"): "none-is-nothing",
    ("absent(up)", "count"): "none-is-nothing",
    (P95.format("rate(x_bucket[5m])"), "s"): "quantile-per-series",
    ("avg(" + P95.format("rate(x_bucket[5m])") + ")", "s"): "quantile-per-series",
    ("histogram_quantile(95, sum by (le) (rate(x_seconds_bucket[5m])))", "s"): "quantile-scale",
    (P95.format("sum(rate(x_bucket[5m]))"), "s"): "no-le",
    (P95.format("sum by (job) (rate(x_bucket[5m]))"), "s"): "no-le",
    (P95.format("sum without (le) (rate(x_bucket[5m]))"), "s"): "no-le",
    ("sum(rate(x_bucket[5m]))", "/s"): "buckets-added",
    ("x_total", "count"): "raw-counter",
    ("max_over_time(x_total[1h])", "count"): "raw-counter",
    ('{__name__="x_total"}', "count"): "raw-counter",
    ("sum(x_sum) / sum(x_count)", "s"): "raw-counter",
    (P95.format("sum by (le) (x_bucket)"), "s"): "raw-counter",
    ("rate(x_total[1m])", "/s"): "short-range",
    ("sum(increase(x_total[90s]))", "count"): "short-range",
}


@pytest.mark.parametrize(("query", "unit"), WRONG)
def test_a_query_that_makes_a_verdict_lie_is_told_at_its_line(query: str, unit: str) -> None:
    assert found(query, unit) == [f"{QUERY_LINE} {WRONG[query, unit]}"]


SENTENCES = {
    ("x / (sum(y) or vector(0))", "ratio"): (
        "where there is no data the denominator is 0, so the ratio hides that there is none"
        " | take `or vector(…)` out of the denominator"
    ),
    ("sum(rate(x_total[5m])) or vector(0)", "/s"): (
        "where there is no data at all this comes to 0, as if it had been measured"
        " | only a numerator may have `or vector(0)`; else write absent: zero and present: QUERY"
    ),
    ("clamp_min(x or vector(0), 3) * 2", "number"): (
        "where there is no data at all this comes to 6, as if it had been measured"
        " | only a numerator may have `or vector(0)`; else write absent: zero and present: QUERY"
    ),
    ("sum(rate(errors_total[5m])) / sum(rate(x_total[5m]))", "ratio"): (
        "before its first failure errors_total may have no series, and the ratio no value although all is well"
        " | write (… or vector(0)) around the numerator, and around nothing else"
    ),
    ("x < 3", "count"): (
        "this query is a comparison: that it returns nothing means two things, false and no data"
        " | leave the bound to `require` and `when`, or write `bool`"
    ),
    ("count(x > 3)", "count"): (
        "where nothing matches, count(…) has no value at all, and not 0"
        " | write or vector(0) behind it, or absent: zero and present: QUERY"
    ),
    ("absent(up)", "count"): (
        "where there is data, absent() has no value at all, and not 0"
        " | write or vector(0) behind it, or count what is there"
    ),
    (P95.format("rate(x_bucket[5m])"), "s"): (
        "several instances of x_bucket give several quantiles, and none of them is that of all requests"
        " | write histogram_quantile(…, sum by (le) (rate(…))), or series: max for the worst instance"
    ),
    (P95.format("sum(rate(x_bucket[5m]))"), "s"): (
        "sum(…) drops the label le, and without it histogram_quantile() has no buckets: no data"
        " | keep it: sum by (le) (…)"
    ),
    ("sum(rate(x_bucket[5m]))", "/s"): (
        "every bucket of x_bucket counts those below it too, so one request counts several times"
        " | take x_count, or one bucket: x_bucket{le=…}"
    ),
    ("x_total", "count"): (
        "x_total is a counter: it only grows, so its value says nothing about now"
        " | take rate(x_total[5m]) or increase(x_total[1h])"
    ),
    ("rate(x_total[1m])", "/s"): (
        "rate() needs two samples, and 1m holds just two at a scrape every 30s (on Prometheus 3 its left end does not"
        " count): one missed leaves no data | write [2m] or more; [5m] is usual"
    ),
}


@pytest.mark.parametrize(("query", "unit"), SENTENCES)
def test_the_sentence_has_the_reason_and_the_way_out(query: str, unit: str) -> None:
    assert sentence(query, unit) == SENTENCES[query, unit]


@pytest.mark.parametrize(
    ("query", "unit"),
    [("sum(rate(errors_total[5m])) / sum(rate(x_total[5m]))", "ratio"), ("count(x > 3)", "count")],
)
def test_what_is_absent_may_be_filled_by_the_plan(query: str, unit: str) -> None:
    assert found(query, unit, "absent: zero\n    present: up") == []


def test_the_worst_of_several_quantiles_may_be_meant() -> None:
    assert found(P95.format("rate(x_bucket[5m])"), "s", "series: max") == []


@pytest.mark.parametrize("query", ["sum(rate(x_total[5m])) or vector(0)", "count(x > 3)"])
def test_how_much_evidence_there_is_may_be_zero(query: str) -> None:
    unit = "/s" if "rate" in query else "count"
    assert ids(metric_plan(query, unit, used=False)) == []
    assert ids(metric_plan(query, unit)) != []


def test_several_of_one_kind_are_one_finding() -> None:
    query = "(sum(rate(x_total[1m])) or vector(0)) / sum(rate(y_total[1m]))"
    assert found(query, "ratio") == [f"{QUERY_LINE} short-range"]


def test_each_environments_query_is_looked_at() -> None:
    two = "prod: {targets: {api: {type: dotenv, path: .env}}, vars: {W: 5m}}, test: {targets: {api: {type: dotenv, "
    plan = metric_plan("rate(x_total[${W}])", "/s").replace("prod: {targets: {api: {type: dotenv, ", two)
    assert ids(plan.replace(".env}}}}", ".test}}, vars: {W: 1m}}}")) == [f"{QUERY_LINE} short-range"]


def test_a_range_that_only_the_machine_knows_is_not_judged() -> None:
    plan = metric_plan("rate(x_total[${W}])", "/s").replace(".env}}", ".env}}, vars: {W: '${RANGE}'}")
    assert ids(plan) == []
