"""A store that a plan may name already and that cannot be used yet: whoever needs it hears so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from rollout.errors import StoreError, UsageError
from rollout.frozen import dataclass
from rollout.model.events import Draft, Event, RolloutId


class StoreLaterError(StoreError):
    """Nothing of the plan is wrong or broken, so it is a usage error; an emergency goes on without the record."""

    exit_code = UsageError.exit_code


@dataclass(frozen=True)
class LaterStore:
    location: str

    def rollouts(self) -> Sequence[RolloutId]:
        self._refuse()

    def events(self, rollout: RolloutId) -> Sequence[Event]:
        self._refuse()

    def append(
        self, rollout: RolloutId, drafts: Sequence[Draft], *, after: int, at: datetime, actor: str
    ) -> Sequence[Event]:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise StoreLaterError(
            f"the store {self.location} cannot be used yet",
            "name another for the time being: --store sqlite:PATH or ROLLOUT_STORE",
        )
