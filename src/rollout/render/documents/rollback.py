"""What a rollback did."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.rollback import Rollback
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import Json, changes, commands, phase_and_step, seconds


def write(result: Rollback, stream: TextIO) -> None:
    write_document(_document(result), stream)


def _document(result: Rollback) -> Json:
    return {
        "rollout": result.rollout,
        "environment": result.environment,
        "outcome": result.outcome.value,
        "level": result.level.name or None,
        "to": phase_and_step(result.back_to) if result.back_to else None,
        "warning": result.level.warning or None,
        "changes": changes(result.changes),
        "verified": result.verified,
        "recorded": result.recorded,
        "left_to_do": list(result.left_to_do),
        "failures": list(result.failures),
        "commands": commands(result.commands),
        "spooled": result.spooled or None,
        "elapsed_seconds": seconds(result.elapsed),
        "objective_seconds": seconds(result.level.objective),
        "head": result.head,
    }
