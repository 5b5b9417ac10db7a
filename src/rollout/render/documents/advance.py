"""What an advance did."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.advance import Advance
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import Json, changes, commands, gates, phase_and_step, triggers


def write(result: Advance, stream: TextIO) -> None:
    write_document(_document(result), stream)


def _document(result: Advance) -> Json:
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
        "blockers": list(decision.reasons),
        "rollback_level": decision.rollback_level or None,
        "warnings": list(result.warnings),
        "instructions": list(result.instructions),
        "commands": commands(result.commands),
        "head": result.head,
    }
    if result.failure is not None:
        document["error"] = {"message": result.failure.message, "hint": result.failure.hint}
        document["restored"] = result.restored
        document["left_to_do"] = list(result.left_to_do)
    return document
