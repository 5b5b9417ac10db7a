"""What people tick, sign and are asked."""

from __future__ import annotations

from typing import TextIO

from rollout.model.verdicts import Task
from rollout.operations.checklist import Checklist
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import Json, gates
from rollout.render.text import moment


def write(result: Checklist, stream: TextIO) -> None:
    write_document(_document(result), stream)


def _document(result: Checklist) -> Json:
    return {
        "rollout": result.rollout,
        "environment": result.environment,
        "phase": result.phase or None,
        "items": [
            {"id": item.id, "text": item.text, "gate": item.gate or None, **_done(item)} for item in result.items
        ],
        "sign_off": [{"role": one.id, **_done(one)} for one in result.sign_off],
        "gates": gates(result.gates),
        "done": result.done,
        "total": result.total,
        "head": result.head,
    }


def _done(task: Task) -> dict[str, Json]:
    return {
        "phase": task.phase,
        "before": task.stage.value,
        "done": task.done,
        "by": task.by or None,
        "at": moment(task.at),
    }
