"""What the targets hold now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from threading import Thread
from time import monotonic

from rollout.engine.settings import as_settings
from rollout.errors import TargetError
from rollout.frozen import dataclass
from rollout.model.changes import Slot
from rollout.model.values import Held, Setting
from rollout.operations.desk import Desk
from rollout.ports import Target, Voice


@dataclass(frozen=True)
class Present:
    """Slots of a target that cannot be read are left out; `failures` says why."""

    held: Mapping[Slot, Held]
    settings: Mapping[Slot, Setting]
    failures: tuple[TargetError, ...]


def read_present(desk: Desk, patience: float | None = None) -> Present:
    """`patience`: after so many seconds a target that has not answered is one that cannot be read."""
    held: dict[Slot, Held] = {}
    failures = []
    parts = by_target(desk.slots)
    readers = [_Reader(desk.targets[name], slots, desk.voice) for name, slots in parts.items()]
    if patience is None:
        for reader in readers:
            reader.run()
    else:
        until = monotonic() + patience
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(max(until - monotonic(), 0))
    for reader in readers:
        held.update(reader.held)
        if reader.failure is not None:
            failures.append(reader.failure)
    return Present(held, as_settings(desk.slots, held), tuple(failures))


class _Reader(Thread):
    """One target. A daemon: a target that never answers does not keep the process from ending."""

    def __init__(self, target: Target, slots: Sequence[Slot], voice: Voice) -> None:
        super().__init__(daemon=True)
        self.held: Mapping[Slot, Held] = {}
        self.failure: TargetError | None = TargetError(f"target {target.name} does not answer")
        self._target, self._slots, self._voice = target, slots, voice

    def run(self) -> None:
        try:
            with self._voice.working(f"reading target {self._target.name}"):
                values = self._target.read([slot.key for slot in self._slots])
        except TargetError as error:
            self.failure = error
        else:
            self.held = {slot: values[slot.key] for slot in self._slots}
            self.failure = None


def by_target(slots: Iterable[Slot]) -> dict[str, list[Slot]]:
    grouped: dict[str, list[Slot]] = {}
    for slot in slots:
        grouped.setdefault(slot.target, []).append(slot)
    return grouped
