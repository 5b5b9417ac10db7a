"""Saying what is about to be changed, on the rollback card and in the record, before anything changes."""

from __future__ import annotations

import os
from collections.abc import Mapping

from rollout.frozen import dataclass, replace
from rollout.model.card import Card
from rollout.model.changes import Change
from rollout.model.events import Draft, EventKind
from rollout.model.record_json import holder_to_json
from rollout.model.state import Pending, Position, RolloutState, Status
from rollout.operations.desk import Desk
from rollout.operations.fence import Fence
from rollout.operations.present import Present
from rollout.operations.record import changes_json, faster, record, started


def new_op() -> str:
    """By which a change is known, to the record and to its commands."""
    return os.urandom(8).hex()


@dataclass(frozen=True)
class Intent:
    op: str
    kind: EventKind
    changes: tuple[Change, ...]
    data: Mapping[str, object]

    def drafts(self, desk: Desk, present: Present) -> list[Draft]:
        """With the start of the rollout before it, where this is its first change."""
        holder = holder_to_json(desk.machine.this_process())
        data = {"op": self.op, **self.data, "changes": changes_json(self.changes), "holder": holder}
        drafts = [Draft(self.kind, data)]
        # A state that comes from a rollback card has no event behind it yet.
        return drafts if desk.state.begun and desk.state.seq else [started(desk, present), *drafts]

    def record(self, desk: Desk, present: Present) -> Fence:
        """Behind the event that the operator saw; ConflictError when that is no longer the last one."""
        return Fence(desk, *record(desk, desk.state.seq, *self.drafts(desk, present)))


def keep_card(desk: Desk, intent: Intent, present: Present, *, aim: Position | None) -> None:
    """StoreError when it cannot be written: then nothing has changed. ConflictError where somebody has gone on since:
    their card stays.
    """
    if behind := desk.store.events(desk.rollout, desk.state.seq):
        raise faster(behind[-1])
    state = desk.state
    if not state.begun:
        found = {**present.settings, **state.found}
        state = RolloutState(Status.NOT_STARTED, pinned=desk.file or state.pinned, found=found, settings=found)
    pending = Pending(
        intent.op,
        "advance" if intent.kind is EventKind.ADVANCE_INTENDED else "rollback",
        desk.who(),
        desk.clock.now(),
        aim,
        intent.changes,
        holder=desk.machine.this_process(),
    )
    keep_state(desk, replace(state, pending=pending))


def keep_state(desk: Desk, state: RolloutState) -> None:
    """On the rollback card. StoreError when it cannot be written."""
    desk.keepsakes.keep_card(Card(desk.rollout, state, desk.places))
