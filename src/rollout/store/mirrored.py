"""Any kind of store, with what lies beside it: every event goes into the log too, and all of it bears witness."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from rollout.frozen import dataclass, field
from rollout.model.events import Draft, Event, RolloutId
from rollout.model.state import RolloutState
from rollout.model.witness import Witness
from rollout.store.beside import Beside
from rollout.store.catalogue import Catalogue
from rollout.store.join import join
from rollout.store.log import Log


@dataclass(frozen=True)
class Mirrored:
    """What could not be recorded at its time joins the record before anybody reads it, so that a change under way finds
    itself overtaken by an emergency that found the record locked.

    `joins` is the same store, as impatient as that wants; None: nothing joins here. `tried`: each file once.
    """

    store: Catalogue
    log: Log
    beside: Beside
    joins: Catalogue | None = None
    tried: set[Path] = field(default_factory=set)

    @property
    def location(self) -> str:
        return self.store.location

    def rollouts(self) -> Sequence[RolloutId]:
        return self._joined().rollouts()

    def find(self, *, name: str = "", standing: Collection[str] = ()) -> Sequence[RolloutId]:
        return self._joined().find(name=name, standing=standing)

    def events(self, rollout: RolloutId, after: int = 0) -> Sequence[Event]:
        return self._joined().events(rollout, after)

    def state(self, rollout: RolloutId) -> RolloutState:
        return self._joined().state(rollout)

    def append(
        self, rollout: RolloutId, drafts: Sequence[Draft], *, after: int, at: datetime, actor: str
    ) -> Sequence[Event]:
        appended = self.store.append(rollout, drafts, after=after, at=at, actor=actor)
        self.log.add(rollout, appended)
        return appended

    def _joined(self) -> Catalogue:
        if self.joins is not None:
            new = [path for path in self.beside.spooled() if path not in self.tried]
            self.tried.update(new)
            join(Mirrored(self.joins, self.log, self.beside), new)
        return self.store

    def witnesses(self, rollout: RolloutId) -> Sequence[Witness]:
        return (*self.store.witnesses(rollout), self.log.witness(rollout), self.beside.witness(rollout))
