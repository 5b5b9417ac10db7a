"""The control: the product's own advance, with a store that writes nothing down until the flags are changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rollout.cli.options import settings_from
from rollout.engine.fold import fold
from rollout.frozen import replace
from rollout.model.events import GENESIS, Draft, Event, RolloutId, seal
from rollout.model.state import RolloutState
from rollout.operations.advance import advance as take
from rollout.ports import Silent, Store
from rollout.wiring.desks import Need, open_desk


def advance() -> int:
    desk = open_desk(settings_from("", "", "", ""), Need(), Silent())
    late = LateStore(desk.store)
    ended = take(replace(desk, store=late), confirm=lambda _: True)
    late.write_down()
    return ended.exit_code


class LateStore:
    """Says that it has recorded, and remembers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._remembered: list[tuple[RolloutId, Draft, Event]] = []

    @property
    def location(self) -> str:
        return self._store.location

    def rollouts(self) -> Sequence[RolloutId]:
        return self._store.rollouts()

    def events(self, rollout: RolloutId, after: int = 0) -> Sequence[Event]:
        late = [event for _, _, event in self._remembered if event.seq > after]
        return (*self._store.events(rollout, after), *late)

    def state(self, rollout: RolloutId) -> RolloutState:
        return fold(self.events(rollout))

    def append(
        self, rollout: RolloutId, drafts: Sequence[Draft], *, after: int, at: datetime, actor: str
    ) -> Sequence[Event]:
        appended = []
        previous = self.state(rollout).head or GENESIS
        for seq, draft in enumerate(drafts, after + 1):
            event = seal(draft, rollout, seq, at.astimezone(UTC).isoformat(), actor, previous)
            self._remembered.append((rollout, draft, event))
            appended.append(event)
            previous = event.hash
        return appended

    def write_down(self) -> None:
        for rollout, draft, event in self._remembered:
            at = datetime.fromisoformat(event.at)
            self._store.append(rollout, [draft], after=event.seq - 1, at=at, actor=event.actor)
