"""Whoever is overtaken ends at what the other has set, however late its own write lands."""

from __future__ import annotations

import pytest

from rollout.errors import ChangeError, ConflictError
from rollout.model.plan import Level
from rollout.model.state import Status
from rollout.ports import Fate
from tests.fakes import FakeMachine, nothing
from tests.killing import held, killed
from tests.small_plans import commands
from tests.workbench import KilledError, Workbench, busy, kill


def killed_recovery(made: Workbench) -> None:
    made.targets["api"].after_write = lambda: setattr(made.store, "before_append", kill)
    with pytest.raises(KilledError):
        made.recover()
    made.targets["api"].after_write = made.store.before_append = nothing
    assert made.kinds[-1] == "recovering"


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


def late_after_an_emergency(made: Workbench, name: str) -> None:
    """The next write to the target lands once the emergency is over, as a rename that was held up."""
    target = made.targets[name]

    def overtake() -> None:
        target.after_write = nothing
        late = dict(target.held)
        machine, made.machine = made.machine, FakeMachine(9)  # on another machine, out of its sight
        made.machine.fates = {1: Fate.UNKNOWN}
        assert made.rollback("emergency", "bob").exit_code == 0
        made.machine = machine
        target.held = late

    target.after_write = overtake


def test_a_late_write_of_a_recovery_ends_at_what_an_emergency_has_set() -> None:
    made = busy(steps=1)
    killed(made, "warm", made.advance)
    late_after_an_emergency(made, "api")
    with pytest.raises((ChangeError, ConflictError), match="bob was faster"):
        made.recover("ann")
    assert held(made) == ("false", "0")
    assert (made.state.status, made.status().drift) == (Status.ROLLED_BACK, ())


@pytest.mark.parametrize("level", ["slow", "back"])
def test_a_late_write_of_a_rollback_ends_at_what_an_emergency_has_set(level: str) -> None:
    made = busy(*LEVELS, steps=3)
    late_after_an_emergency(made, "api")
    with pytest.raises((ChangeError, ConflictError), match="bob was faster"):
        made.rollback(level, "ann")
    assert held(made) == ("false", "0")
    assert (made.state.status, made.status().drift) == (Status.ROLLED_BACK, ())


@pytest.mark.parametrize("steps", [0, 1])
def test_a_late_write_of_an_advance_that_was_recovered_meanwhile_is_taken_back(steps: int) -> None:
    made = busy(steps=steps)
    target = made.targets["api"]
    before = held(made)

    def recovered() -> None:
        target.after_write = nothing
        late = dict(target.held)
        assert made.recover("bob").exit_code == 0
        target.held = late

    target.after_write = recovered
    with pytest.raises(ChangeError, match="bob was faster"):
        made.advance()
    assert held(made) == before
    assert made.state.pending is None


def test_a_late_write_of_an_advance_leaves_alone_what_another_advance_is_changing() -> None:
    made = busy(steps=1)
    target = made.targets["api"]

    def recovered() -> None:
        target.after_write = nothing
        assert made.recover("bob").exit_code == 0
        made.targets["api"].after_write = lambda: kill_once(made)
        with pytest.raises(KilledError):
            made.advance("eve")

    target.after_write = recovered
    with pytest.raises((ChangeError, ConflictError), match="was faster"):
        made.advance()
    assert held(made) == ("true", "50")  # eve's, who is at it
    pending = made.state.pending
    assert pending is not None
    assert pending.actor == "eve"


def kill_once(made: Workbench) -> None:
    made.targets["api"].after_write = nothing
    kill()


def test_an_emergency_overtakes_a_recovery_that_is_under_way() -> None:
    made = busy(steps=1)
    killed(made, "warm", made.advance)
    killed_recovery(made)
    made.machine.fates = {1: Fate.ALIVE}
    assert made.rollback("emergency", "bob").exit_code == 0
    assert made.machine.ended == [1]
    assert (held(made), made.state.pending) == (("false", "0"), None)
