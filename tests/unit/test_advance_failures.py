"""Whatever goes wrong on the way, nothing stays half done and nothing is hidden."""

from __future__ import annotations

import pytest

from rollout.errors import ChangeError, ConflictError, StoreError
from rollout.model.state import Position, Status
from rollout.operations.advance import Advance, AdvanceOutcome
from tests.fakes import nothing
from tests.small_plans import make_plan, phase, step
from tests.workbench import DAY, checkout, interrupt, two_targets, workbench


def test_whoever_was_faster_wins_and_nothing_is_written_twice() -> None:
    made = checkout().advanced(1)

    def asked(_: Advance) -> bool:
        assert made.advance("bob").exit_code == 0
        return True

    with pytest.raises(ConflictError) as caught:
        made.advance("ann", confirm=asked)
    assert "bob was faster" in caught.value.message
    assert len(made.target.writes) == 1
    assert [event.actor for event in made.events[-2:]] == ["bob", "bob"]


def test_a_write_that_fails_is_put_back() -> None:
    made = two_targets()
    made.targets["web"].fails = {"write"}
    result = made.advance()
    assert (result.outcome, result.exit_code, result.restored) == (AdvanceOutcome.FAILED, 8, True)
    assert "web: write failed" in str(result.failure)
    assert [change.verified for change in result.changes] == [False, False]
    assert (made.targets["web"].held, made.targets["api"].held) == ({"ON": "false"}, {"PERCENT": "0"})
    assert made.kinds == ["started", "advance-intended", "advance-failed"]
    assert made.state.status is Status.NOT_STARTED
    made.targets["web"].fails = set()
    assert made.advance().exit_code == 0
    assert (made.targets["web"].held, made.targets["api"].held) == ({"ON": "true"}, {"PERCENT": "20"})


def test_after_a_first_advance_that_was_put_back_the_flags_may_be_edited() -> None:
    made = two_targets()
    made.targets["web"].fails = {"write"}
    made.advance()
    made.targets["web"].fails = set()
    made.targets["api"].held = {"PERCENT": "1"}
    assert made.advance().exit_code == 0
    assert {slot.flag: value for slot, value in made.state.found.items()} == {"ON": False, "PERCENT": 1}


def test_after_a_later_advance_failed_the_step_before_still_stands() -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY)
    made.target.fails = {"write"}
    assert made.advance().exit_code == 8
    state = made.state
    assert (state.status, state.position, state.pending) == (Status.IN_PROGRESS, Position("limited", 1), None)
    made.target.fails = set()
    assert made.advance().exit_code == 0


def test_a_target_that_accepts_and_does_not_hold_is_not_believed() -> None:
    made = checkout().advanced(1)
    made.target.lies = True
    result = made.advance()
    assert (result.outcome, result.exit_code, result.restored) == (AdvanceOutcome.FAILED, 8, True)
    assert "not read back" in str(result.failure)
    assert made.target.held == {"ON": "false", "PERCENT": "0"}


def test_what_cannot_be_read_back_is_put_back_and_nobody_claims_that_it_was() -> None:
    made = checkout().advanced(1)
    made.target.fails = {"read-back"}
    result = made.advance()
    assert (result.exit_code, result.restored) == (8, False)
    assert made.target.held == {"ON": "false", "PERCENT": "0"}
    assert made.events[-1].data["restored"] is False


def test_what_cannot_be_put_back_is_said_and_blocks_the_next_advance() -> None:
    made = two_targets()
    made.targets["web"].fails = {"write"}
    made.targets["api"].after_write = lambda: made.targets["api"].fails.add("write")
    result = made.advance()
    assert (result.exit_code, result.restored) == (8, False)
    assert [(change.slot.flag, change.verified) for change in result.changes] == [("PERCENT", True), ("ON", False)]
    for target in made.targets.values():
        target.fails.clear()
    assert "is not complete" in made.refuses(ConflictError).message
    assert made.rollback().exit_code == 0
    assert made.targets["api"].held == {"PERCENT": "0"}
    assert {slot.flag: value for slot, value in made.state.found.items()} == {"ON": False, "PERCENT": 0}


def test_what_somebody_else_changed_between_read_and_write_is_a_conflict_and_stays_theirs() -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY)
    made.target.before_write = lambda: made.target.held.update(PERCENT="0")
    result = made.advance()
    assert (result.outcome, result.exit_code) == (AdvanceOutcome.FAILED, 7)
    assert made.target.held == {"ON": "true", "PERCENT": "0"}
    made.target.before_write = nothing
    assert "PERCENT at api is 0, recorded is 20" in made.refuses(ConflictError).message


def test_a_conflict_at_one_target_puts_the_others_back() -> None:
    made = two_targets()
    made.targets["web"].before_write = lambda: made.targets["web"].held.update(ON="maybe")
    result = made.advance()
    assert (result.exit_code, result.restored) == (7, True)
    assert (made.targets["web"].held, made.targets["api"].held) == ({"ON": "maybe"}, {"PERCENT": "0"})


def test_a_conflict_is_a_failure_where_the_others_cannot_be_put_back() -> None:
    made = two_targets()
    made.targets["web"].before_write = lambda: made.targets["web"].held.update(ON="maybe")
    made.targets["api"].after_write = lambda: made.targets["api"].fails.add("write")
    result = made.advance()
    assert (result.exit_code, result.restored) == (8, False)
    assert made.targets["api"].held == {"PERCENT": "20"}


def test_putting_back_never_overwrites_what_an_emergency_has_set_meanwhile() -> None:
    made = two_targets()
    made.targets["api"].held = {"PERCENT": "10"}

    def emergency() -> None:
        made.targets["web"].before_write = nothing
        made.rollback("emergency", "bob")
        made.targets["web"].fails = {"write"}

    made.targets["web"].before_write = emergency
    with pytest.raises(ChangeError, match=r"web: write failed; bob was faster"):
        made.advance()
    assert (made.targets["web"].held, made.targets["api"].held) == ({"ON": "false"}, {"PERCENT": "0"})
    assert made.state.status is Status.ROLLED_BACK


def test_what_was_changed_and_cannot_be_recorded_is_said() -> None:
    made = checkout().advanced(1)
    made.target.after_write = lambda: made.store.fails.add("append")
    with pytest.raises(ChangeError, match="could not be recorded") as caught:
        made.advance()
    assert caught.value.exit_code == 8
    assert "recover" in caught.value.hint
    assert made.state.pending is not None


def test_a_failure_that_cannot_be_recorded_either_is_not_hidden() -> None:
    made = two_targets()
    made.targets["web"].fails = {"write"}
    made.targets["web"].before_write = lambda: made.store.fails.add("append")
    with pytest.raises(ChangeError, match=r"web: write failed; every value is as it was before.*cannot append"):
        made.advance()
    assert made.targets["api"].held == {"PERCENT": "0"}
    assert made.state.pending is not None


def test_without_a_record_nothing_is_changed() -> None:
    made = checkout().advanced(1)
    made.store.fails = {"append"}
    assert made.refuses(StoreError).exit_code == 8


@pytest.mark.parametrize(("spiking", "exit_code"), [(0.0, 3), (0.5, 6)])
def test_a_refusal_that_cannot_be_recorded_is_still_one(spiking: float, exit_code: int) -> None:
    made = checkout().advanced(2)
    made.source.answers.update({"errors": 0.5, "spike": spiking})
    made.store.fails = {"append"}
    assert made.advance().exit_code == exit_code


def test_an_interruption_in_the_middle_of_a_write_leaves_the_intent_open() -> None:
    made = checkout().advanced(1)

    def interrupt() -> None:
        raise KeyboardInterrupt

    made.target.after_write = interrupt
    with pytest.raises(ChangeError, match="interrupted") as caught:
        made.advance()
    assert caught.value.exit_code == 8
    assert made.kinds[-1] == "advance-intended"
    made.target.after_write = nothing
    pending = made.status().state.pending
    assert pending is not None
    assert (pending.kind, pending.aim) == ("advance", Position("limited", 1))
    error = made.refuses(ConflictError)
    assert "ann" in error.message
    assert made.rollback().exit_code == 0
    assert made.target.held == {"ON": "false", "PERCENT": "0"}


def test_an_interruption_at_the_question_changes_nothing() -> None:
    made = checkout().advanced(1)

    def interrupt(_: Advance) -> bool:
        raise KeyboardInterrupt

    events = made.kinds
    with pytest.raises(KeyboardInterrupt):
        made.advance(confirm=interrupt)
    assert (made.kinds, made.target.writes) == (events, [])


def test_an_interrupted_rollback_of_a_complete_rollout_is_not_complete() -> None:
    made = workbench(make_plan(phase("one", step(ON=True)))).advanced(2)
    made.target.after_write = lambda: setattr(made.store, "before_append", interrupt)
    with pytest.raises(ChangeError):
        made.rollback("emergency")
    made.target.after_write = nothing
    assert made.refuses(ConflictError).exit_code == 7
