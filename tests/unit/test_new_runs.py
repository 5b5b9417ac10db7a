"""A new run after one that is over, and going by what was seen while somebody waits or thinks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rollout.engine.fold import renewed
from rollout.errors import ConflictError
from rollout.model.state import Position, Status
from rollout.operations.advance import Advance, AdvanceOutcome, advance
from rollout.operations.close import close
from rollout.operations.options import Options
from rollout.operations.pause import pause
from tests.fakes import answer
from tests.small_plans import PHASES, gate, make_plan, phase, step
from tests.workbench import DAY, Workbench, checkout, full_rollout, workbench, yes

TEN = timedelta(minutes=10)


def closed(made: Workbench) -> Workbench:
    close(made.desk(), "not wanted")
    return made


@pytest.mark.parametrize("end", ["complete", "closed"])
def test_a_new_run_has_its_own_found_values_and_plan(end: str) -> None:
    made = full_rollout(steps=5) if end == "complete" else closed(full_rollout(steps=3))
    old = dict(made.target.held)
    made.plan = make_plan(*PHASES[1:])
    result = made.advance(renew=True)
    assert (result.outcome, result.origin, result.label) == (AdvanceOutcome.ADVANCED, None, "limited/1")
    assert made.kinds[-3:] == ["started", "advance-intended", "advanced"]
    found = {slot.flag: value for slot, value in made.state.found.items()}
    assert (found["PERCENT"], found["ON"]) == (int(old["PERCENT"]), True)
    assert (made.state.status, made.state.position) == (Status.IN_PROGRESS, Position("limited", 1))


def test_a_rollback_of_a_new_run_leads_back_to_what_that_run_found() -> None:
    made = closed(full_rollout(steps=3))
    made.target.held |= {"ON": "false", "PERCENT": "7"}
    assert made.advance(renew=True).exit_code == 0
    assert made.advance().exit_code == 0
    assert made.target.held["PERCENT"] == "20"
    assert made.rollback().exit_code == 0
    assert (made.target.held["PERCENT"], made.target.held["ON"]) == ("7", "false")


@pytest.mark.parametrize("steps", [1, 3])
def test_one_in_progress_is_not_started_anew(steps: int) -> None:
    made = full_rollout(steps=steps)
    with pytest.raises(ConflictError):
        made.advance(renew=True)
    made.rollback("emergency")
    with pytest.raises(ConflictError):
        made.advance(renew=True)


def test_new_where_nothing_ever_started_just_starts() -> None:
    assert full_rollout(steps=0).advance(renew=True).exit_code == 0


def test_without_new_a_closed_one_holds_and_a_complete_one_is_done() -> None:
    assert closed(full_rollout(steps=3)).advance(reason="on").exit_code == 4
    made = full_rollout(steps=5)
    events = made.kinds
    assert (made.advance().outcome, made.kinds) == (AdvanceOutcome.COMPLETE, events)


def test_a_new_run_judges_the_entry_of_its_first_phase() -> None:
    plan = make_plan(phase("one", step(ON=True), entry=[gate("ready")]))
    made = workbench(plan, ON="false")
    made.source.answers = {"ready": 0.0}
    made.advanced(2)
    made.source.answers = {"ready": 0.5}
    assert made.advance(renew=True).exit_code == 3
    made.source.answers = {"ready": 0.0}
    assert made.advance(renew=True).exit_code == 0


@pytest.mark.parametrize("end", ["complete", "closed"])
def test_a_new_run_may_be_waited_for(end: str) -> None:
    plan = make_plan(phase("one", step(ON=True), entry=[gate("ready")]))
    made = workbench(plan, ON="false")
    made.source.answers = {"ready": 0.0}
    made.advanced(2 if end == "complete" else 1)
    if end == "closed":
        closed(made)
    soon = made.clock.now() + TEN
    made.source.answers["ready"] = lambda at: 0.0 if at > soon else None
    result = made.advance(renew=True, wait=3 * TEN)
    assert (result.outcome, result.exit_code, result.label) == (AdvanceOutcome.ADVANCED, 0, "one/1")


def test_a_new_run_whose_question_was_answered_late_is_judged_again_and_started() -> None:
    made = full_rollout(steps=5)

    def think(_: Advance) -> bool:
        made.clock.advance(TEN)
        return True

    assert made.advance(renew=True, confirm=think).label == "prepare/1"


def test_of_two_new_runs_one_wins() -> None:
    made = full_rollout(steps=5)
    desks = [made.desk(who, renewed(made.state)) for who in ("ann", "bob")]
    assert advance(desks[0], options=Options(renew=True), confirm=yes).exit_code == 0
    with pytest.raises(ConflictError, match="ann was faster"):
        advance(desks[1], options=Options(renew=True), confirm=yes)


# Whoever waits, or thinks, goes by what they saw.


def rolled_back_meanwhile(made: Workbench) -> None:
    assert made.rollback("emergency", "bob").exit_code == 0


def test_an_emergency_while_an_advance_waits_is_not_undone_by_the_reason_given_before() -> None:
    made = checkout().advanced(2)
    made.source.answers["errors"] = answer()  # UNKNOWN for now

    def meanwhile(_: float) -> None:
        made.clock.while_sleeping = lambda _: None
        rolled_back_meanwhile(made)
        made.source.answers["errors"] = 0.0

    made.clock.while_sleeping = meanwhile
    with pytest.raises(ConflictError):
        made.advance(skip_soak=True, reason="hotfix", wait=TEN)
    assert (made.state.status, made.target.held) == (Status.ROLLED_BACK, {"ON": "false", "PERCENT": "0"})


def test_an_emergency_while_somebody_thinks_is_not_undone_by_their_yes() -> None:
    plan = make_plan(phase("one", step(ON=True, PERCENT=20)), phase("two"))
    made = workbench(plan, ON="false", PERCENT="0").advanced(1)

    def think(_: Advance) -> bool:
        rolled_back_meanwhile(made)
        made.clock.advance(TEN)
        return True

    with pytest.raises(ConflictError):
        made.advance(skip_soak=True, reason="hotfix", confirm=think)
    assert made.state.status is Status.ROLLED_BACK


@pytest.mark.parametrize("thought", [timedelta(), TEN])
def test_a_second_rollback_while_somebody_thinks_about_a_restart_is_not_undone(thought: timedelta) -> None:
    made = full_rollout()
    made.rollback("partial")

    def think(_: Advance) -> bool:
        made.clock.advance(timedelta(seconds=1))
        rolled_back_meanwhile(made)
        made.clock.advance(thought)
        return True

    with pytest.raises(ConflictError):
        made.advance(reason="fixed", confirm=think)
    assert (made.state.status, made.target.held["ON"]) == (Status.ROLLED_BACK, "false")


@pytest.mark.parametrize("thought", [timedelta(), TEN])
def test_what_is_edited_by_hand_while_somebody_thinks_is_a_conflict(thought: timedelta) -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY)

    def think(_: Advance) -> bool:
        made.target.held["PERCENT"] = "21"
        made.clock.advance(thought)
        return True

    if thought:  # and so judged once more
        with pytest.raises(ConflictError, match="PERCENT at api is 21"):
            made.advance(confirm=think)
    else:
        assert made.advance(confirm=think).exit_code == 7
    assert made.target.held["PERCENT"] == "21"


def test_a_pause_while_somebody_thinks_is_a_hold_or_a_conflict() -> None:
    for thought, expected in ((timedelta(), 7), (TEN, 4)):
        made = full_rollout(steps=2)

        def think(_: Advance, made: Workbench = made, thought: timedelta = thought) -> bool:
            pause(made.desk("bob"), "wait")
            made.clock.advance(thought)
            return True

        if expected == 7:
            with pytest.raises(ConflictError, match="bob was faster"):
                made.advance(confirm=think)
        else:
            assert made.advance(confirm=think).exit_code == 4
        assert made.target.held["PERCENT"] == "20"
