"""An emergency, and any other rollback, whatever is in its way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rollout.errors import ChangeError, ConflictError
from rollout.model.plan import EMERGENCY, Level
from rollout.model.state import Position, Status
from rollout.operations.pause import pause
from rollout.operations.rollback import RollbackOutcome
from rollout.ports import Fate
from tests.fakes import nothing
from tests.small_plans import commands, spike
from tests.workbench import Workbench, busy, full_rollout, with_pending, yes


def held(made: Workbench) -> tuple[str | None, str | None]:
    return made.target.held.get("ON"), made.target.held.get("PERCENT")


@pytest.mark.parametrize("times", [1, 4])
def test_an_emergency_is_recorded_behind_whatever_others_record_meanwhile(times: int) -> None:
    made = full_rollout(steps=3)
    left = [times]

    def somebody_ticks() -> None:
        if left[0]:
            left[0] -= 1
            pause(made.desk("eve"), "wait", everything=left[0] % 2 == 0)
            made.store.before_append = somebody_ticks

    made.store.before_append = somebody_ticks
    result = made.rollback(EMERGENCY, "bob")
    assert (result.exit_code, result.recorded) == (0, True)
    assert made.state.status is Status.ROLLED_BACK


def test_what_could_not_be_recorded_is_kept_and_what_could_not_even_be_kept_is_left_to_do() -> None:
    made = full_rollout()
    made.store.fails = {"append"}
    result = made.rollback(EMERGENCY)
    assert (result.exit_code, result.recorded, result.spooled) == (0, False, "store.db-spool-1")
    assert [draft.kind for draft in made.keepsakes.spooled[0]] == ["rollback-intended", "rolled-back"]
    made = full_rollout()
    made.store.fails, made.keepsakes.fails = {"append"}, True
    result = made.rollback(EMERGENCY)
    assert (result.exit_code, result.recorded, result.spooled) == (0, False, "")
    assert any('"kind": "rolled-back"' in line for line in result.left_to_do)


def test_an_intent_that_was_recorded_is_not_kept_twice() -> None:
    made = full_rollout()
    made.target.after_write = lambda: made.store.fails.add("append")
    result = made.rollback(EMERGENCY)
    assert (result.recorded, [draft.kind for draft in made.keepsakes.spooled[0]]) == (False, ["rolled-back"])


def test_an_intent_that_could_be_recorded_only_later_is_recorded_with_its_end() -> None:
    made = full_rollout()
    made.store.fails = {"append"}
    made.target.after_write = made.store.fails.clear
    result = made.rollback(EMERGENCY)
    assert (result.recorded, made.kinds[-2:]) == (True, ["rollback-intended", "rolled-back"])


def test_an_emergency_remembers_whom_it_overtakes_where_the_store_dies_meanwhile() -> None:
    """Somebody begins an advance, the emergency learns of it, and then nothing can be recorded any more."""
    made = full_rollout(steps=3)

    def begins() -> None:
        with_pending(made)
        made.machine.fates = {7: Fate.ALIVE}
        made.store.before_append = lambda: made.store.fails.add("append")

    made.store.before_append = begins
    assert made.rollback(EMERGENCY, "ann").exit_code == 0
    assert made.machine.stripped == [7]


@pytest.mark.parametrize(
    ("fate", "ended", "waits"),
    [(Fate.ALIVE, [7], True), (Fate.STOPPED, [7], False), (Fate.GONE, [], False), (Fate.UNKNOWN, [7], True)],
)
def test_a_change_under_way_is_overtaken(fate: Fate, ended: list[int], waits: bool) -> None:
    made = with_pending(full_rollout(steps=3))
    made.machine.fates = {7: fate}
    before = made.clock.now()
    result = made.rollback(EMERGENCY)
    assert (result.exit_code, held(made)) == (0, ("false", "0"))
    assert made.machine.ended == ended
    assert (made.clock.now() - before >= timedelta(seconds=5)) is waits
    assert len([write for write in made.target.writes if write.get("ON") is False]) == (2 if waits else 1)


def test_one_that_was_released_is_not_waited_for() -> None:
    made = with_pending(full_rollout(steps=3))
    made.machine.fates = {7: Fate.UNKNOWN}
    made.unlock()
    before = made.clock.now()
    assert made.rollback(EMERGENCY).exit_code == 0
    assert made.clock.now() == before


@pytest.mark.parametrize("fate", [Fate.ALIVE, Fate.STOPPED, Fate.UNKNOWN])
@pytest.mark.parametrize("level", ["", "partial"])
def test_any_other_rollback_waits_for_whoever_is_at_it(fate: Fate, level: str) -> None:
    made = with_pending(full_rollout(steps=3))
    made.machine.fates = {7: fate}
    events = made.kinds
    with pytest.raises(ConflictError):
        made.rollback(level)
    assert made.kinds == events


def test_any_other_rollback_takes_the_place_of_one_that_is_gone() -> None:
    made = with_pending(full_rollout(steps=3))
    made.target.held["PERCENT"] = "100"  # it had written that
    result = made.rollback()
    assert (result.exit_code, result.label, made.state.pending) == (0, "limited/2", None)


def test_where_nothing_answers_an_emergency_still_ends_and_says_all_that_is_left() -> None:
    made = busy(Level(EMERGENCY, run=commands("purge"), verify=("health",), then=commands("scale 0")), steps=2)
    for target in made.targets.values():
        target.fails = {"read", "write", "read-back"}
    made.runner.fails = {"kill-web", "kill-api", "purge", "cool"}
    made.source.answers["health"] = 0.5
    made.store.fails, made.keepsakes.fails = {"read", "append"}, True
    state = made.state
    made.store.fails = {"append"}
    before = made.clock.now()
    result = made.rollback(EMERGENCY)
    assert state.position == Position("one", 2)
    assert (result.exit_code, result.outcome, result.recorded) == (8, RollbackOutcome.FAILED, False)
    for line in (
        "set-by-hand web ON=false",
        "kill-web",
        "kill-api",
        "purge",
        "cool 2",
        "when all is confirmed: scale 0",
    ):
        assert line in result.left_to_do
    assert made.clock.now() - before <= timedelta(seconds=62)


def test_any_other_rollback_that_cannot_be_recorded_says_what_was_changed() -> None:
    made = full_rollout()
    made.target.after_write = lambda: made.store.fails.add("append")
    with pytest.raises(ChangeError, match="could not be recorded") as caught:
        made.rollback()
    assert (caught.value.exit_code, held(made)) == (8, ("true", "35"))
    made.target.after_write = nothing
    made.store.fails.clear()
    assert made.recover().exit_code == 0
    assert made.state.status is Status.ROLLED_BACK


def test_what_people_say_during_a_rollback_does_not_overtake_it() -> None:
    made = full_rollout()
    made.target.after_write = lambda: pause(made.desk("eve"), "wait")
    assert made.rollback(confirm=yes).exit_code == 0
    assert made.kinds[-3:] == ["rollback-intended", "paused", "rolled-back"]
    assert (made.state.status, made.state.hold) == (Status.ROLLED_BACK, None)


def test_a_rollback_that_an_emergency_overtakes_runs_no_more_of_its_own_commands() -> None:
    level = Level("slow", set={"ON": False}, run=commands("purge", "announce"), then=commands("scale 0"))
    made = busy(level, steps=2)

    def meanwhile() -> None:
        made.runner.while_running.clear()
        assert made.rollback(EMERGENCY, "bob").exit_code == 0

    made.runner.while_running["purge"] = meanwhile
    with pytest.raises((ChangeError, ConflictError), match="bob was faster"):
        made.rollback("slow")
    assert not {"announce", "scale"} & {argv[0] for _, argv in made.runner.ran}
    assert made.state.level == EMERGENCY


def test_an_advance_that_is_refused_meanwhile_does_not_overtake_a_rollback() -> None:
    made = full_rollout()
    made.plan = replace(made.plan, triggers={"spike": spike()})
    made.source.answers["spike"] = 0.5
    refused: list[int] = []

    def a_pipeline_asks() -> None:
        made.target.after_write = nothing
        made.machine.fates = {1: Fate.ALIVE}
        refused.append(made.advance("eve").exit_code)

    made.target.after_write = a_pipeline_asks
    assert made.rollback().exit_code == 0
    assert (refused, made.kinds[-1], made.state.pending) == ([6], "rolled-back", None)
