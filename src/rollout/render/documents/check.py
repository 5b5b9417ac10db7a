"""What was judged."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.check import Check
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import Json, gates, observed, triggers
from rollout.render.text import moment


def write(result: Check, stream: TextIO) -> None:
    write_document(_document(result), stream)


def _document(result: Check) -> Json:
    decision = result.decision
    return {
        "rollout": result.rollout,
        "environment": result.environment,
        "store": result.store,
        "phase": result.phase,
        "stage": result.stage or None,
        "verdict": decision.verdict.value,
        "evaluated_at": moment(result.evaluated_at),
        "blockers": list(decision.reasons),
        "gates": gates(decision.gates),
        "triggers": triggers(decision.triggers),
        "rollback_level": decision.rollback_level or None,
        "observed": observed(decision.observed),
        "head": result.head,
    }
