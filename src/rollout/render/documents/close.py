"""A rollout that was abandoned."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.close import Closed
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import values
from rollout.render.text import moment


def write(result: Closed, stream: TextIO) -> None:
    document = {
        "rollout": result.rollout,
        "environment": result.environment,
        "status": result.status.value,
        "by": result.by,
        "at": moment(result.at),
        "reason": result.reason,
        "values": values(result.values),
        "unreadable": list(result.unreadable),
        "head": result.head,
    }
    write_document(document, stream)
