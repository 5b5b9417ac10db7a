"""A store that nobody waits for: in an emergency the record must not be in the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar

from rollout.errors import StoreBusyError, StoreError
from rollout.model.events import Draft, Event, RolloutId
from rollout.model.state import RolloutState
from rollout.model.witness import Witness
from rollout.processes.in_time import within
from rollout.store.catalogue import Catalogue

T = TypeVar("T")


READING, APPENDING = 0.5, 0.5
"""Seconds."""


class HurriedStore:
    """Whoever reads again what was locked is refused at once; where it did not answer at all, whoever appends too."""

    def __init__(self, store: Catalogue) -> None:
        self.location = store.location
        self._store = store
        self._locked: StoreBusyError | None = None
        self._silent = False

    def rollouts(self) -> Sequence[RolloutId]:
        return self._read(self._store.rollouts)

    def find(self, *, name: str = "", standing: Collection[str] = ()) -> Sequence[RolloutId]:
        return self._read(lambda: self._store.find(name=name, standing=standing))

    def events(self, rollout: RolloutId, after: int = 0) -> Sequence[Event]:
        return self._read(lambda: self._store.events(rollout, after))

    def state(self, rollout: RolloutId) -> RolloutState:
        return self._read(lambda: self._store.state(rollout))

    def witnesses(self, rollout: RolloutId) -> Sequence[Witness]:
        return self._read(lambda: self._store.witnesses(rollout))

    def append(
        self, rollout: RolloutId, drafts: Sequence[Draft], *, after: int, at: datetime, actor: str
    ) -> Sequence[Event]:
        return self._in_time(APPENDING, lambda: self._store.append(rollout, drafts, after=after, at=at, actor=actor))

    def _read(self, call: Callable[[], T]) -> T:
        if self._locked:
            raise self._locked
        try:
            return self._in_time(READING, call)
        except StoreBusyError as error:
            self._locked = error
            raise

    def _in_time(self, limit: float, call: Callable[[], T]) -> T:
        if not self._silent:
            try:
                return within(limit, call)
            except TimeoutError:
                self._silent = True
        raise StoreError(f"{self.location} does not answer", "look at the disk or server that it is on")
