"""Every event of a rollout."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.history import History
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import Json


def write(result: History, stream: TextIO) -> None:
    write_document(_document(result), stream)


def _document(result: History) -> Json:
    verified: dict[str, Json] = {}
    if result.verified:
        verified = {
            "verified": result.exit_code == 0,
            "broken_at": result.broken,
            "findings": list(result.findings),
        }
    return {
        "rollout": result.rollout.name,
        "environment": result.rollout.environment,
        "store": result.store,
        "events": [
            {
                "seq": event.seq,
                "at": event.at,
                "actor": event.actor,
                "kind": event.kind,
                "data": dict(event.data),
                "hash": event.hash,
                "previous": event.previous,
            }
            for event in result.events
        ],
        **verified,
    }
