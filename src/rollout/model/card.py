"""The rollback card: what an emergency needs where the record cannot be read."""

from __future__ import annotations

from collections.abc import Mapping

from rollout.frozen import dataclass
from rollout.model.events import RolloutId
from rollout.model.state import RolloutState


@dataclass(frozen=True)
class Card:
    """`state` as the record had it, with the change that was about to be made as its `pending`.

    `places` are the values of the variables that say where the targets are, by name: no credential is among them.
    """

    rollout: RolloutId
    state: RolloutState
    places: Mapping[str, str]
