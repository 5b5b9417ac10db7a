"""What a query measures against the unit of its metric."""

from __future__ import annotations

import pytest

from tests.metric_plans import QUERY_LINE, UNIT_LINE, found, metric_plan, problems, sentence

SOUND = [
    ("sum(rate(requests_total[5m]))", "/s"),
    ("sum(rate(requests_total[1h]))", "/s"),
    ("sum(rate(requests_total[5m])) * 60", "/min"),
    ("3600 * sum(rate(requests_total[5m]))", "/h"),
    ("sum(rate(requests_total[5m])) * 86400", "/d"),
    ("60 * sum(rate(requests_total[5m]))", "count"),
    ("sum(rate(requests_total[5m])) / 10", "ratio"),
    ("sum(rate(requests_total[5m])) / count(up)", "/s"),
    ("sum(increase(requests_total[1h]))", "count"),
    ("sum(increase(requests_total[1h]))", "/h"),
    ("sum(increase(requests_total[1h])) / 60", "/min"),
    ("sum(increase(requests_total[5m])) * 12", "/h"),
    ("sum(rate(process_cpu_seconds_total[5m]))", "ratio"),
    ("sum(rate(process_cpu_seconds_total[5m]))", "count"),
    ('100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m])))', "%"),
    ("sum(increase(pause_seconds_total[1h]))", "s"),
    ("rate(disk_io_time_total[5m])", "ratio"),
    ("rate(cpu_usage_total[5m])", "count"),
    ("memory_used_bytes / memory_limit_bytes", "ratio"),
    ("memory_used_bytes / memory_limit_bytes * 100", "%"),
    ("memory_used_bytes / 1e6", "MB"),
    ("memory_used_bytes / 1024 / 1024", "MiB"),
    ("predict_linear(disk_free_bytes[6h], 4 * 3600)", "B"),
    ("sum(rate(sent_bytes_total[5m]))", "B/s"),
    ("sum(increase(sent_bytes_total[5m]))", "B"),
    ("sum(rate(sent_bytes_total[5m])) * 8", "number"),
    ("deriv(memory_used_bytes[1h])", "B/s"),
    ("max(x_seconds_max) * 1000", "ms"),
    ("sum(rate(x_seconds_sum[5m])) / sum(rate(x_seconds_count[5m]))", "s"),
    ("sum(rate(x_ms_sum[5m])) / sum(rate(x_ms_count[5m]))", "ms"),
    ("sum(rate(x_seconds_sum[5m])) / clamp_min(sum(rate(x_seconds_count[5m])), 1)", "s"),
    ("sum(rate(x_sum[5m])) / sum(rate(x_count[5m]))", "s"),
    ("histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[5m])))", "s"),
    ("histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[5m]))) * 1000", "ms"),
    ("histogram_quantile(0.95, sum by (le) (rate(x_milliseconds_bucket[5m])))", "ms"),
    ("histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))", "ms"),
    ("(time() - max(backup_timestamp_seconds)) / 3600", "h"),
    ("avg(certificate_expiry_days)", "d"),
    ("errors_last_5_minutes", "count"),
    ("shop:request_seconds:p95", "ms"),
    ("cache_hit_ratio", "ratio"),
    ("1 - cache_hit_ratio * 1", "ratio"),
    ("cache_hit_ratio * 100", "%"),
    ("cache_hit_rate", "%"),
    ("load_percent / 100", "ratio"),
    ('sum(rate(x_total{tier="new"}[5m])) / sum(rate(x_total[5m]))', "ratio"),
    ("100 - 100 * sum(rate(x_total[5m])) / sum(rate(y_total[5m]))", "%"),
    ("sum(rate(hit[5m])) / (sum(rate(hit[5m])) + sum(rate(miss[5m])))", "ratio"),
    ('(sum(rate(x_seconds_bucket{le="1"}[5m])) + sum(rate(x_seconds_bucket{le="4"}[5m]))) / 2'
     " / sum(rate(x_seconds_count[5m]))", "ratio"),
    ("sum(rate(queries_total[5m])) / sum(rate(requests_total[5m]))", "count"),
    ("max_over_time(rate(x_total[5m])[1h:1m])", "/s"),
    ("sum(rate(x_total[5m])) / sum(rate(x_total[5m] offset 1d))", "ratio"),
    ("delta(queue_length[10m])", "count"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "unit"), SOUND)
def test_a_unit_that_fits_or_may_fit_is_no_finding(query: str, unit: str) -> None:
    assert found(query, unit) == []


WRONG = {
    ("sum(rate(x_total[1h]))", "/h"): "per-second",
    ("sum(rate(x_total[1h]))", "count"): "per-second",
    ("rate(x_total[5m]) + rate(y_total[5m])", "/min"): "per-second",
    ("rate(x[5m])", "s"): "per-second",
    ("irate(x_total[5m])", "count"): "per-second",
    ("deriv(queue_length[5m])", "count"): "per-second",
    ('sum(rate(x_total{result="bad"}[5m]))', "ratio"): "no-denominator",
    ("sum(rate(x_total[5m])) * 100", "%"): "no-denominator",
    ("sum(increase(x_total[5m]))", "ratio"): "no-denominator",
    ("sum(rate(x_total[5m])) or vector(0) / sum(rate(y_total[5m]))", "ratio"): "no-denominator",
    ("sum(increase(x_total[1h]))", "/s"): "unit-scale",
    ("sum(increase(x_total[5m]))", "/h"): "unit-scale",
    ("sum(rate(x_total[5m])) * 3600", "/s"): "unit-scale",
    ("histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[5m])))", "ms"): "unit-scale",
    ("histogram_quantile(0.95, sum by (le) (rate(x_ms_bucket[5m])))", "s"): "unit-scale",
    ("x_nanoseconds", "ms"): "unit-scale",
    ("x_seconds * 1000", "s"): "unit-scale",
    ("memory_used_bytes", "MB"): "unit-scale",
    ("memory_used_bytes / 1024 / 1024", "MB"): "unit-scale",
    ("cache_hit_ratio", "%"): "unit-scale",
    ("load_percent", "ratio"): "unit-scale",
    ("avg(rate(node_cpu_seconds_total[5m]))", "%"): "unit-scale",
    ("100 * sum(rate(x_total[5m])) / sum(rate(y_total[5m]))", "ratio"): "unit-scale",
    ("histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[5m])))", "ratio"): "unit-dimension",
    ("sum(rate(x_total[5m])) / sum(rate(y_total[5m]))", "/s"): "unit-dimension",
    ("sum(increase(x_total[5m]))", "s"): "unit-dimension",
    ("sum(rate(x_seconds_sum[5m]))", "s"): "unit-dimension",
    ("sum(rate(sent_bytes_total[5m]))", "B"): "unit-dimension",
    ("count(up)", "/s"): "unit-dimension",
}


@pytest.mark.parametrize(("query", "unit"), WRONG)
def test_a_unit_that_cannot_fit_is_told_at_the_unit(query: str, unit: str) -> None:
    assert found(query, unit) == [f"{UNIT_LINE} {WRONG[query, unit]}"]


def test_two_windows_in_one_ratio_are_told_at_the_query() -> None:
    query = "sum(increase(x_total[5m])) / sum(increase(y_total[1h]))"
    assert found(query, "ratio") == [f"{QUERY_LINE} unit-scale"]
    assert sentence(query, "ratio") == (
        "'m' is not in ratio, as its unit says, but off by a factor of 12"
        " | let both sides of the division look over the same window"
    )


SENTENCES = {
    ("rate(denies_total[1h])", "/h"): (
        "'m' is per second, and its unit says /h (a rate): off by a factor of 3600"
        " | write unit: /s (bounds such as < 10/h are converted), or query increase(denies_total[1h]) with unit: count"
    ),
    ("rate(denies_total[1h])", "count"): (
        "'m' is per second, and its unit says count: the count over its 1h is 3600 times as much"
        " | write unit: /s (bounds such as < 10/h are converted), or query increase(denies_total[1h]) with unit: count"
    ),
    ('sum(rate(x_total{result="bad"}[5m]))', "ratio"): (
        "'m' is a number per second, and its unit says ratio (a share): nothing divides it"
        " | divide it by that of all of x_total, or write unit: /s and such bounds"
    ),
    ("sum(increase(x_total[5m]))", "ratio"): (
        "'m' is a number over a window, and its unit says ratio (a share): nothing divides it"
        " | divide it by that of all requests, or write unit: count and such bounds"
    ),
    ("histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[5m])))", "ms"): (
        "'m' is in s, and its unit says ms: off by a factor of 1000 | write unit: s; bounds in ms are converted"
    ),
    ("memory_used_bytes / 1024 / 1024", "MB"): (
        "'m' is in MiB, and its unit says MB: off by a factor of 1.049 | write unit: MiB; bounds in MB are converted"
    ),
    ("sum(increase(x_total[5m]))", "/h"): (
        "'m' is not in /h, as its unit says, but off by a factor of 12"
        " | write unit: count, or divide it by 300 and write unit: /s"
    ),
    ("x_nanoseconds", "ms"): (
        "'m' is not in ms, as its unit says, but off by a factor of 1000000"
        " | divide it by 1000000000 and write unit: s"
    ),
    ("sum(rate(x_seconds_sum[5m]))", "s"): (
        "'m' measures seconds per second, the share of time that was spent, and its unit says s (a time)"
        " | for the mean time of one, divide by the rate of its _count; for the share of time, write unit: ratio"
    ),
    ("sum(increase(x_total[5m]))", "s"): (
        "'m' measures how many there were in a window, and its unit says s (a time) | write unit: count"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("query", "unit"), SENTENCES)
def test_the_sentence_has_the_numbers_and_the_way_out(query: str, unit: str) -> None:
    assert sentence(query, unit) == SENTENCES[query, unit]


def test_a_range_that_only_the_machine_knows_is_not_named() -> None:
    plan = metric_plan("rate(x_total[${WINDOW}])", "/h").replace(".env}}", ".env}}, vars: {WINDOW: '${RANGE}'}")
    (problem,) = problems(plan)
    assert "increase(…)" in problem.hint
