"""Alerts that fired, and what makes silence say nothing. A pass without a watcher would be the worst fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.gates.alerts import AlertsGate
from rollout.gates.keys import Since
from rollout.gates.window import last
from rollout.model.evidence import Grid, LoadedRule, LoadedRulesQuery, Query, RangeQuery, Series, Unanswered
from rollout.model.gate import Scope
from rollout.model.verdicts import Finding, Outcome
from tests.fakes import NOON
from tests.hand_made_alerts import (
    CRITICAL,
    HOUR,
    MINUTE,
    NOTHING,
    RULES,
    SCOPE,
    Labels,
    When,
    alert,
    always,
    between,
    evidence,
    never,
    outside,
)

PASS, FAIL, UNKNOWN, WAITING = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.WAITING


def gate(for_: timedelta | Since | None = 48 * HOUR, coverage: float = 1.0, names: tuple[str, ...] = ()) -> AlertsGate:
    return AlertsGate(labels=CRITICAL, names=names, for_=for_, coverage=coverage)


def judged(
    firing: Mapping[Labels, When] | Unanswered,
    up: When | Unanswered = always,
    *,
    wanted: AlertsGate | None = None,
    scope: Scope = SCOPE,
    rules: Sequence[LoadedRule] | Unanswered = RULES,
    warned: str = "",
) -> Finding:
    wanted = wanted or gate()
    return wanted.judge(evidence(wanted.needs(scope), firing, up, rules, warned), scope)


TEN_HOURS_AGO = between(10 * HOUR + 5 * MINUTE, 10 * HOUR)


def test_a_window_in_which_none_fired_passes() -> None:
    finding = judged(NOTHING)
    assert (finding.outcome, finding.reason) == (PASS, "none fired in 2d")
    assert (finding.observed, finding.unit, finding.require) == (0.0, "count", "== 0")
    assert (finding.for_, finding.held, finding.earliest_pass) == (48 * HOUR, 48 * HOUR, None)
    assert finding.query == 'ALERTS{alertstate="firing",severity="critical"}'


def test_an_alert_that_fired_ten_hours_ago_fails_and_says_when_it_can_pass() -> None:
    finding = judged({alert(service="checkout"): TEN_HOURS_AGO})
    assert finding.outcome is FAIL
    assert finding.reason.startswith(
        "HighErrors fired (service=checkout, severity=critical), last at 2026-03-02 02:00 UTC"
    )
    assert (finding.observed, finding.series) == (
        1.0,
        (Series((("alertname", "HighErrors"), ("service", "checkout"), ("severity", "critical")), 1.0),),
    )
    assert finding.held is not None
    assert finding.earliest_pass is not None
    assert abs(finding.held - 10 * HOUR) <= MINUTE
    assert abs(finding.earliest_pass - (NOON + 38 * HOUR)) <= MINUTE


def test_of_several_alerts_the_last_is_named_and_all_are_counted() -> None:
    firing = {alert(pod="a"): TEN_HOURS_AGO, alert("Down"): between(HOUR, HOUR), alert(pod="b"): TEN_HOURS_AGO}
    finding = judged(firing)
    assert finding.reason.startswith("Down fired (severity=critical), one of 3 alerts, last at 2026-03-02 11:00 UTC")
    assert (finding.observed, len(finding.series)) == (3.0, 3)


def test_what_fired_before_the_window_is_no_matter() -> None:
    assert judged({alert(): between(60 * HOUR, 49 * HOUR)}).outcome is PASS


def test_between_the_moments_of_the_window_and_not_before_the_first_is_asked_too() -> None:
    questions = gate().needs(SCOPE)
    whole = last(48 * HOUR, NOON)
    assert questions == (
        RangeQuery(
            f'max_over_time(ALERTS{{alertstate="firing",severity="critical"}}[{whole.step}ms])',
            "production",
            Grid(whole.start + whole.step, whole.step, whole.count - 1),
        ),
        RangeQuery("count(up)", "production", whole),
        LoadedRulesQuery("production"),
    )


@pytest.mark.parametrize("rules", [(), (RULES[1],), (LoadedRule("Slow", (("severity", ""),)),)])
def test_where_no_rule_could_match_silence_says_nothing(rules: Sequence[LoadedRule]) -> None:
    for wanted in (gate(), gate(None), gate(coverage=0.5)):
        finding = judged(NOTHING, wanted=wanted, rules=rules)
        assert finding.outcome is UNKNOWN
        assert finding.reason == 'no alerting rule that Prometheus has loaded could match severity="critical"'
        assert finding.observed is None
    running = replace(SCOPE, floor=NOON - HOUR)
    assert judged(NOTHING, wanted=gate(coverage=0.5), rules=rules, scope=running).outcome is UNKNOWN


def test_a_hole_in_what_was_watched_is_unknown_and_says_where() -> None:
    finding = judged(NOTHING, outside(20 * HOUR, 8 * HOUR))
    assert finding.outcome is UNKNOWN
    assert finding.reason.startswith("25.01 % of 2d cannot be judged: there is no sample of `up`, ")
    assert finding.reason.endswith(
        "first at 2026-03-01 16:00 UTC, last at 2026-03-02 04:00 UTC, so nothing shows that anybody watched"
    )
    assert finding.observed is None
    assert finding.earliest_pass is not None
    assert abs(finding.earliest_pass - (NOON + 40 * HOUR)) <= MINUTE
    assert judged(NOTHING, never).outcome is UNKNOWN
    assert judged(NOTHING, between(48 * HOUR, MINUTE)).outcome is UNKNOWN


def test_coverage_says_how_much_must_have_been_watched() -> None:
    hole = outside(20 * HOUR, 8 * HOUR)
    finding = judged(NOTHING, hole, wanted=gate(coverage=0.7))
    assert finding.outcome is PASS
    assert finding.reason.startswith("none fired in 2d; there is no sample of `up`, first at 2026-03-01 16:00 UTC")
    assert judged(NOTHING, hole, wanted=gate(coverage=0.8)).outcome is UNKNOWN


def test_firing_beats_holes_missing_rules_and_a_watch_that_cannot_be_asked() -> None:
    firing = {alert(): TEN_HOURS_AGO}
    assert judged(firing, never).outcome is FAIL
    assert judged(firing, rules=()).outcome is FAIL
    assert judged(firing, rules=Unanswered("404")).outcome is FAIL
    assert judged(firing, Unanswered("refused")).outcome is FAIL
    assert judged(firing, warned="up").outcome is FAIL


@pytest.mark.parametrize("for_", [48 * HOUR, None])
def test_what_prometheus_does_not_say_whole_is_unknown(for_: timedelta | None) -> None:
    wanted = gate(for_, coverage=0.5 if for_ else 1.0)
    down = Unanswered("Prometheus cannot be reached: connection refused")
    for finding in (
        judged(down, wanted=wanted),
        judged(NOTHING, down, wanted=wanted),
        judged(NOTHING, wanted=wanted, rules=down),
    ):
        assert (finding.outcome, finding.reason, finding.observed) == (UNKNOWN, down.reason, None)
    for query in ("ALERTS", "up"):
        finding = judged(NOTHING, wanted=wanted, warned=query)
        assert finding.outcome is UNKNOWN
        assert "answers with a warning: a store is down" in finding.reason
    assert judged({alert(): always}, wanted=wanted, warned="ALERTS").outcome is UNKNOWN


def test_in_a_running_rollout_a_window_is_waiting_until_it_is_long_enough() -> None:
    running = replace(SCOPE, floor=NOON - 6 * HOUR)
    finding = judged(NOTHING, scope=running)
    assert (finding.outcome, finding.reason) == (WAITING, "held for 6 h of 2d")
    assert (finding.held, finding.earliest_pass) == (6 * HOUR, NOON + 42 * HOUR)
    assert judged({alert(): TEN_HOURS_AGO}, scope=running).outcome is WAITING
    assert judged({alert(): between(HOUR, HOUR)}, scope=running).outcome is FAIL
    assert judged(NOTHING, between(6 * HOUR, MINUTE), scope=running).outcome is UNKNOWN
    assert judged(NOTHING, wanted=gate(5 * HOUR), scope=running).outcome is PASS


def test_a_window_that_began_this_moment_looks_at_this_moment() -> None:
    just_now = replace(SCOPE, floor=NOON, step_since=NOON)
    assert judged(NOTHING, scope=just_now).outcome is WAITING
    assert judged({alert(): always}, scope=just_now).outcome is FAIL
    since = gate(Since.STEP)
    assert judged({alert(): always}, wanted=since, scope=just_now).outcome is FAIL
    assert judged(NOTHING, never, wanted=since, scope=just_now).outcome is UNKNOWN


def test_a_window_since_the_step_began() -> None:
    wanted = gate(Since.STEP)
    running = replace(SCOPE, step_since=NOON - 6 * HOUR, floor=NOON - 6 * HOUR)
    assert judged(NOTHING, wanted=wanted, scope=running).reason == "none fired in 6h"
    finding = judged({alert(): between(HOUR, HOUR)}, wanted=wanted, scope=running)
    assert (finding.outcome, finding.earliest_pass) == (FAIL, None)
    assert judged({alert(): TEN_HOURS_AGO}, wanted=wanted, scope=running).outcome is PASS
    assert wanted.needs(SCOPE) == ()
    assert judged(NOTHING, wanted=wanted).reason == "the step has not begun"


def test_without_a_window_it_is_judged_now() -> None:
    assert gate(None).needs(replace(SCOPE, at=NOON)) == (
        Query('ALERTS{alertstate="firing",severity="critical"}', "production", NOON),
        Query("count(up)", "production", NOON),
        LoadedRulesQuery("production"),
    )
    finding = judged({alert(): TEN_HOURS_AGO}, wanted=gate(None))
    assert (finding.outcome, finding.reason, finding.observed) == (PASS, "none fires", 0.0)
    finding = judged({alert(): always, alert("Down"): always}, wanted=gate(None))
    assert (finding.outcome, finding.reason) == (FAIL, "Down fires (severity=critical), one of 2 alerts")
    finding = judged(NOTHING, never, wanted=gate(None))
    assert (finding.outcome, finding.observed) == (UNKNOWN, None)
    assert finding.reason == "there is no sample of `up`, so nothing shows that anybody watched"


def test_present_takes_the_place_of_up_with_the_environments_variables() -> None:
    wanted = replace(gate(HOUR), present='up{job="${JOB}"}')
    scope = replace(SCOPE, variables={"JOB": "rules"})
    assert RangeQuery('up{job="rules"}', "production", last(HOUR, NOON)) in wanted.needs(scope)
    assert "`present` returned nothing" in judged(NOTHING, never, wanted=wanted, scope=scope).reason
    assert wanted.needs(SCOPE) == ()
    assert judged(NOTHING, wanted=wanted).reason == "the variable JOB is not set"
    hostile = replace(SCOPE, variables={"JOB": 'secret"} or vector(1) #'})
    finding = judged(NOTHING, wanted=wanted, scope=hostile)
    assert (finding.outcome, "secret" in finding.reason) == (UNKNOWN, False)


MOMENTS = st.sets(st.integers(0, 20))


@settings(deadline=None)
@given(MOMENTS, MOMENTS, st.booleans())
def test_a_pass_means_that_all_was_watched_and_nothing_fired(fired: set[int], holes: set[int], loaded: bool) -> None:
    grid = last(MINUTE * 5 / 3, NOON)
    assert grid.count == 21
    finding = judged(
        {alert(): lambda at: at in {grid.at(point) for point in fired}},
        lambda at: at not in {grid.at(point) for point in holes},
        wanted=gate(MINUTE * 5 / 3),
        rules=RULES if loaded else (),
    )
    inside = fired - {0}  # what came before the first moment is no part of the window
    assert (finding.outcome is FAIL) is bool(inside)
    assert (finding.outcome is PASS) is (loaded and not inside and not holes)
