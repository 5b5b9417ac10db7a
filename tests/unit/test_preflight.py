"""No proven way back, no step forward: what is tried, and kept, before anything changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from rollout.errors import ChangeError, StoreError, TargetError
from rollout.model.plan import EMERGENCY, Level
from rollout.model.state import Status
from rollout.model.values import Setting
from rollout.operations.rollback import rollback
from tests.fakes import FakeTarget
from tests.small_plans import commands
from tests.workbench import Workbench, busy, checkout, full_rollout, no


@dataclass
class TriedTarget(FakeTarget):
    """It keeps what was tried; `refuses` is a value that it would not take."""

    tried: list[Mapping[str, Setting]] = field(default_factory=list)
    refuses: Setting = None

    def preflight(self, settings: Mapping[str, Setting]) -> Sequence[str]:
        self.tried.append(settings)
        if self.refuses is not None and self.refuses in settings.values():
            raise TargetError(f"{self.name} would refuse {self.refuses}", "widen its schema")
        return super().preflight(settings)


def tried(steps: int, **held: str) -> tuple[Workbench, TriedTarget]:
    made = full_rollout(steps=steps)
    target = TriedTarget("api", made.target.held | held)
    made.targets = {"api": target}
    return made, target


def test_the_values_after_and_before_and_the_safe_ones_are_tried() -> None:
    made, target = tried(2)
    made.advance()
    assert {"PERCENT": 35} in target.tried
    assert any(tried.get("PERCENT") == 20 and "ON" in tried for tried in target.tried)
    assert {"ON": False, "PERCENT": 0} in target.tried


@pytest.mark.parametrize("refused", [35, 20, 0])
@pytest.mark.parametrize("dry_run", [False, True])
def test_what_could_not_be_written_put_back_or_made_safe_stops_it_before_anybody_is_asked(
    refused: int, dry_run: bool
) -> None:
    made, target = tried(2)
    target.refuses = refused
    events = made.kinds
    with pytest.raises(TargetError) as caught:
        made.advance(dry_run=dry_run, confirm=lambda _: pytest.fail("asked"))
    assert (caught.value.exit_code, made.kinds, target.writes, made.keepsakes.cards[3:]) == (8, events, [], [])


@pytest.mark.parametrize("program", ["backup", "cool", "restart-web", "kill-web", "kill-api", "purge", "scale"])
def test_a_program_that_the_step_or_the_way_back_needs_and_that_is_not_there_stops_it(program: str) -> None:
    made = busy(Level(EMERGENCY, run=commands("purge"), then=commands("scale 0")))
    made.runner.missing = {program}
    with pytest.raises(ChangeError, match=program):
        made.advance()
    assert (made.kinds, made.runner.ran) == ([], [])


def test_nothing_is_tried_for_a_rollback() -> None:
    made, target = tried(2)
    target.refuses, made.runner.missing = 0, {"backup"}
    assert made.rollback(EMERGENCY).exit_code == 0
    assert made.rollback().exit_code == 0
    assert target.tried == []


# The rollback card.


def test_the_card_is_written_before_the_intent_with_what_an_emergency_needs() -> None:
    made = busy(steps=1)
    seen: list[int] = []
    made.store.before_append = lambda: seen.append(len(made.keepsakes.cards))
    made.advance("bob")
    assert seen == [2]
    card = made.keepsakes.cards[-1]
    state, pending = card.state, card.state.pending
    assert (str(card.rollout), state.status, str(state.position)) == (
        "checkout-v2@production",
        Status.IN_PROGRESS,
        "one/1",
    )
    assert state.pinned is not None
    assert state.pinned.text == "rollout: 1\n"
    assert {slot.flag: value for slot, value in state.found.items()} == {"ON": False, "PERCENT": 0}
    assert pending is not None
    assert (pending.kind, pending.actor, str(pending.aim), pending.op) == (
        "advance",
        "bob",
        "one/2",
        made.events[-1].data["op"],
    )
    assert [(change.before, change.after) for change in pending.changes] == [(20, 50)]


def test_the_card_of_a_first_advance_has_the_plan_and_what_was_found() -> None:
    made = busy()
    made.advance()
    state = made.keepsakes.cards[0].state
    assert state.pinned is not None
    assert state.begun
    assert {slot.flag: value for slot, value in state.found.items()} == {"ON": False, "PERCENT": 0}


@pytest.mark.parametrize("change", ["advance", "rollback"])
def test_the_card_says_who_is_at_it(change: str) -> None:
    """So that an emergency without a store still ends whoever might write after it."""
    made = busy(steps=2)
    made.machine.pid = 42
    made.advance() if change == "advance" else made.rollback()
    pending = made.keepsakes.cards[-1].state.pending
    assert pending is not None
    assert pending.holder is not None
    assert pending.holder.pid == 42


def test_an_emergency_by_the_card_alone_takes_everything_back() -> None:
    made = busy(steps=2)
    card = made.keepsakes.cards[-1]
    made.store.fails = {"read", "append"}
    result = rollback(made.desk(state=card.state), level=EMERGENCY, confirm=no)
    assert (result.exit_code, result.recorded) == (0, False)
    assert (made.targets["web"].held, made.targets["api"].held) == ({"ON": "false"}, {"PERCENT": "0"})
    assert [argv[0] for _, argv in made.runner.ran if argv[0] == "cool"] == ["cool", "cool", "cool"]


def test_a_card_that_cannot_be_written_stops_an_advance_with_nothing_changed() -> None:
    made = checkout().advanced(1)
    made.keepsakes.fails = True
    assert made.refuses(StoreError).exit_code == 8


def test_a_card_that_cannot_be_written_stops_a_rollback_with_nothing_changed_but_no_emergency() -> None:
    made = full_rollout()
    made.keepsakes.fails = True
    events = made.kinds
    with pytest.raises(StoreError):
        made.rollback()
    assert (made.kinds, made.target.held["PERCENT"]) == (events, "100")
    assert made.rollback(EMERGENCY).exit_code == 0
    assert made.target.held["PERCENT"] == "0"


def test_a_refusal_writes_no_card() -> None:
    made = checkout().advanced(2)
    cards = len(made.keepsakes.cards)
    assert made.advance().exit_code == 4
    assert len(made.keepsakes.cards) == cards
