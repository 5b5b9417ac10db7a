"""Taking one step: intent, apply, read back, record; whatever fails in between is put back and recorded."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from rollout.engine.fold import fold
from rollout.engine.settings import lead_to_safe
from rollout.errors import ChangeError, ConflictError, RolloutError, StoreError
from rollout.frozen import dataclass, replace
from rollout.model.changes import Change, Slot
from rollout.model.events import Draft, EventKind
from rollout.model.state import Position
from rollout.model.values import Setting
from rollout.model.verdicts import Decision
from rollout.operations.apply import Applied, apply, put_back, read_back
from rollout.operations.desk import Desk
from rollout.operations.present import Present
from rollout.operations.record import begun, changes_json, position_json, record, started


@dataclass(frozen=True)
class Taken:
    """`failure` says why the step failed; `restored`: every value before stands again."""

    changes: tuple[Change, ...]
    head: str
    failure: RolloutError | None = None
    restored: bool = False


def take_step(
    desk: Desk, aim: Position, changes: Sequence[Change], decision: Decision, present: Present, reason: str
) -> Taken:
    op = secrets.token_hex(8)
    intent = {
        "op": op,
        "from": position_json(desk.state.position),
        "to": position_json(aim),
        "changes": changes_json(changes),
        "verdict": decision.verdict.value,
        "reason": reason,
    }
    drafts = [Draft(EventKind.ADVANCE_INTENDED, intent)]
    if not desk.state.begun:
        drafts.insert(0, started(desk, present))
    seq, _ = record(desk, desk.state.seq, *drafts)
    with begun():
        bools_first = lead_to_safe(desk.plan, desk.environment, changes)
        applied = apply(desk, changes, bools_first=bools_first, seen=present.held, fence=lambda: _still_ours(desk, seq))
        if applied.verified:
            done = {"op": op, "to": position_json(aim), "changes": changes_json(applied.changes)}
            try:
                return Taken(applied.changes, record(desk, seq, Draft(EventKind.ADVANCED, done))[1])
            except ConflictError as error:
                applied = replace(applied, failures=(("the record", error),))
            except StoreError as error:
                raise _unrecorded("the flags were changed", error) from error
        restored = put_back(desk, applied, _overtaken_by(desk, seq), bools_first=not bools_first)
        return _failed(desk, applied, restored, seq, op)


def _still_ours(desk: Desk, seq: int) -> None:
    """ConflictError once anybody has recorded anything behind our intent: an emergency overtakes an advance."""
    last = desk.store.events(desk.rollout)[-1]
    if last.seq != seq:
        raise ConflictError(f"{last.actor} was faster: {last.kind} at {last.at}", "`rollout status` shows the rest")


def _overtaken_by(desk: Desk, seq: int) -> Mapping[Slot, Setting]:
    """What a rollback that overtook this advance has set or means to set: that, not the value before, shall stand."""
    try:
        state = fold(desk.store.events(desk.rollout))
    except StoreError:
        return {}
    if state.seq == seq:
        return {}
    intended = {change.slot: change.after for change in state.pending.changes} if state.pending else {}
    return {**state.settings, **intended}


def _failed(desk: Desk, applied: Applied, restored: Applied, seq: int, op: str) -> Taken:
    failure = applied.failures[0][1] if applied.failures else _not_read_back(applied)
    data = {
        "op": op,
        "error": failure.message,
        "restored": restored.verified,
        "changes": changes_json(restored.changes),
    }
    try:
        _, head = record(desk, seq, Draft(EventKind.ADVANCE_FAILED, data))
    except RolloutError as error:
        now = "every value is as it was before" if restored.verified else "not every value could be put back"
        raise _unrecorded(f"{failure.message}; {now}", error) from error
    return Taken(tuple(read_back(desk, applied.changes)), head, failure, restored.verified)


def _unrecorded(what: str, error: RolloutError) -> ChangeError:
    return ChangeError(
        f"{what}, but that could not be recorded: {error.message}",
        "`rollout status` shows where it stands; `rollout rollback` takes it back",
    )


def _not_read_back(applied: Applied) -> RolloutError:
    names = ", ".join(
        f"{change.slot.flag} at {change.slot.target}" for change in applied.changes if not change.verified
    )
    return ChangeError(f"written, but not read back: {names}")
