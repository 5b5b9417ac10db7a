"""What was unlocked."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.unlock import Unlocked
from rollout.render.documents.document import write_document


def write(result: Unlocked, stream: TextIO) -> None:
    write_document(
        {
            "rollout": result.rollout,
            "environment": result.environment,
            "released": result.released or None,
            "head": result.head,
        },
        stream,
    )
