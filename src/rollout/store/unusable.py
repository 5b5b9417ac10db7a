"""A store that is named and cannot be used: whoever needs it hears why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NoReturn

from rollout.errors import UnusableStoreError
from rollout.frozen import dataclass
from rollout.model.events import Draft, Event, RolloutId
from rollout.model.state import RolloutState
from rollout.model.witness import Witness


@dataclass(frozen=True)
class UnusableStore:
    """`reason` follows the location in a sentence."""

    location: str
    reason: str

    def rollouts(self) -> Sequence[RolloutId]:
        self._refuse()

    def find(self, *, name: str = "", standing: Collection[str] = ()) -> Sequence[RolloutId]:
        self._refuse()

    def witnesses(self, rollout: RolloutId) -> Sequence[Witness]:
        self._refuse()

    def events(self, rollout: RolloutId, after: int = 0) -> Sequence[Event]:
        self._refuse()

    def state(self, rollout: RolloutId) -> RolloutState:
        self._refuse()

    def append(
        self, rollout: RolloutId, drafts: Sequence[Draft], *, after: int, at: datetime, actor: str
    ) -> Sequence[Event]:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise UnusableStoreError(
            f"the store {self.location} {self.reason}", "name another: --store sqlite:PATH or ROLLOUT_STORE"
        )
