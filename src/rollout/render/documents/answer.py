"""What people said."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.answer import Answered
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import Json
from rollout.render.text import moment


def write(result: Answered, stream: TextIO) -> None:
    write_document(_document(result), stream)


def _document(result: Answered) -> Json:
    return {
        "rollout": result.rollout,
        "environment": result.environment,
        "answered": [
            {
                "id": one.id,
                "value": one.value,
                "unit": one.unit or None,
                "outcome": one.outcome.value,
                "reason": one.reason,
                "by": one.by,
                "at": moment(one.at),
            }
            for one in result.answers
        ],
        "unchanged": list(result.unchanged),
        "head": result.head,
    }
