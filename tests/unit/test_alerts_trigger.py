"""A trigger on alerts: when it fires, when it is quiet, and when that cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.gates.alerts import AlertsAlarm
from rollout.gates.window import last
from rollout.model.evidence import LoadedRule, Unanswered
from rollout.model.verdicts import TriggerFinding, TriggerOutcome
from tests.fakes import NOON
from tests.hand_made_alerts import (
    CRITICAL,
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

QUIET, FIRED, UNJUDGED = TriggerOutcome.QUIET, TriggerOutcome.FIRED, TriggerOutcome.UNKNOWN


def watched(
    firing: Mapping[Labels, When] | Unanswered,
    up: When | Unanswered = always,
    *,
    for_: timedelta | None = None,
    rules: Sequence[LoadedRule] | Unanswered = RULES,
) -> TriggerFinding:
    alarm = AlertsAlarm(labels=CRITICAL, for_=for_)
    return alarm.judge(evidence(alarm.needs(SCOPE), firing, up, rules), SCOPE)


def test_a_trigger_fires_while_an_alert_does() -> None:
    finding = watched({alert(): always})
    assert (finding.outcome, finding.reason) == (FIRED, "HighErrors fires (severity=critical)")
    assert (finding.observed, finding.unit, finding.when) == (1.0, "count", "> 0")
    assert (watched(NOTHING).outcome, watched(NOTHING).reason) == (QUIET, "none fires")
    assert watched(NOTHING, never).outcome is UNJUDGED
    assert watched(NOTHING, rules=()).outcome is UNJUDGED
    assert watched(Unanswered("refused")).outcome is UNJUDGED
    assert watched({alert(): always}, never, rules=()).outcome is FIRED


def test_a_trigger_with_a_window_fires_when_one_fires_all_through_it() -> None:
    finding = watched({alert(): always}, for_=3 * MINUTE)
    assert (finding.outcome, finding.for_) == (FIRED, 3 * MINUTE)
    assert finding.reason == ("HighErrors fired (severity=critical), last at 2026-03-02 12:00 UTC, and all through 3m")
    handed_over = {alert(pod="a"): between(3 * MINUTE, MINUTE), alert(pod="b"): between(MINUTE, 0 * MINUTE)}
    assert watched(handed_over, for_=3 * MINUTE).outcome is FIRED
    finding = watched({alert(): between(MINUTE, 0 * MINUTE)}, for_=3 * MINUTE)
    assert (finding.outcome, finding.reason.endswith("but not all through 3m")) == (QUIET, True)
    finding = watched({alert(): between(MINUTE, 0 * MINUTE)}, between(MINUTE, 0 * MINUTE), for_=3 * MINUTE)
    assert (finding.outcome, finding.observed) == (UNJUDGED, None)
    assert "there is no sample of `up`" in finding.reason


def test_a_trigger_knows_at_which_moments_of_the_step_it_had_fired() -> None:
    track = last(10 * MINUTE, NOON)
    scope = replace(SCOPE, track=track)
    firing = {alert(): between(9 * MINUTE, 4 * MINUTE)}
    for for_, begin in ((None, 9 * MINUTE), (2 * MINUTE, 7 * MINUTE)):
        alarm = AlertsAlarm(labels=CRITICAL, for_=for_)
        past = alarm.past(evidence(alarm.needs(scope), firing), scope)
        fired = [track.at(point) for point, outcome in enumerate(past) if outcome is FIRED]
        assert len(past) == track.count
        assert (fired[0], fired[-1]) == (NOON - begin, NOON - 4 * MINUTE)
        assert past[-1] is alarm.judge(evidence(alarm.needs(scope), firing), scope).outcome is QUIET


def test_a_trigger_whose_watcher_was_away_does_not_know_its_past() -> None:
    scope = replace(SCOPE, track=last(10 * MINUTE, NOON))
    alarm = AlertsAlarm(labels=CRITICAL)
    away = outside(6 * MINUTE, 3 * MINUTE)
    past = alarm.past(evidence(alarm.needs(scope), NOTHING, away), scope)
    assert (past[0], UNJUDGED in past, past[-1]) == (QUIET, True, QUIET)
    assert set(alarm.past(evidence(alarm.needs(scope), NOTHING, rules=()), scope)) == {UNJUDGED}
    without = AlertsAlarm(labels=CRITICAL)
    assert without.past(evidence(without.needs(SCOPE), NOTHING), SCOPE) == (QUIET,)


MOMENTS = st.sets(st.integers(0, 20))


@settings(deadline=None)
@given(MOMENTS, MOMENTS, st.booleans())
def test_it_fires_when_one_fires_at_every_moment_and_is_quiet_when_at_one_none_was_seen_to(
    fired: set[int], holes: set[int], loaded: bool
) -> None:
    grid = last(MINUTE * 5 / 3, NOON)
    finding = watched(
        {alert(): lambda at: at in {grid.at(point) for point in fired}},
        lambda at: at not in {grid.at(point) for point in holes},
        for_=MINUTE * 5 / 3,
        rules=RULES if loaded else (),
    )
    assert (finding.outcome is FIRED) is (fired == set(range(21)))
    assert (finding.outcome is QUIET) is (loaded and bool(set(range(21)) - fired - holes))
