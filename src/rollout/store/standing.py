"""How rollouts are told apart without reading what each of them comes to."""

from __future__ import annotations

from rollout.model.state import ACTIVE, RolloutState, Status

CHANGING = "changing"
UNCLEAR = "unclear"
"""Nobody has found out yet, or nobody could."""

LIVE = frozenset({*(status.value for status in ACTIVE), CHANGING})


def standing_of(state: RolloutState) -> str:
    return CHANGING if state.pending is not None else state.status.value


FINISHED = frozenset({Status.COMPLETE.value})
