"""What the targets hold now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rollout.engine.settings import as_settings
from rollout.errors import TargetError
from rollout.frozen import dataclass
from rollout.model.changes import Slot
from rollout.model.values import Held, Setting
from rollout.operations.desk import Desk


@dataclass(frozen=True)
class Present:
    """Slots of a target that cannot be read are left out; `failures` says why."""

    held: Mapping[Slot, Held]
    settings: Mapping[Slot, Setting]
    failures: tuple[TargetError, ...]


def read_present(desk: Desk) -> Present:
    held: dict[Slot, Held] = {}
    failures = []
    for name, slots in by_target(desk.slots).items():
        try:
            values = desk.targets[name].read([slot.key for slot in slots])
        except TargetError as error:
            failures.append(error)
            continue
        held.update({slot: values[slot.key] for slot in slots})
    return Present(held, as_settings(desk.slots, held), tuple(failures))


def by_target(slots: Iterable[Slot]) -> dict[str, list[Slot]]:
    grouped: dict[str, list[Slot]] = {}
    for slot in slots:
        grouped.setdefault(slot.target, []).append(slot)
    return grouped
