"""Taking one step: intent, apply, read back, record; whatever fails in between is put back and recorded."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from rollout.engine.fold import fold
from rollout.engine.settings import lead_to_safe
from rollout.errors import ChangeError, ConflictError, RolloutError, StoreError
from rollout.frozen import dataclass, replace
from rollout.model.changes import Change
from rollout.model.events import Draft, Event, EventKind
from rollout.model.state import Position
from rollout.model.verdicts import Decision
from rollout.operations.apply import Applied, apply, put_back, read_back
from rollout.operations.desk import Desk
from rollout.operations.present import Present
from rollout.operations.record import baselines_json, begun, changes_json, faster, position_json, record, started


@dataclass(frozen=True)
class Taken:
    """`failure` says why the step failed; `restored`: every value before stands again."""

    changes: tuple[Change, ...]
    head: str
    failure: RolloutError | None = None
    restored: bool = False


def take_step(
    desk: Desk,
    aim: Position,
    changes: Sequence[Change],
    decision: Decision,
    present: Present,
    *,
    reason: str = "",
    overrides: Sequence[str] = (),
) -> Taken:
    op = secrets.token_hex(8)
    intent = {
        "op": op,
        "from": position_json(desk.state.position),
        "to": position_json(aim),
        "changes": changes_json(changes),
        "verdict": decision.verdict.value,
        "reason": reason,
        "overrides": list(overrides),
    }
    drafts = [Draft(EventKind.ADVANCE_INTENDED, intent)]
    if not desk.state.begun:
        drafts.insert(0, started(desk, present))
    seq, _ = record(desk, desk.state.seq, *drafts)
    with begun():
        bools_first = lead_to_safe(desk.plan, desk.environment, changes)
        applied = apply(desk, changes, bools_first=bools_first, seen=present.held, fence=lambda: _still_ours(desk, seq))
        if applied.verified:
            done = {
                "op": op,
                "to": position_json(aim),
                "changes": changes_json(applied.changes),
                "baselines": baselines_json(decision.baselines),
            }
            try:
                return Taken(applied.changes, _record(desk, seq, Draft(EventKind.ADVANCED, done)))
            except ConflictError as error:
                applied = replace(applied, failures=(("the record", error),))
            except StoreError as error:
                raise _unrecorded("the flags were changed", error) from error
        _give_way(desk, applied, seq)
        restored = put_back(desk, applied, bools_first=not bools_first)
        return _failed(desk, applied, restored, seq, op)


def _still_ours(desk: Desk, seq: int) -> None:
    """ConflictError once anybody has recorded anything behind our intent: an emergency overtakes an advance."""
    events = desk.store.events(desk.rollout)
    if not events:
        raise ConflictError("the record is gone", "look for the store's file before you go on")
    overtaking = _overtaking(events, seq)
    if overtaking:
        raise faster(overtaking)


def _overtaking(events: Sequence[Event], seq: int) -> Event | None:
    """What stands behind our intent, or in its place. What people say meanwhile stops no change that has begun."""
    if events[-1].seq < seq:
        return events[-1]
    behind = (event for event in reversed(events) if event.seq > seq)
    return next((event for event in behind if event.kind != EventKind.ANSWERED), None)


def _record(desk: Desk, seq: int, draft: Draft) -> str:
    """Behind our intent, and behind what people have said since."""
    while True:
        try:
            return record(desk, seq, draft)[1]
        except ConflictError:
            events = desk.store.events(desk.rollout)
            if not events or events[-1].seq <= seq or _overtaking(events, seq):
                raise
            seq = events[-1].seq


def _give_way(desk: Desk, applied: Applied, seq: int) -> None:
    """ChangeError when a rollback overtook this advance: what that one set shall stand, not the values before.

    A late write of ours may have undone it, and of a file as a whole also values that this advance never changed.
    """
    try:
        events = desk.store.events(desk.rollout)
        state = fold(events)
    except StoreError:
        return
    overtaking = _overtaking(events, seq) if events else None
    if overtaking is None:
        return
    wanted = dict(state.settings)
    if state.pending is not None:
        wanted |= {change.slot: change.after for change in state.pending.changes}
    theirs = [Change(slot, None, value) for slot, value in wanted.items() if slot.target in applied.touched]
    stands = apply(desk, theirs, bools_first=True)
    who = faster(overtaking).message
    reason = _reason(applied).message
    set_ = "what that set stands" if stands.verified else "what that set could not be confirmed everywhere"
    raise ChangeError("; ".join(dict.fromkeys((reason, who, set_))), "`rollout status` shows what stands where")


def _failed(desk: Desk, applied: Applied, restored: Applied, seq: int, op: str) -> Taken:
    failure = _reason(applied)
    data = {
        "op": op,
        "error": failure.message,
        "restored": restored.verified,
        "changes": changes_json(restored.changes),
    }
    try:
        head = _record(desk, seq, Draft(EventKind.ADVANCE_FAILED, data))
    except RolloutError as error:
        now = "every value is as it was before" if restored.verified else "not every value could be put back"
        raise _unrecorded(f"{failure.message}; {now}", error) from error
    return Taken(tuple(read_back(desk, applied.changes)), head, failure, restored.verified)


def _unrecorded(what: str, error: RolloutError) -> ChangeError:
    return ChangeError(
        f"{what}, but that could not be recorded: {error.message}",
        "`rollout status` shows where it stands; `rollout rollback` takes it back",
    )


def _reason(applied: Applied) -> RolloutError:
    if applied.failures:
        return applied.failures[0][1]
    names = ", ".join(
        f"{change.slot.flag} at {change.slot.target}" for change in applied.changes if not change.verified
    )
    return ChangeError(f"written, but not read back: {names}")
