"""Whether a rollout is paused."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.pause import Paused
from rollout.render.documents.document import write_document
from rollout.render.text import moment


def write(result: Paused, stream: TextIO) -> None:
    document = {
        "rollout": result.rollout,
        "environment": result.environment,
        "status": result.status.value,
        "by": result.by or None,
        "at": moment(result.at),
        "reason": result.reason,
        "all": result.everything,
        "unchanged": result.unchanged,
        "head": result.head,
    }
    write_document(document, stream)
