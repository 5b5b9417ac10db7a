"""Who signed."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.checklist import Signed
from rollout.render.documents.document import write_document
from rollout.render.text import moment


def write(result: Signed, stream: TextIO) -> None:
    document = {
        "rollout": result.rollout,
        "environment": result.environment,
        "role": result.role,
        "phase": result.phase,
        "by": result.by,
        "at": moment(result.at),
        "reason": result.reason,
        "head": result.head,
    }
    write_document(document, stream)
