"""An emergency asks nobody, and goes on whatever else is broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rollout.errors import ChangeError, ConflictError, StoreError, TargetError
from rollout.model.changes import Slot
from rollout.model.state import Position, RolloutState, Status
from rollout.operations.rollback import RollbackOutcome, rollback
from rollout.ports import Fate
from tests.fakes import FakeTarget, nothing
from tests.small_plans import ALLOW, ON, make_plan, phase, step
from tests.workbench import DAY, checkout, full_rollout, held_by_each, no, three_targets, with_pending, workbench


def test_an_emergency_sets_every_safe_value_and_asks_nobody() -> None:
    made = full_rollout()
    result = made.rollback("emergency", confirm=lambda _: pytest.fail("asked"))
    assert (result.exit_code, result.level.name) == (0, "emergency")
    assert made.target.held == {"ON": "false", "PERCENT": "0", "ALLOW": "a,,b"}
    assert (made.state.status, made.state.position, made.state.restart) == (
        Status.ROLLED_BACK,
        Position("full", 1),
        None,
    )


def test_a_target_that_fails_stops_no_other_and_its_command_is_left_to_do() -> None:
    for level in ("emergency", ""):
        made = three_targets()
        made.targets["a"].fails = {"write"}
        result = made.rollback(level)
        assert (result.outcome, result.exit_code, result.verified) == (RollbackOutcome.FAILED, 8, False)
        assert result.left_to_do == ("set-by-hand a PERCENT=0",)
        assert result.failures == ("a: a: write failed",)
        assert held_by_each(made) == ["20", "false", "0"]
        assert made.kinds[-1] == "rollback-failed"
        assert made.state.status is Status.ROLLED_BACK
        assert made.state.settings[Slot("PERCENT", "a", "PERCENT")] == 0  # what shall stand, so that it shows as drift
        assert [(change.slot.target, change.after) for change in made.status().drift] == [("a", 20)]


def test_an_emergency_goes_on_where_a_target_cannot_be_read() -> None:
    made = three_targets()
    made.targets["b"].fails = {"read"}
    result = made.rollback("emergency")
    assert result.exit_code == 8
    assert result.left_to_do == ("set-by-hand b ON=false",)
    assert held_by_each(made) == ["0", "false", "0"]  # written all the same, and not believed


def test_any_other_rollback_stops_before_a_target_that_cannot_be_read() -> None:
    made = three_targets()
    made.targets["b"].fails = {"read"}
    events = made.kinds
    with pytest.raises(TargetError):
        made.rollback()
    assert (held_by_each(made), made.kinds) == (["20", "true", "20"], events)


def test_what_is_accepted_and_not_held_is_not_believed() -> None:
    made = three_targets()
    made.targets["b"].lies = True
    result = made.rollback("emergency")
    assert (result.exit_code, result.left_to_do) == (8, ("set-by-hand b ON=false",))
    assert [change.verified for change in result.changes] == [True, True, False]


def test_bools_are_written_first() -> None:
    made = three_targets()
    order: list[str] = []

    def note(name: str, target: FakeTarget) -> None:
        target.before_write = lambda: order.append(name)

    for name, target in made.targets.items():
        note(name, target)
    made.rollback("emergency")
    assert order == ["b", "a", "c"]


@pytest.mark.parametrize("trouble", [{"append"}, {"read", "append"}])
def test_an_emergency_goes_on_where_nothing_can_be_recorded(trouble: set[str]) -> None:
    made = full_rollout()
    made.store.fails = trouble
    result = made.rollback("emergency")
    assert (result.outcome, result.exit_code) == (RollbackOutcome.ROLLED_BACK, 0)
    assert (result.verified, result.recorded) == (True, False)
    assert made.target.held["ON"] == "false"
    assert any("not recorded" in text for text in made.said)


def test_an_emergency_goes_on_where_the_record_ends_in_the_middle() -> None:
    made = full_rollout()
    made.target.after_write = lambda: made.store.fails.update({"read", "append"})
    result = made.rollback("emergency")
    assert (result.exit_code, result.recorded) == (0, False)


def test_an_emergency_without_any_state_still_sets_safe_values() -> None:
    made = full_rollout()
    made.store.fails = {"read", "append"}
    result = rollback(made.desk(state=RolloutState()), level="emergency", confirm=no)
    assert result.exit_code == 0
    assert made.target.held == {"ON": "false", "PERCENT": "0", "ALLOW": "a,,b"}


def test_any_other_rollback_needs_the_record() -> None:
    made = full_rollout()
    before = dict(made.target.held)
    made.store.fails = {"append"}
    with pytest.raises(StoreError):
        made.rollback()
    assert made.target.held == before


def test_an_emergency_goes_on_where_somebody_else_is_faster() -> None:
    made = full_rollout(steps=3)
    made.store.before_append = lambda: made.advanced(1)
    result = made.rollback("emergency", "bob")
    assert (result.exit_code, result.recorded) == (0, True)
    assert (made.target.held["ON"], made.target.held["PERCENT"]) == ("false", "0")
    assert made.kinds[-3:] == ["advanced", "rollback-intended", "rolled-back"]
    assert made.state.status is Status.ROLLED_BACK


def test_an_emergency_that_overtakes_the_first_advance_keeps_what_that_one_found() -> None:
    made = full_rollout(steps=0)
    made.store.before_append = lambda: made.advanced(2)
    result = made.rollback("emergency", "bob")
    assert (result.exit_code, result.recorded) == (0, True)
    assert made.target.held == {"ON": "false", "PERCENT": "0", "ALLOW": "a,,b"}
    assert made.kinds.count("started") == 1
    assert {slot.flag: setting for slot, setting in made.state.found.items()}["PERCENT"] == 0


def test_any_other_rollback_gives_way_to_whoever_was_faster() -> None:
    made = full_rollout(steps=3)
    made.store.before_append = lambda: made.advanced(1)
    with pytest.raises(ConflictError, match="ann was faster"):
        made.rollback(who="bob")
    assert made.target.held["PERCENT"] == "100"


@pytest.mark.parametrize("place", ["a", "c", "b"])
def test_an_advance_that_an_emergency_overtakes_finds_out_and_exposes_nothing(place: str) -> None:
    made = three_targets()
    made.rollback("emergency")

    def overtake() -> None:
        made.targets[place].after_write = nothing
        assert made.rollback("emergency", "bob").exit_code == 0

    made.targets[place].after_write = overtake
    with pytest.raises(ChangeError, match="bob was faster"):
        made.advance(reason="again")
    assert held_by_each(made) == ["0", "false", "0"]
    assert made.state.status is Status.ROLLED_BACK


def test_a_write_that_lands_after_the_emergency_ends_at_what_the_emergency_set() -> None:
    made = checkout(ON="false", PERCENT="0").advanced(2)  # limited/1: exposed, and so is the value before
    made.clock.advance(DAY)
    emergencies = []

    def overtake() -> None:
        made.target.after_write = nothing
        late = dict(made.target.held)
        emergencies.append(made.rollback("emergency", "bob"))
        made.target.held = late  # as a rename that was held up lands, whoever has written meanwhile

    made.target.after_write = overtake
    with pytest.raises(ChangeError):
        made.advance()
    assert [result.exit_code for result in emergencies] == [0]
    assert (made.target.held["ON"], made.target.held["PERCENT"]) == ("false", "0")


def test_an_advance_that_is_under_way_is_overtaken_and_everything_is_looked_at_again_when_it_has_ended() -> None:
    made = with_pending(full_rollout(steps=3))
    made.machine.fates = {7: Fate.ALIVE}
    late = iter(["35"])

    def it_writes_once_more_and_ends(_: float) -> None:
        made.target.held["PERCENT"] = next(late)
        made.machine.fates = {}

    made.clock.while_sleeping = it_writes_once_more_and_ends
    assert made.rollback("emergency").exit_code == 0
    assert (made.target.held["PERCENT"], made.machine.stripped, made.machine.ended) == ("0", [7], [])


def test_one_that_does_not_end_is_killed_after_five_seconds() -> None:
    made = with_pending(full_rollout(steps=3))
    made.machine.fates = {7: Fate.ALIVE}
    before = made.clock.now()
    assert made.rollback("emergency").exit_code == 0
    assert made.clock.now() - before >= timedelta(seconds=5)
    assert made.machine.ended == [7]


def test_one_that_was_stopped_is_killed_before_anything_is_written() -> None:
    made = with_pending(full_rollout(steps=3))
    made.machine.fates = {7: Fate.STOPPED}
    made.target.before_write = lambda: made.said.append(f"killed: {made.machine.ended}")
    assert made.rollback("emergency").exit_code == 0
    assert [line for line in made.said if "killed" in line] == ["killed: [7]"]


def test_a_flag_without_a_safe_value_is_left_alone_in_an_emergency() -> None:
    plan = make_plan(phase("one", step(ON=True, ALLOW=("a",))), flags=(replace(ON, safe=None), ALLOW))
    made = workbench(plan).advanced(1)
    result = made.rollback("emergency")
    assert (result.exit_code, result.changes) == (0, ())
    assert made.target.held == {"ON": "true", "ALLOW": "a"}
