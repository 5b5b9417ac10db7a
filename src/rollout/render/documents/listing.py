"""Every rollout of a store."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.history import Listing
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import Json, moment, phase_and_step


def write(result: Listing, stream: TextIO) -> None:
    write_document(_document(result), stream)


def _document(result: Listing) -> Json:
    return {
        "store": result.store,
        "rollouts": [
            {
                "rollout": rollout.name,
                "environment": rollout.environment,
                "status": state.status.value,
                **phase_and_step(state.position),
                "since": moment(state.since),
                "verdict": state.verdict or None,
            }
            for rollout, state in result.rollouts
        ],
    }
