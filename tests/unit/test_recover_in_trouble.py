"""A recovery that meets somebody else, or a target, a store or a command that fails."""

from __future__ import annotations

import pytest

from rollout.errors import ChangeError, ConflictError, StoreError, TargetError
from rollout.model.plan import Level
from rollout.operations.recover import RecoveryOutcome, recover
from rollout.ports import Fate
from tests.fakes import nothing
from tests.killing import argvs, held, killed
from tests.small_plans import commands
from tests.workbench import busy, checkout, with_pending

LEVELS = (
    Level(
        "slow",
        set={"ON": False, "PERCENT": 10},
        run=(*commands("purge"), *commands("page", once=True)),
        verify=("health",),
        then=commands("scale 0"),
        instructions=("Open an incident",),
        restart="here",
    ),
    Level("back", to="one/1"),
    Level("emergency", run=commands("purge"), then=commands("scale 0"), instructions=("Open an incident",)),
)


@pytest.mark.parametrize("force", [False, True])
def test_somebody_elses_value_stays_unless_it_is_forced(force: bool) -> None:
    made = busy(steps=1)
    killed(made, "warm", made.advance)
    made.targets["api"].held = {"PERCENT": "33"}
    if force:
        assert made.recover(force=True).exit_code == 0
        assert (held(made), made.state.pending) == (("true", "20"), None)
        return
    with pytest.raises(ConflictError, match="PERCENT at api") as caught:
        made.recover()
    assert "--force" in caught.value.hint
    assert held(made) == ("true", "33")
    assert made.state.pending is not None
    made.targets["api"].held = {"PERCENT": "50"}
    assert made.recover().exit_code == 0
    assert held(made) == ("true", "20")


def test_then_is_not_run_while_somebody_elses_value_stands() -> None:
    made = busy(*LEVELS, steps=3)
    killed(made, "health", lambda: made.rollback("slow"))
    made.targets["api"].held = {"PERCENT": "33"}
    with pytest.raises(ConflictError):
        made.recover()
    assert "scale 0" not in argvs(made)
    assert held(made) == ("false", "33")
    made.targets["api"].held = {"PERCENT": "10"}
    assert made.recover().exit_code == 0
    assert argvs(made)[-1] == "scale 0"


def test_finishing_a_rollback_by_force_leads_no_further_from_safe() -> None:
    made = busy(*LEVELS, steps=3)
    killed(made, "health", lambda: made.rollback("slow"))
    made.targets["api"].held = {"PERCENT": "5"}  # by hand, in a hurry
    assert made.recover(force=True).exit_code == 0
    assert held(made) == ("false", "5")


@pytest.mark.parametrize("level", ["slow", "emergency"])
def test_a_target_that_cannot_be_read_stops_no_other_and_the_change_stays_open(level: str) -> None:
    made = busy(*LEVELS, steps=3)
    killed(made, "health", lambda: made.rollback(level))
    made.targets["api"].fails = {"read"}
    made.targets["web"].held = {"ON": "true"}
    with pytest.raises(TargetError):
        made.recover()
    assert (made.targets["web"].held, made.kinds[-1]) == ({"ON": "false"}, "recovering")
    made.targets["api"].fails = set()
    assert made.recover().exit_code == 0


@pytest.mark.parametrize("trouble", ["write", "restart-api"])
def test_what_could_not_be_confirmed_stays_open(trouble: str) -> None:
    made = busy(steps=1)
    killed(made, "warm", made.advance)
    made.targets["api"].fails = {trouble}
    made.runner.fails = {trouble}
    result = made.recover()
    assert (result.outcome, result.exit_code) == (RecoveryOutcome.FAILED, 8)
    assert "api" in result.failures[0]
    assert made.kinds[-1] == "recovering"
    made.targets["api"].fails = made.runner.fails = set()
    assert made.recover().exit_code == 0
    assert held(made) == ("true", "20")


def test_a_target_that_lies_is_not_believed() -> None:
    made = busy(steps=1)
    killed(made, "warm", made.advance)
    made.targets["api"].lies = True
    assert made.recover().exit_code == 8
    assert made.state.pending is not None


@pytest.mark.parametrize(
    ("fate", "hint"),
    [(Fate.ALIVE, "wait for its end"), (Fate.STOPPED, "rollback --emergency"), (Fate.UNKNOWN, "unlock --reason")],
)
def test_while_somebody_may_be_at_it_nothing_is_recovered(fate: Fate, hint: str) -> None:
    made = with_pending(checkout().advanced(1))
    made.machine.fates = {7: fate}
    before, events = dict(made.target.held), made.kinds
    with pytest.raises(ConflictError) as caught:
        made.recover()
    assert hint in caught.value.hint
    assert (made.target.held, made.kinds) == (before, events)


def test_after_an_unlock_it_is_recovered() -> None:
    made = with_pending(checkout().advanced(1))
    made.machine.fates = {7: Fate.UNKNOWN}
    made.unlock("eve")
    assert made.recover().exit_code == 0
    assert made.kinds[-3:] == ["unlocked", "recovering", "advance-failed"]


def test_while_one_recovers_no_other_does() -> None:
    made = with_pending(checkout().advanced(1))
    made.target.held = {"ON": "true", "PERCENT": "20"}
    refused = []

    def meanwhile() -> None:
        made.target.before_write = nothing
        made.machine.fates = {1: Fate.ALIVE}
        with pytest.raises(ConflictError) as caught:
            made.recover("eve")
        refused.append(caught.value.message)

    made.target.before_write = meanwhile
    assert made.recover("bob").exit_code == 0
    assert "bob is at it" in refused[0]
    assert made.kinds.count("recovering") == 1


def test_of_two_that_begin_at_once_one_wins() -> None:
    made = with_pending(checkout().advanced(1))
    desks = [made.desk("bob"), made.desk("eve")]
    assert recover(desks[0]).exit_code == 0
    with pytest.raises(ConflictError, match="bob was faster"):
        recover(desks[1])
    assert made.kinds.count("recovering") == 1


def test_where_nothing_was_interrupted_nothing_is_recorded() -> None:
    made = checkout().advanced(2)
    events = made.kinds
    result = made.recover()
    assert (result.outcome, result.exit_code, made.kinds) == (RecoveryOutcome.NOTHING, 0, events)
    assert made.target.held == {"ON": "true", "PERCENT": "20"}


def test_without_the_record_nothing_is_recovered() -> None:
    made = with_pending(checkout().advanced(1))
    made.target.held = {"ON": "true", "PERCENT": "20"}
    made.store.fails = {"append"}
    with pytest.raises(StoreError):
        made.recover()
    assert made.target.held == {"ON": "true", "PERCENT": "20"}


def test_what_was_recovered_and_cannot_be_recorded_is_said() -> None:
    made = busy(steps=1)
    killed(made, "warm", made.advance)
    made.runner.while_running["restart-api"] = lambda: made.store.fails.add("append")
    with pytest.raises(ChangeError, match="could not be recorded"):
        made.recover()
    made.runner.while_running.clear()
    made.store.fails.clear()
    assert made.recover().exit_code == 0


def test_an_interruption_leaves_it_open() -> None:
    made = busy(steps=1)
    killed(made, "warm", made.advance)

    def interrupted() -> None:
        raise KeyboardInterrupt

    made.store.before_append = nothing
    made.targets["api"].after_write = lambda: setattr(made.store, "before_append", interrupted)
    with pytest.raises(ChangeError, match="interrupted"):
        made.recover()
    made.targets["api"].after_write = nothing
    assert made.recover().exit_code == 0
