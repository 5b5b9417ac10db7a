"""history: every event of one rollout; list: every rollout of a store."""

from __future__ import annotations

from collections.abc import Sequence

from rollout.engine.fold import fold
from rollout.errors import StoreError
from rollout.frozen import dataclass
from rollout.model.events import Event, RolloutId, first_broken
from rollout.model.state import RolloutState
from rollout.model.verdicts import Verdict
from rollout.ports import Store


@dataclass(frozen=True)
class History:
    """`broken`: the seq of the first event that does not follow from its predecessor; None: whole, or not asked."""

    rollout: RolloutId
    store: str
    events: Sequence[Event]
    verified: bool
    broken: int | None

    @property
    def exit_code(self) -> int:
        return Verdict.NO_GO.exit_code if self.broken is not None else 0


def history(store: Store, rollout: RolloutId, *, verify: bool = False) -> History:
    events = store.events(rollout)
    return History(rollout, store.location, events, verify, first_broken(rollout, events) if verify else None)


@dataclass(frozen=True)
class Listed:
    """`flaw` says why the record of this one cannot be understood, and then its state says nothing."""

    rollout: RolloutId
    state: RolloutState
    flaw: str = ""


@dataclass(frozen=True)
class Listing:
    store: str
    rollouts: tuple[Listed, ...]


def listing(store: Store) -> Listing:
    """One rollout whose record was damaged hides none of the others."""
    return Listing(store.location, tuple(_listed(store, rollout) for rollout in store.rollouts()))


def _listed(store: Store, rollout: RolloutId) -> Listed:
    events = store.events(rollout)
    try:
        return Listed(rollout, fold(events))
    except StoreError as error:
        return Listed(rollout, RolloutState(), error.message)
