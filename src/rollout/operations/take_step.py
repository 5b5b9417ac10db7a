"""Taking one step: intent, apply, read back, record; whatever fails in between is put back and recorded."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from rollout.errors import ChangeError, RolloutError
from rollout.model.changes import Change
from rollout.model.events import Draft, EventKind
from rollout.model.state import Position
from rollout.model.verdicts import Decision
from rollout.operations.apply import Applied, apply, put_back
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
        applied = apply(desk, changes, bools_first=False, seen=present.held)
        if not applied.verified:
            return _put_back(desk, applied, seq, op)
        return _settle(desk, aim, applied, seq, op)


def _settle(desk: Desk, aim: Position, applied: Applied, seq: int, op: str) -> Taken:
    done = {"op": op, "to": position_json(aim), "changes": changes_json(applied.changes)}
    try:
        _, head = record(desk, seq, Draft(EventKind.ADVANCED, done))
    except RolloutError as error:
        raise ChangeError(
            f"the flags were changed, but that could not be recorded: {error.message}",
            "`rollout status` shows where it stands; `rollout rollback` takes it back",
        ) from error
    return Taken(applied.changes, head)


def _put_back(desk: Desk, applied: Applied, seq: int, op: str) -> Taken:
    restored = put_back(desk, applied)
    failure = applied.failures[0][1] if applied.failures else _not_read_back(applied)
    data = {
        "op": op,
        "error": failure.message,
        "restored": restored.verified,
        "changes": changes_json(restored.changes),
    }
    _, head = record(desk, seq, Draft(EventKind.ADVANCE_FAILED, data))
    return Taken(applied.changes, head, failure, restored.verified)


def _not_read_back(applied: Applied) -> RolloutError:
    names = ", ".join(
        f"{change.slot.flag} at {change.slot.target}" for change in applied.changes if not change.verified
    )
    return ChangeError(f"written, but not read back: {names}")
