"""What a crash left half done is undone or finished, by whoever comes next, and never over somebody else's value."""

from __future__ import annotations

import pytest

from rollout.model.events import first_broken
from rollout.model.plan import Level
from rollout.model.state import Status
from rollout.operations.recover import RecoveryOutcome
from tests.fakes import ROLLOUT, nothing
from tests.killing import argvs, at, held, killed
from tests.small_plans import commands
from tests.workbench import KilledError, Workbench, busy, kill

PLACES = [
    "backup",
    "before-write api",
    "after-write api",
    "before-write web",
    "after-write web",
    "restart-api",
    "restart-web",
    "health",
    "warm",
    "record warm",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_first_advance_that_was_killed_leaves_nothing_behind(place: str) -> None:
    made = busy()
    killed(made, place, made.advance)
    assert made.kinds == ["started", "advance-intended"]
    result = made.recover("bob")
    assert (result.outcome, result.exit_code, result.by) == (RecoveryOutcome.UNDONE, 0, "ann")
    assert held(made) == ("false", "0")
    assert made.kinds[-2:] == ["recovering", "advance-failed"]
    state = made.state
    assert (state.status, state.pending, state.begun) == (Status.NOT_STARTED, None, False)
    assert not made.status().plan_changed
    assert made.advance().exit_code == 0


@pytest.mark.parametrize("place", ["before-write api", "after-write api", "restart-api", "warm", "record warm"])
def test_a_later_advance_that_was_killed_is_taken_back_and_brought_into_effect(place: str) -> None:
    made = busy(steps=1)
    killed(made, place, made.advance)
    ran = len(made.runner.ran)
    result = made.recover("bob")
    assert (result.outcome, result.kind, str(result.aim)) == (RecoveryOutcome.UNDONE, "advance", "one/2")
    assert (held(made), argvs(made)[ran:]) == (("true", "20"), ["restart-api"])
    assert (made.state.status, str(made.state.position)) == (Status.IN_PROGRESS, "one/1")
    assert first_broken(ROLLOUT, made.events) is None
    assert made.advance().exit_code == 0


def test_the_commands_of_a_recovery_know_the_change_and_their_output_is_kept() -> None:
    made = busy(steps=1)
    killed(made, "warm", made.advance)
    op = made.events[-1].data["op"]
    made.recover()
    assert made.runner.contexts[-1]["ROLLOUT_OP_ID"] == op
    assert made.events[-1].data["op"] == op
    rows = made.events[-1].data["commands"]
    assert isinstance(rows, list)
    assert [row["output"] for row in rows] == ["restart-api was here"]


@pytest.mark.parametrize("place", ["before-write web", "after-write web", "restart-web"])
def test_one_that_was_killed_while_putting_back_is_put_back(place: str) -> None:
    made = busy()
    made.runner.fails = {"warm"}

    def dies_now() -> None:
        at(made, place, kill)

    made.runner.while_running["warm"] = dies_now
    with pytest.raises(KilledError):
        made.advance()
    at(made, place, nothing)
    made.runner.while_running.clear()
    assert made.recover().exit_code == 0
    assert (held(made), made.state.status) == (("false", "0"), Status.NOT_STARTED)


@pytest.mark.parametrize("percent", ["20", "50"])
def test_a_recovery_that_was_killed_itself_is_recovered(percent: str) -> None:
    made = busy(steps=1)
    killed(made, "warm", made.advance)
    killed_recovery(made)
    made.targets["api"].held = {"PERCENT": percent}  # it got as far as that
    result = made.recover("eve")
    assert (result.exit_code, held(made)) == (0, ("true", "20"))
    assert made.kinds[-3:] == ["recovering", "recovering", "advance-failed"]


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
AFTER = {
    "slow": (("false", "10"), "two/1", "two/1", ["purge", "scale 0"]),
    "back": (("true", "20"), "one/1", "one/1", ["cool 2", "cool 2b"]),
    "emergency": (("false", "0"), "two/1", "None", ["cool 2", "cool 2b", "cool 1", "purge", "scale 0"]),
    "": (("true", "20"), "one/1", "one/1", ["cool 2", "cool 2b"]),
}


@pytest.mark.parametrize("level", AFTER)
@pytest.mark.parametrize("unwritten", ["", "web", "api"])
def test_a_rollback_that_was_killed_is_finished(level: str, unwritten: str) -> None:
    made = busy(*LEVELS, steps=3)
    before = {name: dict(target.held) for name, target in made.targets.items()}
    killed(made, "health", lambda: made.rollback(level, reason="broken"))
    if unwritten:  # as if it had died before that write
        made.targets[unwritten].held = before[unwritten]
    ran = len(made.runner.ran)
    result = made.recover("bob")
    values, position, restart, ran_then = AFTER[level]
    assert (result.outcome, result.exit_code, result.kind) == (RecoveryOutcome.FINISHED, 0, "rollback")
    assert held(made) == values
    assert (str(made.state.position), str(made.state.restart), made.state.level) == (position, restart, level)
    assert [argv for argv in argvs(made)[ran:] if not argv.startswith(("restart", "kill"))] == ran_then
    assert made.state.status is Status.ROLLED_BACK
    assert made.events[-1].data["reason"] == "broken"


@pytest.mark.parametrize("place", ["purge", "page", "scale", "record scale"])
def test_a_rollback_that_was_killed_in_the_middle_of_its_commands_is_finished(place: str) -> None:
    made = busy(*LEVELS, steps=3)
    killed(made, place, lambda: made.rollback("slow"))
    result = made.recover()
    assert (result.exit_code, held(made), made.state.pending) == (0, ("false", "10"), None)
    assert "Open an incident" in result.left_to_do
    assert argvs(made)[-1] == "scale 0"


def test_what_may_run_only_once_is_not_run_again_and_left_to_a_person() -> None:
    made = busy(*LEVELS, steps=3)
    killed(made, "purge", lambda: made.rollback("slow"))  # nobody knows whether `page` was run
    result = made.recover()
    assert "page" not in argvs(made)
    assert any("page" in line for line in result.left_to_do)


def test_an_advance_never_repeats_anything_of_the_step_when_it_is_taken_back() -> None:
    made = busy()
    killed(made, "warm", made.advance)
    made.recover()
    assert argvs(made).count("backup all") == argvs(made).count("warm 1") == 1
