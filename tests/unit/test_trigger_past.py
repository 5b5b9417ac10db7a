"""Triggers over a window, what they would have come to since the step began, and what that means now."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rollout.engine.agenda import Agenda
from rollout.engine.scopes import Scopes, scopes_of
from rollout.engine.triggers import judge_trigger
from rollout.engine.verdict import Gathered, decide
from rollout.gates.combined import AllAlarm, AnyAlarm, GateAlarm
from rollout.gates.person import ConfirmGate
from rollout.gates.window import last
from rollout.model.evidence import Evidence, Question, RangeQuery, Unanswered
from rollout.model.gate import Alarm, Scope
from rollout.model.plan import OnUnknown, Trigger
from rollout.model.state import Position, RolloutState, Status
from rollout.model.verdicts import Blocker, TriggerFinding, TriggerJudgement, TriggerOutcome
from tests.fakes import NOON, FakeSource, Reply
from tests.small_plans import alarm, gate, make_plan

QUIET, FIRED, UNJUDGED = TriggerOutcome.QUIET, TriggerOutcome.FIRED, TriggerOutcome.UNKNOWN
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
SCOPE = Scope("production", NOON)
ERRORS, SLOW = alarm("errors"), alarm("slow")
SPIKE = replace(ERRORS, for_=3 * MINUTE)


def asked(alarm: Alarm, reply: Reply, scope: Scope, slow: Reply = 0.0) -> Evidence:
    return FakeSource({"errors": reply, "slow": slow}).ask(alarm.needs(scope))


def watched(alarm: Alarm, reply: Reply, slow: Reply = 0.0) -> TriggerFinding:
    return alarm.judge(asked(alarm, reply, SCOPE, slow), SCOPE)


def but(
    inside: float | None, begin: timedelta, end: timedelta, outside: float = 0.0
) -> Callable[[datetime], float | None]:
    """From so long ago to so long ago."""
    return lambda at: inside if NOON - begin <= at < NOON - end else outside


def test_a_trigger_with_a_window_fires_when_it_holds_at_every_sample() -> None:
    finding = watched(SPIKE, but(0.5, 3 * MINUTE, -SECOND))
    assert (finding.outcome, finding.reason, finding.for_) == (FIRED, "50 % is above 1 %", 3 * MINUTE)
    short = watched(SPIKE, but(0.5, 3 * MINUTE - SECOND, -SECOND))
    assert (short.outcome, short.reason) == (QUIET, "50 % is above 1 %, but not for all of 3m")
    assert watched(SPIKE, but(0.0, MINUTE, MINUTE - 9 * SECOND, outside=0.5)).outcome is QUIET
    assert watched(SPIKE, 0.0).reason == "0 % is not above 1 %"


@pytest.mark.parametrize("strange", [None, math.nan, math.inf, -math.inf])
def test_a_sample_that_says_nothing_makes_it_unknown_unless_it_is_quiet_anyway(strange: float | None) -> None:
    finding = watched(SPIKE, but(strange, 2 * MINUTE, MINUTE, outside=0.5))
    assert (finding.outcome, finding.observed) == (UNJUDGED, 0.5)
    quiet = but(strange, 2 * MINUTE, MINUTE, outside=0.0)
    assert watched(SPIKE, quiet).outcome is QUIET
    assert watched(SPIKE, lambda _: strange).outcome is UNJUDGED
    assert watched(SPIKE, Unanswered("connection refused")).outcome is UNJUDGED


def past(
    alarm: Alarm, reply: Reply, length: timedelta = HOUR, slow: Reply = 0.0
) -> list[tuple[timedelta, TriggerOutcome]]:
    """Where what it would have come to changes: how long ago, and to what."""
    track = last(length, NOON)
    scope = replace(SCOPE, track=track)
    course = alarm.past(asked(alarm, reply, scope, slow), scope)
    assert len(course) == track.count
    changes = [point for point in range(len(course)) if point == 0 or course[point] is not course[point - 1]]
    return [(NOON - track.at(point), course[point]) for point in changes]


def test_of_a_trigger_without_a_window_each_moment_of_the_past_is_judged() -> None:
    assert past(ERRORS, 0.0) == [(HOUR, QUIET)]
    assert past(ERRORS, but(0.5, 40 * MINUTE, 30 * MINUTE)) == [
        (HOUR, QUIET),
        (40 * MINUTE, FIRED),
        (30 * MINUTE, QUIET),
    ]
    assert past(ERRORS, but(None, 40 * MINUTE, 30 * MINUTE))[1] == (40 * MINUTE, UNJUDGED)


def test_of_a_trigger_with_a_window_each_moment_of_the_past_looks_back_over_one() -> None:
    assert past(SPIKE, but(0.5, 40 * MINUTE, 30 * MINUTE)) == [
        (HOUR, QUIET),
        (37 * MINUTE, FIRED),
        (30 * MINUTE, QUIET),
    ]
    assert past(SPIKE, but(0.5, 40 * MINUTE, 37 * MINUTE)) == [(HOUR, QUIET)]
    assert past(SPIKE, but(0.5, 2 * HOUR, 59 * MINUTE)) == [(HOUR, FIRED), (59 * MINUTE, QUIET)]
    assert past(SPIKE, but(None, 40 * MINUTE, 30 * MINUTE, outside=0.5)) == [
        (HOUR, FIRED),
        (40 * MINUTE, UNJUDGED),
        (27 * MINUTE, FIRED),
    ]


def test_the_past_needs_no_sample_further_back_than_the_window_says() -> None:
    """However long the step has been running, and so however far apart the samples are."""
    for length in (HOUR + 7 * MINUTE + 13 * SECOND, 13 * HOUR + 59 * SECOND):
        (_, fired), *_ = changes = past(SPIKE, but(0.5, 40 * MINUTE, 36 * MINUTE + 29 * SECOND), length)[1:]
        assert fired is FIRED
        assert changes[0][0] >= 36 * MINUTE + 29 * SECOND


def test_the_past_is_what_judging_at_that_moment_would_have_come_to() -> None:
    alarm = replace(ERRORS, for_=10 * MINUTE)
    reply = lambda at: 0.0 if at.minute == 5 else None if at.minute == 50 else 0.5  # noqa: E731
    track = last(2 * HOUR, NOON)
    scope = replace(SCOPE, track=track)
    course = alarm.past(asked(alarm, reply, scope), scope)
    for point, outcome in enumerate(course):
        then = replace(SCOPE, now=track.at(point), at=track.at(point))
        assert alarm.judge(asked(alarm, reply, then), then).outcome is outcome
    assert set(course) == {QUIET, FIRED, UNJUDGED}


def test_any_and_all_combine_the_past_of_their_parts_moment_by_moment() -> None:
    errors, slow = but(0.5, 40 * MINUTE, 30 * MINUTE), but(0.5, 35 * MINUTE, 20 * MINUTE)
    either, both = AnyAlarm(parts=(ERRORS, SLOW)), AllAlarm(parts=(ERRORS, SLOW))
    assert past(either, errors, slow=slow)[1:] == [(40 * MINUTE, FIRED), (20 * MINUTE, QUIET)]
    assert past(both, errors, slow=slow)[1:] == [(35 * MINUTE, FIRED), (30 * MINUTE, QUIET)]
    gone = but(None, 35 * MINUTE, 20 * MINUTE)
    assert past(either, errors, slow=gone)[1:] == [(40 * MINUTE, FIRED), (30 * MINUTE, UNJUDGED), (20 * MINUTE, QUIET)]
    assert past(both, errors, slow=gone)[1:] == [(35 * MINUTE, UNJUDGED), (30 * MINUTE, QUIET)]


def test_a_trigger_on_a_gate_has_the_past_of_the_gate() -> None:
    bad = but(0.5, 30 * MINUTE, 20 * MINUTE)
    instant = past(GateAlarm(gate=gate("errors")), bad)
    assert [outcome for _, outcome in instant] == [QUIET, FIRED, QUIET]
    windowed = past(GateAlarm(gate=replace(gate("errors"), for_=10 * MINUTE)), bad)
    assert [outcome for _, outcome in windowed] == [QUIET, FIRED, QUIET]
    assert windowed[1][0] == instant[1][0]
    assert windowed[2][0] < instant[2][0]


def test_a_gate_that_no_server_remembers_leaves_no_trace() -> None:
    down = GateAlarm(gate=ConfirmGate(id="ready", statement="Ready"))
    assert past(down, 0.0) == [(HOUR, QUIET)]


def scopes(state: RolloutState, *, standing: bool = True) -> Scopes:
    return scopes_of(make_plan(), SCOPE, state, standing=standing, phase="limited")


def since(ago: timedelta, **more: datetime) -> Scopes:
    return scopes(RolloutState(Status.IN_PROGRESS, Position("limited", 1), since=NOON - ago, fired=more))


def judged(
    trigger: Trigger,
    reply: Reply,
    scopes: Scopes,
    *,
    lost: Callable[[Question[object]], bool] = lambda _: False,
    exposed: bool = True,
) -> TriggerJudgement:
    """`lost`: what is not answered."""
    found = asked(trigger.alarm, reply, scopes.trigger(trigger))
    evidence = {one: Unanswered("too many samples") if lost(one) else found[one] for one in found}
    return judge_trigger(trigger, evidence, scopes, exposed=exposed, overridden=False)


TRIGGER = Trigger("spike", ERRORS, rollback="emergency")


def test_one_that_had_fired_since_the_step_began_is_remembered_with_the_last_time() -> None:
    spikes = lambda at: 0.5 if at in (NOON - 50 * MINUTE, NOON - 10 * MINUTE) else 0.0  # noqa: E731
    found = judged(TRIGGER, spikes, since(HOUR))
    assert (found.finding.outcome, found.fired_at, found.had_fired) == (QUIET, NOON - 10 * MINUTE, True)
    assert judged(TRIGGER, spikes, since(10 * MINUTE)).fired_at == NOON - 10 * MINUTE
    assert judged(TRIGGER, spikes, since(9 * MINUTE)).fired_at is None
    assert judged(replace(TRIGGER, on_unknown=OnUnknown.ROLLBACK), spikes, since(9 * MINUTE)).fired_at is None
    assert not judged(TRIGGER, 0.5, since(HOUR)).had_fired
    assert judged(TRIGGER, 0.5, since(HOUR)).fired


def test_what_was_seen_firing_counts_even_where_the_samples_no_longer_show_it() -> None:
    seen = NOON - 20 * MINUTE - 7 * SECOND
    assert judged(TRIGGER, 0.0, since(HOUR, spike=seen)).fired_at == seen
    assert judged(TRIGGER, 0.0, since(HOUR, other=seen)).fired_at is None


@pytest.mark.parametrize(
    "status", [Status.NOT_STARTED, Status.ROLLED_BACK, Status.COMPLETE, Status.IN_PROGRESS, Status.PAUSED]
)
def test_only_where_a_step_is_running_its_past_is_asked_for(status: Status) -> None:
    state = RolloutState(status, Position("limited", 1), since=NOON - HOUR)
    running = status in (Status.IN_PROGRESS, Status.PAUSED)
    assert (scopes(state).trigger(TRIGGER).track is not None) is running
    assert scopes(state, standing=False).trigger(TRIGGER).track is None


def test_a_past_that_cannot_be_told_makes_a_quiet_trigger_unknown() -> None:
    lost = lambda one: isinstance(one, RangeQuery)  # noqa: E731
    found = judged(TRIGGER, 0.0, since(HOUR), lost=lost)
    assert found.finding.outcome is UNJUDGED
    assert found.finding.reason == "it is unknown whether it fired since the step began: too many samples"
    assert judged(TRIGGER, 0.5, since(HOUR), lost=lost).finding.outcome is FIRED


GIVES_UP = replace(TRIGGER, on_unknown=OnUnknown.ROLLBACK)


@pytest.mark.parametrize("allowed", [10 * MINUTE, 61 * SECOND, 601 * SECOND, 3599 * SECOND])
@pytest.mark.parametrize("ago", [5 * SECOND, 10 * MINUTE, 5 * HOUR])
def test_with_on_unknown_rollback_it_fires_once_it_could_not_be_judged_for_so_long(
    allowed: timedelta, ago: timedelta
) -> None:
    trigger = replace(GIVES_UP, unknown_after=allowed)
    found = judged(trigger, lambda at: None if at >= NOON - allowed - 30 * SECOND else 0.0, since(ago))
    assert found.finding.outcome is FIRED
    assert found.finding.reason.startswith("it could not be judged for ")
    recent = judged(trigger, lambda at: None if at >= NOON - allowed + 2 * SECOND else 0.0, since(ago))
    assert (recent.finding.outcome, recent.unjudged) == (UNJUDGED, True)
    interrupted = judged(trigger, but(0.0, allowed / 2, allowed / 2 - 30 * SECOND, outside=math.nan), since(ago))
    assert interrupted.finding.outcome is UNJUDGED


@pytest.mark.parametrize("on_unknown", [OnUnknown.BLOCK, OnUnknown.IGNORE])
def test_without_it_nobody_knowing_never_rolls_back(on_unknown: OnUnknown) -> None:
    found = judged(replace(TRIGGER, on_unknown=on_unknown), math.nan, since(5 * HOUR))
    assert (found.finding.outcome, found.unjudged) == (UNJUDGED, on_unknown is OnUnknown.BLOCK)


def test_until_a_flag_has_left_its_safe_value_nobody_knowing_is_only_shown() -> None:
    for trigger in (TRIGGER, GIVES_UP):
        found = judged(trigger, math.nan, since(5 * HOUR), exposed=False)
        assert (found.finding.outcome, found.unjudged) == (UNJUDGED, False)


@pytest.mark.parametrize("reply", [0.5, math.nan, but(0.5, 30 * MINUTE, 20 * MINUTE)])
def test_what_a_trigger_holds_up_has_no_time(reply: Reply) -> None:
    known, soak = since(HOUR), Blocker("soak", "soak", NOON + HOUR)
    agenda = Agenda((), (TRIGGER,), "limited", 1)
    for said, time in ((0.0, soak.until), (reply, None)):
        evidence = asked(ERRORS, said, known.trigger(TRIGGER))
        gathered = Gathered(evidence, (evidence,))
        plan = make_plan(triggers=[TRIGGER])
        assert decide(plan, agenda, gathered, known, [soak], exposed=True).earliest == time
        overridden = decide(plan, agenda, gathered, known, [soak], exposed=True, overrides=["spike"])
        assert overridden.earliest == soak.until
