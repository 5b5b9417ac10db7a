"""A rollout's state as JSON, for whoever keeps it: the store beside the events, the rollback card."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rollout.model.changes import change_from_json, change_to_json, settings_from_json, settings_to_json
from rollout.model.record import Said
from rollout.model.record_json import (
    baseline_from_json,
    baseline_to_json,
    holder_from_json,
    holder_to_json,
    position_from_json,
    position_to_json,
    positions_from_json,
    positions_to_json,
)
from rollout.model.state import Hold, Pending, PinnedPlan, RolloutState, Status

FORMAT = 4
"""Raised with every change of what is written here, or of how events are folded: what was kept before then counts no
more, and the events are folded anew."""


def state_to_json(state: RolloutState) -> dict[str, object]:
    return {
        "status": state.status.value,
        "position": position_to_json(state.position),
        "since": _text(state.since),
        "changed_at": _text(state.changed_at),
        "settings": settings_to_json(state.settings),
        "found": settings_to_json(state.found),
        "pinned": _pinned_to_json(state.pinned),
        "places": dict(state.places),
        "pending": _pending_to_json(state.pending),
        "restart": position_to_json(state.restart),
        "reached": position_to_json(state.reached),
        "undone": positions_to_json(state.undone),
        "level": state.level,
        "hold": _hold_to_json(state.hold),
        "verdict": state.verdict,
        "answers": {
            id: [{"value": said.value, "by": said.by, "at": _text(said.at)} for said in given]
            for id, given in state.answers.items()
        },
        "visit_since": _text(state.visit_since),
        "opened_since": _text(state.opened_since),
        "baselines": [baseline_to_json(baseline) for baseline in state.baselines.values()],
        "fired": {id: _text(at) for id, at in state.fired.items()},
        "seq": state.seq,
        "head": state.head,
    }


def state_from_json(value: object) -> RolloutState:
    """KeyError, TypeError or ValueError for anything but what `state_to_json` wrote."""
    data = _object(value)
    baselines = [baseline_from_json(row) for row in _rows(data["baselines"])]
    return RolloutState(
        status=Status(str(data["status"])),
        position=position_from_json(data["position"]),
        since=_time(data["since"]),
        changed_at=_time(data["changed_at"]),
        settings=settings_from_json(data["settings"]),
        found=settings_from_json(data["found"]),
        pinned=_pinned(data["pinned"]),
        places={name: _word(value) for name, value in _object(data["places"]).items()},
        pending=_pending(data["pending"]),
        restart=position_from_json(data["restart"]),
        reached=position_from_json(data["reached"]),
        undone=positions_from_json(data["undone"]),
        level=str(data["level"]),
        hold=_hold(data["hold"]),
        verdict=str(data["verdict"]),
        answers={id: tuple(map(_said, _rows(rows))) for id, rows in _object(data["answers"]).items()},
        visit_since=_time(data["visit_since"]),
        opened_since=_time(data["opened_since"]),
        baselines={(baseline.phase, baseline.metric): baseline for baseline in baselines},
        fired={id: _moment(at) for id, at in _object(data["fired"]).items()},
        seq=_number(data["seq"]),
        head=str(data["head"]),
    )


def _pinned_to_json(pinned: PinnedPlan | None) -> dict[str, object] | None:
    return {"text": pinned.text, "sha256": pinned.sha256, "path": pinned.path} if pinned else None


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"not a text: {value!r}")
    return value


def _pinned(value: object) -> PinnedPlan | None:
    if value is None:
        return None
    data = _object(value)
    return PinnedPlan(str(data["text"]), str(data["sha256"]), str(data["path"]))


def _pending_to_json(pending: Pending | None) -> dict[str, object] | None:
    if pending is None:
        return None
    return {
        "op": pending.op,
        "kind": pending.kind,
        "actor": pending.actor,
        "at": _text(pending.at),
        "aim": position_to_json(pending.aim),
        "changes": [change_to_json(change) for change in pending.changes],
        "reason": pending.reason,
        "level": pending.level,
        "position": position_to_json(pending.position),
        "restart": position_to_json(pending.restart),
        "passed": positions_to_json(pending.passed),
        "kept": settings_to_json(pending.kept),
        "holder": holder_to_json(pending.holder),
        "released": pending.released,
    }


def _pending(value: object) -> Pending | None:
    if value is None:
        return None
    data = _object(value)
    return Pending(
        str(data["op"]),
        str(data["kind"]),
        str(data["actor"]),
        _moment(data["at"]),
        position_from_json(data["aim"]),
        tuple(change_from_json(_object(row)) for row in _rows(data["changes"])),
        reason=str(data["reason"]),
        level=str(data["level"]),
        position=position_from_json(data["position"]),
        restart=position_from_json(data["restart"]),
        passed=positions_from_json(data["passed"]),
        kept=settings_from_json(data["kept"]),
        holder=holder_from_json(data["holder"]),
        released=data["released"] is True,
    )


def _hold_to_json(hold: Hold | None) -> dict[str, object] | None:
    if hold is None:
        return None
    return {"by": hold.by, "at": _text(hold.at), "reason": hold.reason, "everything": hold.everything}


def _hold(value: object) -> Hold | None:
    if value is None:
        return None
    data = _object(value)
    return Hold(str(data["by"]), _moment(data["at"]), str(data["reason"]), data["everything"] is True)


def _said(row: object) -> Said:
    match row:
        case {"value": bool() | float() as value, "by": str() as by, "at": str() as at}:
            return Said(value, by, datetime.fromisoformat(at))
        case _:
            raise ValueError(f"not an answer: {row!r}")


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(value: object) -> datetime | None:
    return None if value is None else _moment(value)


def _moment(value: object) -> datetime:
    return datetime.fromisoformat(str(value))


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"not a number: {value!r}")
    return value


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"not an object: {value!r}")
    return value


def _rows(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"not a list: {value!r}")
    return value
