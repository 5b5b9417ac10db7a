"""How far another rollout has come, judged, and told from its record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rollout.gates.rollouts import Milestone, RolloutGate
from rollout.model.evidence import Unanswered
from rollout.model.gate import Scope
from rollout.model.probes import Progress, ProgressQuestion
from rollout.model.state import Position, Status
from rollout.model.verdicts import Finding, Outcome
from tests.fakes import NOON

PASS, FAIL, UNKNOWN, WAITING = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.WAITING
DAY = timedelta(days=1)
WEEK = 7 * DAY
SCOPE = Scope("production", NOON, plan="checkout-v2")
STEPS = (
    (Position("limited", 1), "day-1"),
    (Position("limited", 2), "day-2"),
    (Position("full", 1), ""),
)
LIMITED_2, FULL = Position("limited", 2), Position("full", 1)
RUNNING = Progress(Status.IN_PROGRESS, LIMITED_2, STEPS, started_at=NOON - 9 * DAY)
UNKNOWN_RECORD = Progress(Status.NOT_STARTED)


def judged(milestone: Milestone, answer: Progress | Unanswered, scope: Scope = SCOPE) -> Finding:
    gate = RolloutGate(milestone=milestone)
    (question,) = gate.needs(scope)
    return gate.judge({question: answer}, scope)


def reached(wanted: str, answer: Progress | Unanswered) -> tuple[Outcome, str]:
    finding = judged(Milestone(environment="staging", reached=wanted), answer)
    assert finding.require == wanted
    return finding.outcome, finding.reason


def test_it_asks_for_this_plan_and_environment_unless_others_are_named() -> None:
    for milestone, plan, environment in (
        (Milestone(no_rollback=WEEK), "checkout-v2", "production"),
        (Milestone(environment="staging", reached="complete"), "checkout-v2", "staging"),
        (Milestone(plan="base", reached="complete"), "base", "production"),
    ):
        scope = replace(SCOPE, at=NOON)
        assert RolloutGate(milestone=milestone).needs(scope) == (ProgressQuestion(plan, environment, NOON),)


def test_complete_passes_and_what_is_on_its_way_waits() -> None:
    assert reached("complete", replace(RUNNING, status=Status.COMPLETE)) == (PASS, "checkout-v2@staging is complete")
    sentence = "checkout-v2@staging is in-progress at limited/day-2, not yet complete"
    assert reached("complete", RUNNING) == (WAITING, sentence)
    sentence = "checkout-v2@staging is paused at full/1, not yet complete"
    assert reached("complete", replace(RUNNING, status=Status.PAUSED, position=FULL)) == (WAITING, sentence)
    assert reached("complete", UNKNOWN_RECORD) == (WAITING, "checkout-v2@staging was never started")


@pytest.mark.parametrize("status", [Status.ROLLED_BACK, Status.CLOSED])
@pytest.mark.parametrize("wanted", ["complete", "limited", "full"])
def test_what_was_rolled_back_or_closed_fails_wherever_it_stands(status: Status, wanted: str) -> None:
    outcome, reason = reached(wanted, replace(RUNNING, status=status))
    assert (outcome, reason) == (FAIL, f"checkout-v2@staging is {status} at limited/day-2")
    finding = judged(Milestone(no_rollback=WEEK), replace(RUNNING, status=status, rolled_back_at=NOON - 8 * DAY))
    assert finding.outcome is FAIL


@pytest.mark.parametrize(
    ("wanted", "outcome"),
    [
        ("limited", PASS),
        ("limited/1", PASS),
        ("limited/day-1", PASS),
        ("limited/day-2", PASS),
        ("limited/2", PASS),
        ("full", WAITING),
        ("full/1", WAITING),
        ("other", UNKNOWN),
        ("limited/3", UNKNOWN),
        ("full/day-1", UNKNOWN),
    ],
)
def test_a_step_is_reached_by_whoever_stands_there_or_beyond(wanted: str, outcome: Outcome) -> None:
    assert reached(wanted, RUNNING)[0] is outcome
    complete = replace(RUNNING, status=Status.COMPLETE, position=FULL)
    assert reached(wanted, complete)[0] is (UNKNOWN if outcome is UNKNOWN else PASS)


def test_the_sentence_says_where_it_stands() -> None:
    stands = "checkout-v2@staging is in-progress at limited/day-2"
    assert reached("limited", RUNNING)[1] == f"{stands}, so it has reached limited"
    assert reached("full", RUNNING)[1] == f"{stands}, not yet at full"
    sentence = "the plan of checkout-v2@staging has no 'other' there; its phases: limited, full"
    assert reached("other", RUNNING)[1] == sentence
    gone = replace(RUNNING, position=Position("old", 3))
    assert reached("full", gone) == (
        UNKNOWN,
        "checkout-v2@staging is in-progress at old/3, which its plan has no more",
    )
    first_step_under_way = replace(RUNNING, status=Status.NOT_STARTED, position=None)
    assert reached("limited", first_step_under_way)[0] is WAITING


def test_a_record_that_cannot_be_read_is_unknown() -> None:
    assert reached("complete", Unanswered("the store is away")) == (UNKNOWN, "the store is away")
    assert judged(Milestone(no_rollback=WEEK), Unanswered("the store is away")).outcome is UNKNOWN


def test_a_run_without_a_rollback_passes_once_it_is_old_enough() -> None:
    finding = judged(Milestone(no_rollback=WEEK), RUNNING)
    assert (finding.outcome, finding.reason) == (PASS, "checkout-v2@production has not been rolled back in 9 d")
    assert (finding.require, finding.for_, finding.held) == ("not rolled back", WEEK, 9 * DAY)
    young = replace(RUNNING, started_at=NOON - 2 * DAY)
    finding = judged(Milestone(no_rollback=WEEK), young)
    assert (finding.outcome, finding.earliest_pass) == (WAITING, NOON + 5 * DAY)
    assert finding.reason == "checkout-v2@production has not been rolled back in 2 d, all that this run has lasted"
    assert judged(Milestone(no_rollback=WEEK), UNKNOWN_RECORD).outcome is WAITING
    assert judged(Milestone(no_rollback=WEEK), replace(RUNNING, started_at=NOON - WEEK)).outcome is PASS


def test_a_rollback_fails_until_it_is_long_ago() -> None:
    back = replace(RUNNING, rolled_back_at=NOON - 3 * DAY)
    finding = judged(Milestone(no_rollback=WEEK), back)
    assert finding.outcome is FAIL
    assert finding.reason == "checkout-v2@production was rolled back at 2026-02-27 12:00 UTC, less than 7d ago"
    assert (finding.held, finding.earliest_pass) == (3 * DAY, NOON + 4 * DAY)
    still = replace(back, status=Status.ROLLED_BACK)
    assert (judged(Milestone(no_rollback=WEEK), still).earliest_pass) == NOON + 4 * DAY
    assert judged(Milestone(no_rollback=WEEK), replace(back, rolled_back_at=NOON - WEEK)).outcome is PASS
    before_this_run = replace(RUNNING, started_at=NOON - DAY, rolled_back_at=NOON - 2 * DAY)
    finding = judged(Milestone(no_rollback=WEEK), before_this_run)
    assert (finding.outcome, finding.earliest_pass) == (FAIL, NOON + 6 * DAY)
