"""Breaking the lock that somebody left: by a person, with a reason, and never under a living process."""

from __future__ import annotations

import pytest

from rollout.errors import ConflictError, StoreError, UsageError
from rollout.operations.unlock import unlock
from rollout.ports import Fate
from tests.workbench import Workbench, checkout, with_pending


def left_by(fate: Fate) -> Workbench:
    made = with_pending(checkout().advanced(1))
    made.machine.fates = {7: fate}
    return made


@pytest.mark.parametrize("fate", [Fate.UNKNOWN, Fate.GONE])
def test_a_lock_whose_holder_is_out_of_sight_or_gone_is_broken_and_recorded(fate: Fate) -> None:
    made = left_by(fate)
    result = made.unlock("eve", "its machine burnt down")
    assert "bob" in result.released
    assert (made.kinds[-1], made.events[-1].actor) == ("unlocked", "eve")
    assert made.events[-1].data["reason"] == "its machine burnt down"
    assert made.state.pending is not None
    assert made.state.pending.released
    assert made.refuses(ConflictError).hint.startswith("`rollout recover`")


@pytest.mark.parametrize("fate", [Fate.ALIVE, Fate.STOPPED])
def test_a_lock_whose_holder_is_there_is_not(fate: Fate) -> None:
    made = left_by(fate)
    events = made.kinds
    with pytest.raises(ConflictError, match="bob") as caught:
        made.unlock()
    assert "process 7" in caught.value.hint
    assert made.kinds == events


@pytest.mark.parametrize("reason", ["", "  "])
def test_it_needs_a_reason(reason: str) -> None:
    made = left_by(Fate.UNKNOWN)
    with pytest.raises(UsageError):
        made.unlock(reason=reason)


def test_where_nothing_is_locked_nothing_is_recorded() -> None:
    made = checkout().advanced(1)
    events = made.kinds
    assert (made.unlock().released, made.kinds) == ("", events)
    made = left_by(Fate.UNKNOWN)
    made.unlock()
    events = made.kinds
    assert (made.unlock().released, made.kinds) == ("", events)


def test_of_two_one_wins() -> None:
    made = left_by(Fate.UNKNOWN)
    desks = [made.desk("ann"), made.desk("eve")]
    unlock(desks[0], "gone")
    with pytest.raises(ConflictError, match="ann was faster"):
        unlock(desks[1], "gone")


def test_it_needs_the_record() -> None:
    made = left_by(Fate.UNKNOWN)
    made.store.fails = {"append"}
    with pytest.raises(StoreError):
        made.unlock()


def test_whoever_was_unlocked_by_mistake_finds_out_and_puts_everything_back() -> None:
    made = checkout().advanced(1)

    def unlocked() -> None:
        made.machine.fates = {1: Fate.UNKNOWN}
        made.unlock("eve")
        made.target.after_write = lambda: None

    made.target.after_write = unlocked
    with pytest.raises(Exception, match="eve was faster"):
        made.advance()
    assert made.target.held == {"ON": "false", "PERCENT": "0"}
    made.machine.fates = {}
    assert made.recover().exit_code == 0
