"""Where a rollout stands."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.status import StatusReport
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import Json, changes, gates, phase_and_step, triggers, values
from rollout.render.text import moment


def write(result: StatusReport, stream: TextIO) -> None:
    write_document(_document(result), stream)


def _document(result: StatusReport) -> Json:
    state, following, decision = result.state, result.next, result.decision
    return {
        "rollout": result.rollout,
        "environment": result.environment,
        "store": result.store,
        "status": state.status.value,
        **phase_and_step(state.position),
        "since": moment(state.since),
        "values": values(result.values),
        "next": {
            **phase_and_step(following.position),
            "values": values(following.values),
            "earliest": moment(following.earliest),
            "blockers": list(following.blockers),
        }
        if following
        else None,
        "verdict": result.verdict.value,
        "gates": gates(decision.gates),
        "triggers": triggers(decision.triggers),
        "checklist": {"done": result.checklist.done, "total": result.checklist.total},
        "hold": {
            "by": state.hold.by,
            "at": moment(state.hold.at),
            "reason": state.hold.reason,
            "all": state.hold.everything,
        }
        if state.hold
        else None,
        "pending": {
            "op": state.pending.op,
            "kind": state.pending.kind,
            "actor": state.pending.actor,
            "at": moment(state.pending.at),
            "to": phase_and_step(state.pending.aim),
            "fate": result.fate.value,
            "what": result.under_way,
        }
        if state.pending
        else None,
        "plan_changed": result.plan_changed,
        "drift": changes(result.drift),
        "unreadable": list(result.unreadable),
        "plan_sha256": result.plan_sha256,
        "head": state.head,
    }
