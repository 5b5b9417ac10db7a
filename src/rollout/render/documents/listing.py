"""Every rollout of a store."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.history import Listing
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import Json, phase_and_step
from rollout.render.text import moment


def write(result: Listing, stream: TextIO) -> None:
    write_document(_document(result), stream)


def _document(result: Listing) -> Json:
    return {
        "store": result.store,
        "rollouts": [
            {
                "rollout": one.rollout.name,
                "environment": one.rollout.environment,
                "status": None if one.flaw else one.state.status.value,
                **phase_and_step(one.state.position),
                "since": moment(one.state.since),
                "verdict": one.state.verdict or None,
                "flaw": one.flaw or None,
            }
            for one in result.rollouts
        ],
    }
