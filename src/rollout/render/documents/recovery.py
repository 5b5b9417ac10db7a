"""What a recovery did."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.recover import Recovery
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import changes, commands, phase_and_step


def write(result: Recovery, stream: TextIO) -> None:
    write_document(
        {
            "rollout": result.rollout,
            "environment": result.environment,
            "outcome": result.outcome.value,
            "kind": result.kind or None,
            "to": phase_and_step(result.aim) if result.aim else None,
            "by": result.by or None,
            "changes": changes(result.changes),
            "commands": commands(result.commands),
            "left_to_do": list(result.left_to_do),
            "failures": list(result.failures),
            "head": result.head,
        },
        stream,
    )
