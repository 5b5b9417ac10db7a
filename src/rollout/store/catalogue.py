"""What every kind of store offers beside the port, for those who look for a rollout or doubt the record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from rollout.model.events import RolloutId
from rollout.model.witness import Witness
from rollout.ports import Store


class Catalogue(Store, Protocol):
    def find(self, *, name: str = "", standing: Collection[str] = ()) -> Sequence[RolloutId]:
        """Those of a name, or that stand so (`standing.py`; perhaps some more), in the order of their names.

        In a time that does not grow with those that are not looked for.
        """
        ...

    def witnesses(self, rollout: RolloutId) -> Sequence[Witness]:
        """All that can be compared with the chain."""
        ...
