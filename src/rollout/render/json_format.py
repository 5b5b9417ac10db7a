"""One JSON document on the stream, its keys stable."""

from __future__ import annotations

import json
from typing import TextIO, assert_never

from rollout.operations.advance import Advance
from rollout.operations.check import Check
from rollout.operations.history import History, Listing
from rollout.operations.lint import Lint
from rollout.operations.rollback import Rollback
from rollout.operations.show import Shown
from rollout.operations.status import StatusReport
from rollout.render.json_parts import (
    Json,
    changes,
    events,
    gates,
    moment,
    phase_and_step,
    plan_document,
    problems,
    reasons,
    seconds,
    triggers,
    values,
)
from rollout.render.results import Result


def write(result: Result, stream: TextIO) -> None:
    write_document(document(result), stream)


def write_error(message: str, hint: str, stream: TextIO) -> None:
    write_document({"error": {"message": message, "hint": hint}}, stream)


def write_document(value: Json, stream: TextIO) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    stream.write(text.encode("utf-8", "replace").decode() + "\n")


def document(result: Result) -> Json:
    match result:
        case Check():
            return _check(result)
        case StatusReport():
            return _status(result)
        case Advance():
            return _advance(result)
        case Rollback():
            return _rollback(result)
        case History():
            broken = {"verified": result.broken is None, "broken_at": result.broken} if result.verified else {}
            return {
                "rollout": result.rollout.name,
                "environment": result.rollout.environment,
                "store": result.store,
            } | {
                "events": events(result.events),
                **broken,
            }
        case Listing():
            return _listing(result)
        case Lint():
            return {"errors": result.errors, "warnings": result.warnings, "files": problems(result.readings)}
        case Shown():
            return plan_document(result)
        case _:
            assert_never(result)


def _check(result: Check) -> Json:
    decision = result.decision
    return {
        "rollout": result.rollout,
        "environment": result.environment,
        "store": result.store,
        "phase": result.phase,
        "stage": result.stage or None,
        "verdict": decision.verdict.value,
        "evaluated_at": moment(result.evaluated_at),
        "blockers": reasons(decision.reasons),
        "gates": gates(decision.gates),
        "triggers": triggers(decision.triggers),
        "rollback_level": decision.rollback_level or None,
    }


def _status(result: StatusReport) -> Json:
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
            "blockers": reasons(following.blockers),
        }
        if following
        else None,
        "verdict": decision.verdict.value if decision else None,
        "gates": gates(decision.gates) if decision else [],
        "triggers": triggers(decision.triggers) if decision else [],
        "checklist": {"done": 0, "total": result.checklist_total},
        "pending": {
            "op": state.pending.op,
            "kind": state.pending.kind,
            "actor": state.pending.actor,
            "at": moment(state.pending.at),
            "to": phase_and_step(state.pending.aim),
        }
        if state.pending
        else None,
        "plan_changed": result.plan_changed,
        "drift": changes(result.drift),
        "unreadable": list(result.unreadable),
        "plan_sha256": result.plan_sha256,
        "head": state.head,
    }


def _advance(result: Advance) -> Json:
    decision = result.decision
    document: dict[str, Json] = {
        "rollout": result.rollout,
        "environment": result.environment,
        "outcome": result.outcome.value,
        "from": phase_and_step(result.origin),
        "to": phase_and_step(result.aim),
        "changes": changes(result.changes),
        "verdict": decision.verdict.value,
        "gates": gates(decision.gates),
        "triggers": triggers(decision.triggers),
        "blockers": reasons(decision.reasons),
        "rollback_level": decision.rollback_level or None,
        "head": result.head,
    }
    if result.failure is not None:
        document["error"] = {"message": result.failure.message, "hint": result.failure.hint}
        document["restored"] = result.restored
    return document


def _rollback(result: Rollback) -> Json:
    return {
        "rollout": result.rollout,
        "environment": result.environment,
        "outcome": result.outcome.value,
        "level": result.level.name or None,
        "to": result.back_to or None,
        "changes": changes(result.changes),
        "verified": result.verified,
        "recorded": result.recorded,
        "left_to_do": list(result.left_to_do),
        "failures": list(result.failures),
        "elapsed_seconds": seconds(result.elapsed),
        "objective_seconds": seconds(result.level.objective),
        "head": result.head,
    }


def _listing(result: Listing) -> Json:
    return {
        "store": result.store,
        "rollouts": [
            {
                "rollout": rollout.name,
                "environment": rollout.environment,
                "status": state.status.value,
                **phase_and_step(state.position),
                "since": moment(state.since),
                "verdict": state.verdict or None,
            }
            for rollout, state in result.rollouts
        ],
    }
