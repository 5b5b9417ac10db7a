"""How a metric gate with `for` is judged: every sample of its window, no earlier than its step or phase."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rollout.engine.verdict import settled
from rollout.gates.keys import Since
from rollout.gates.metric import MetricGate
from rollout.gates.window import last
from rollout.model.conditions import parse_condition
from rollout.model.evidence import Unanswered
from rollout.model.gate import Scope
from rollout.model.verdicts import Finding, Outcome
from tests.fakes import NOON, FakeSource, Reply, answer
from tests.small_plans import metric

PASS, FAIL, UNKNOWN, WAITING = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.WAITING
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
SAMPLE = 30 * SECOND
SCOPE = Scope("production", NOON)
GOOD, BAD = 0.0005, 0.0042
GATE = MetricGate(metric=metric("errors", reach=5 * MINUTE), require=parse_condition("< 0.1%"), for_=48 * HOUR)


def judged(reply: Reply, gate: MetricGate = GATE, scope: Scope = SCOPE) -> Finding:
    source = FakeSource({"errors": reply})
    return settled(gate, gate.judge(source.ask(gate.needs(scope)), scope), scope)


def good_but(what: float | None, begin: timedelta, length: timedelta = SAMPLE) -> Callable[[datetime], float | None]:
    """Good, but for what began so long ago."""
    return lambda at: what if NOON - begin <= at < NOON - begin + length else GOOD


@pytest.mark.parametrize("length", [0, 1, 7, 30, 61, 600, 601, 3599, 48 * 3600, 365 * 86400])
def test_samples_are_30_s_or_less_apart_from_end_to_end_and_none_lies_outside(length: int) -> None:
    grid = last(length * SECOND, NOON)
    assert grid.at(grid.count - 1) == NOON
    assert NOON - length * SECOND <= grid.at(0) <= NOON - length * SECOND + grid.count * timedelta(milliseconds=1)
    assert grid.step <= 30_000
    assert grid.count >= min(length // 5, 20) + 1


def test_a_window_in_which_every_sample_satisfies_passes() -> None:
    finding = judged(GOOD)
    assert (finding.outcome, finding.reason) == (PASS, "0.05 % is below 0.1 % (the worst of 2d)")
    assert (finding.for_, finding.held, finding.earliest_pass) == (48 * HOUR, 48 * HOUR, None)
    assert finding.observed == GOOD


def test_one_sample_that_does_not_satisfy_fails_and_is_shown_with_its_time() -> None:
    finding = judged(good_but(BAD, 10 * HOUR))
    assert (finding.outcome, finding.observed) == (FAIL, BAD)
    assert finding.reason == "0.42 % is not below 0.1 % (1 of 5761 samples in 2d, the worst at 2026-03-02 02:00:00 UTC)"
    assert finding.held == 10 * HOUR - SAMPLE
    assert finding.earliest_pass == NOON + 38 * HOUR + SAMPLE


def test_the_window_has_both_its_ends_and_what_was_before_does_not_count() -> None:
    assert judged(good_but(BAD, 48 * HOUR)).outcome is FAIL
    assert judged(good_but(BAD, 48 * HOUR + SAMPLE)).outcome is PASS
    assert judged(good_but(BAD, 0 * HOUR)).outcome is FAIL
    assert judged(good_but(BAD, 0 * HOUR)).held == timedelta()


def test_a_length_that_is_no_multiple_of_a_sample_is_shown_as_the_plan_says() -> None:
    finding = judged(GOOD, replace(GATE, for_=601 * SECOND))
    assert (finding.outcome, finding.for_, finding.held) == (PASS, 601 * SECOND, 601 * SECOND)


@pytest.mark.parametrize(
    ("what", "why"),
    [(None, "no data: the query returned nothing"), (math.nan, "NaN"), (math.inf, "+Inf"), (-math.inf, "-Inf")],
)
def test_one_sample_that_says_nothing_makes_it_unknown(what: float | None, why: str) -> None:
    finding = judged(good_but(what, 12 * HOUR, HOUR))
    assert finding.outcome is UNKNOWN
    assert finding.reason.startswith("2.083 % of 2d cannot be judged: ")
    assert why in finding.reason
    assert finding.held == 11 * HOUR
    assert finding.earliest_pass == NOON + 37 * HOUR
    assert judged(good_but(what, 0 * HOUR)).outcome is UNKNOWN


def test_nothing_at_all_and_nobody_who_answers_are_unknown() -> None:
    finding = judged(lambda _: None)
    assert (finding.outcome, finding.observed, finding.held) == (UNKNOWN, None, timedelta())
    down = judged(Unanswered("connection refused"))
    assert (down.outcome, down.reason) == (UNKNOWN, "100 % of 2d cannot be judged: connection refused")


def test_a_breach_beside_a_hole_fails_for_nothing_that_is_missing_could_make_it_good() -> None:
    assert judged(lambda at: None if at < NOON - HOUR else BAD).outcome is FAIL


def test_of_several_series_a_breach_in_one_is_a_breach_and_named() -> None:
    finding = judged(answer(GOOD, 0.002, BAD))
    assert finding.outcome is FAIL
    assert finding.reason.startswith('0.42 % is not below 0.1 % ({pod="p2"}, one of 3 series) (5761 of 5761 samples')
    assert [one.value for one in finding.series] == [BAD, 0.002, GOOD]


def test_coverage_is_the_least_share_that_must_be_there() -> None:
    gate = replace(GATE, coverage=0.95)
    finding = judged(good_but(None, 24 * HOUR, 2 * HOUR), gate)
    assert finding.outcome is PASS
    assert finding.reason == "0.05 % is below 0.1 % (the worst of 2d); 4.166 % of 2d could not be judged"
    assert finding.held == 48 * HOUR
    less = judged(good_but(math.nan, 24 * HOUR, 3 * HOUR), gate)
    assert (less.outcome, less.earliest_pass) == (UNKNOWN, NOON + 24 * HOUR + 36 * MINUTE)
    assert judged(lambda _: None, replace(GATE, coverage=0)).outcome is UNKNOWN


def test_share_is_the_least_share_of_judged_samples_that_must_satisfy() -> None:
    gate = replace(GATE, share=0.99)
    assert judged(good_but(BAD, 24 * HOUR, 57 * SAMPLE), gate).outcome is PASS
    finding = judged(good_but(BAD, 24 * HOUR, 58 * SAMPLE), gate)
    assert (finding.outcome, finding.earliest_pass) == (FAIL, NOON + 24 * HOUR + SAMPLE)


def test_with_coverage_and_share_what_is_missing_is_neither_good_nor_bad() -> None:
    gate = replace(GATE, coverage=0.5, share=0.99)

    def half(bad: int) -> Callable[[datetime], float | None]:
        return lambda at: None if at < NOON - 24 * HOUR else BAD if at > NOON - bad * SAMPLE else GOOD

    assert judged(half(28), gate).outcome is PASS
    assert judged(half(29), gate).outcome is FAIL
    short = replace(gate, coverage=0.6)
    assert judged(half(57), short).outcome is UNKNOWN
    assert judged(half(58), short).outcome is FAIL


def running(ago: timedelta, changed: timedelta | None = None) -> Scope:
    """Judged in a step that began so long ago and changed values then, unless that was at another time."""
    since = NOON - ago
    changed_at = since if changed is None else NOON - changed
    return replace(SCOPE, floor=since, step_since=since, phase_since=since, changed_at=changed_at)


def test_a_window_begins_no_earlier_than_its_step_had_settled() -> None:
    scope = running(6 * HOUR)
    finding = judged(lambda at: GOOD if at >= NOON - 6 * HOUR + 5 * MINUTE else BAD, scope=scope)
    assert (finding.outcome, finding.for_) == (WAITING, 48 * HOUR)
    assert finding.reason == "held for 5 h 55 min of 2d: 0.05 % is below 0.1 %"
    assert (finding.held, finding.earliest_pass) == (5 * HOUR + 55 * MINUTE, NOON + 42 * HOUR + 5 * MINUTE)
    assert judged(GOOD, scope=running(48 * HOUR + 5 * MINUTE - SAMPLE)).outcome is WAITING
    assert judged(GOOD, scope=running(48 * HOUR + 5 * MINUTE)).outcome is PASS


def test_a_breach_since_the_step_had_settled_fails_however_short_the_window_still_is() -> None:
    finding = judged(good_but(BAD, 2 * HOUR), scope=running(6 * HOUR))
    assert (finding.outcome, finding.held) == (FAIL, 2 * HOUR - SAMPLE)
    assert finding.earliest_pass == NOON + 46 * HOUR + SAMPLE
    assert "1 of 711 samples in 5h55m" in finding.reason


def test_what_is_missing_while_the_window_is_short_makes_it_unknown_when_the_full_one_could_not_pass() -> None:
    hole = good_but(None, 3 * HOUR, 2 * HOUR)
    finding = judged(hole, scope=running(6 * HOUR))
    assert (finding.outcome, finding.earliest_pass) == (UNKNOWN, NOON + 47 * HOUR)
    assert judged(hole, replace(GATE, coverage=0.95), running(6 * HOUR)).outcome is WAITING
    assert judged(hole, replace(GATE, coverage=0.99), running(6 * HOUR)).outcome is UNKNOWN


def test_breaches_that_a_short_window_may_yet_make_up_for_are_waited_for() -> None:
    gate = replace(GATE, share=0.99)
    assert judged(good_but(BAD, 3 * HOUR, 57 * SAMPLE), gate, running(6 * HOUR)).outcome is WAITING
    assert judged(good_but(BAD, 3 * HOUR, 58 * SAMPLE), gate, running(6 * HOUR)).outcome is FAIL


def test_what_is_missing_already_can_make_up_for_no_breach() -> None:
    gate = replace(GATE, coverage=0.5, share=0.99)
    half = lambda at: None if at < NOON - 12 * HOUR else good_but(BAD, HOUR, 40 * SAMPLE)(at)  # noqa: E731
    assert judged(half, gate, running(36 * HOUR)).outcome is FAIL


def test_before_the_step_has_settled_a_gate_with_a_window_can_pass_no_earlier_than_that_window_is_full() -> None:
    for gate in (GATE, replace(GATE, coverage=0.5)):
        finding = judged(BAD, gate, running(MINUTE))
        assert (finding.outcome, finding.held, finding.for_) == (WAITING, timedelta(), 48 * HOUR)
        assert finding.earliest_pass == NOON + 48 * HOUR + 4 * MINUTE
        assert "settling for another 4 min" in finding.reason


def test_a_change_before_the_step_began_has_to_settle_too() -> None:
    """As in a phase that changes nothing, entered at once."""
    gate = replace(GATE, for_=Since.PHASE)
    scope = running(10 * MINUTE, changed=12 * MINUTE)
    before = lambda at: BAD if at < NOON - 7 * MINUTE else GOOD  # noqa: E731
    assert judged(before, gate, scope).held == 7 * MINUTE
    assert judged(before, GATE, scope).outcome is WAITING
    assert judged(BAD, gate, running(10 * MINUTE, changed=20 * MINUTE)).held == timedelta()
    assert judged(GOOD, gate, running(10 * MINUTE, changed=20 * MINUTE)).held == 10 * MINUTE


def test_a_change_within_the_step_settles_and_the_window_goes_on_from_where_it_began() -> None:
    """As when an advance failed and was put back."""
    scope = running(6 * HOUR, changed=HOUR)
    assert judged(good_but(BAD, 2 * HOUR), scope=scope).outcome is FAIL
    assert judged(good_but(BAD, 2 * HOUR), replace(GATE, for_=Since.PHASE), scope).outcome is FAIL
    assert judged(good_but(BAD, 2 * HOUR), replace(GATE, for_=Since.STEP), scope).outcome is PASS
    finding = judged(good_but(BAD, 2 * HOUR), scope=running(6 * HOUR, changed=MINUTE))
    assert (finding.outcome, finding.earliest_pass) == (WAITING, NOON + 46 * HOUR + SAMPLE)


@pytest.mark.parametrize("since", Since)
def test_for_step_and_for_phase_mean_since_that_began_and_settled(since: Since) -> None:
    gate = replace(GATE, for_=since)
    finding = judged(lambda at: BAD if at < NOON - 5 * HOUR else GOOD, gate, running(5 * HOUR + 5 * MINUTE))
    assert (finding.outcome, finding.for_, finding.held) == (PASS, 5 * HOUR, 5 * HOUR)
    assert judged(GOOD, gate, running(5 * MINUTE)).outcome is PASS
    early = judged(GOOD, gate, running(5 * MINUTE - SECOND))
    assert (early.outcome, early.earliest_pass) == (WAITING, NOON + SECOND)
    nowhere = judged(GOOD, gate)
    assert (nowhere.outcome, nowhere.reason) == (WAITING, f"the {since} has not begun")


def test_a_window_that_only_grows_never_forgets() -> None:
    gate, scope = replace(GATE, for_=Since.STEP), running(10 * HOUR + 5 * MINUTE)
    finding = judged(good_but(BAD, 2 * HOUR), gate, scope)
    assert (finding.outcome, finding.held, finding.earliest_pass) == (FAIL, 2 * HOUR - 37.5 * SECOND, None)
    hole = judged(good_but(None, 2 * HOUR), gate, scope)
    assert (hole.outcome, hole.earliest_pass) == (UNKNOWN, None)
    outgrown = judged(good_but(BAD, 2 * HOUR, 20 * SAMPLE), replace(gate, share=0.99), scope)
    assert (outgrown.outcome, outgrown.earliest_pass) == (FAIL, NOON + (4800 - 2881) * 12.5 * SECOND)
    assert judged(good_but(None, HOUR, HOUR / 2), replace(gate, coverage=0.9), scope).outcome is PASS


def test_what_takes_longer_than_a_lifetime_has_no_time() -> None:
    gate = replace(GATE, for_=Since.STEP, share=0.99999999999)
    assert judged(good_but(BAD, HOUR, HOUR), gate, running(10 * HOUR)).earliest_pass is None
    unsettled = replace(running(10 * HOUR), changed_at=NOON)
    assert judged(BAD, replace(GATE, for_=Since.PHASE), unsettled).earliest_pass is None


def test_without_a_floor_a_window_reaches_back_as_far_as_it_says() -> None:
    """As that of an entry gate, whatever step is running."""
    scope = replace(running(6 * HOUR), floor=None)
    assert judged(GOOD, scope=scope).outcome is PASS
    assert judged(good_but(BAD, 20 * HOUR), scope=scope).outcome is FAIL
