"""Every query of the five documents that plans are written from, judged by hand."""

from __future__ import annotations

import pytest

from tests.metric_plans import QUERY_LINE, UNIT_LINE, found

RATE = "rate(seller_auth_{})"
GATE_P95 = "histogram_quantile({}, rate(seller_auth_gate_duration_seconds_bucket[5m]))"
RESOLUTION = (
    "(1 - (sum(rate(o4o_policy_resolution_failures_total[5m])) / sum(rate(o4o_policy_resolution_total[5m])))) * 100"
)
MS = "histogram_quantile({}, sum by (le) (rate(o4o_{}_duration_ms_bucket[5m])))"
NO_POLICY = 'sum(rate(o4o_policy_resolution_failures_total{reason="no_policy_found"}[5m]))'
BY_LEVEL = "sum by (resolution_level) (rate(o4o_policy_resolution_total[5m]))"

JUDGED: dict[tuple[str, str], list[str]] = {
    # "Error rate < 0.1 %", alerted on at > 0.001: errors per second, at any traffic
    (RATE.format('requests_total{result="error"}[5m]'), "ratio"): [f"{UNIT_LINE} no-denominator"],
    (RATE.format('requests_total{result="error"}[5m]'), "/s"): [],
    (RATE.format('requests_total{result="error"}[5m]') + " > 0.001", "/s"): [f"{QUERY_LINE} comparison"],
    # request, approval, rejection and revocation rate
    (RATE.format('requests_total{action="request"}[5m]'), "/s"): [],
    (RATE.format('requests_total{action="approve"}[5m]'), "/min"): [f"{UNIT_LINE} per-second"],
    # P95 and P99 without sum by (le), bounds in ms
    (GATE_P95.format(0.95), "s"): [f"{QUERY_LINE} quantile-per-series"],
    (GATE_P95.format(0.99), "ms"): [f"{QUERY_LINE} quantile-per-series", f"{UNIT_LINE} unit-scale"],
    (GATE_P95.format(0.95) + " > 0.015", "s"): [f"{QUERY_LINE} comparison", f"{QUERY_LINE} quantile-per-series"],
    # the hit rate is a gauge from 0 to 1, which its name does not say
    ("seller_auth_cache_hit_rate", "ratio"): [],
    ("seller_auth_cache_hit_rate < 0.7", "ratio"): [f"{QUERY_LINE} comparison"],
    # "< 50/min" on a rate over [1m]
    (RATE.format("gate_denies_total[1m]"), "/min"): [f"{QUERY_LINE} short-range", f"{UNIT_LINE} per-second"],
    (RATE.format("gate_denies_total[5m]"), "/s"): [],
    ("increase(seller_auth_gate_denies_total[5m]) / 5", "/min"): [],
    # "limit rejections/hour", "cooldown blocks/hour"
    (RATE.format("limit_rejections_total[1h]"), "/h"): [f"{UNIT_LINE} per-second"],
    (RATE.format("limit_rejections_total[1h]"), "count"): [f"{UNIT_LINE} per-second"],
    (RATE.format("limit_rejections_total[1h]"), "/s"): [],
    (RATE.format("cooldown_blocks_total[1h]"), "/h"): [f"{UNIT_LINE} per-second"],
    ("increase(seller_auth_cooldown_blocks_total[1h])", "/h"): [],
    ("seller_auth_inbox_size", "count"): [],
    ("sum(seller_auth_inbox_size)", "count"): [],
    # "inbox > 100 for several suppliers"
    ("count(seller_auth_inbox_size > 100)", "count"): [f"{QUERY_LINE} none-is-nothing"],
    ("count(seller_auth_inbox_size > 100) or vector(0)", "count"): [],
    ('seller_auth_requests_total{result="error"}', "count"): [f"{QUERY_LINE} raw-counter"],
    # the success rate of policy resolution, in percent: empty until the first failure
    (RESOLUTION, "%"): [f"{QUERY_LINE} numerator-absent"],
    (RESOLUTION, "ratio"): [f"{QUERY_LINE} numerator-absent", f"{UNIT_LINE} unit-scale"],
    (RESOLUTION.replace("(sum(rate(o4o_policy_resolution_failures_total[5m]))",
                        "((sum(rate(o4o_policy_resolution_failures_total[5m])) or vector(0))"), "%"): [],
    # buckets in milliseconds, bounds of 10 and 50 ms
    (MS.format(0.95, "policy_resolution"), "ms"): [],
    (MS.format(0.99, "policy_resolution"), "s"): [f"{UNIT_LINE} unit-scale"],
    (MS.format(0.95, "commission_calculation"), "ms"): [],
    # the distribution by level, and its safe mode
    (BY_LEVEL, "/s"): [],
    (BY_LEVEL, "%"): [f"{UNIT_LINE} no-denominator"],
    (NO_POLICY, "/s"): [],
    (NO_POLICY, "count"): [f"{UNIT_LINE} per-second"],
    (f"{NO_POLICY} or vector(0)", "/s"): [f"{QUERY_LINE} hidden-silence"],
    ('o4o_policy_resolution_total{resolution_level="supplier"}', "count"): [f"{QUERY_LINE} raw-counter"],
    ("o4o_policy_resolution_failures_total", "count"): [f"{QUERY_LINE} raw-counter"],
    ("o4o_policy_resolution_duration_ms", "ms"): [],
    ("o4o_policy_resolution_duration_ms", "s"): [f"{UNIT_LINE} unit-scale"],
}  # fmt: skip


@pytest.mark.parametrize(("query", "unit"), JUDGED)
def test_a_documents_query_is_judged_as_by_hand(query: str, unit: str) -> None:
    assert found(query, unit) == sorted(JUDGED[query, unit])
