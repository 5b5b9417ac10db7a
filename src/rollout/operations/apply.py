"""Writing a set of changes to their targets and reading them back: the one place where values change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rollout.engine.settings import same
from rollout.errors import RolloutError
from rollout.model.changes import Change, Slot
from rollout.model.values import Flag, FlagType, Held
from rollout.operations.desk import Desk


@dataclass(frozen=True)
class Applied:
    """Every change with whether it was read back, and what went wrong at which target."""

    changes: tuple[Change, ...]
    failures: tuple[tuple[str, RolloutError], ...] = ()

    @property
    def verified(self) -> bool:
        return not self.failures and all(change.verified for change in self.changes)


def apply(
    desk: Desk, changes: Sequence[Change], *, bools_first: bool, seen: Mapping[Slot, Held] | None = None
) -> Applied:
    """One write per target, values that stand already left out.

    With `seen` (what was held when it was decided) another value is a conflict, and the first failure ends it: an
    advance. Without it, whatever is there is written over, and a target that fails stops no other: a rollback.
    """
    failures: list[tuple[str, RolloutError]] = []
    for name, part in _in_order(desk, changes, bools_first=bools_first):
        settings = {change.slot.key: change.after for change in part if _differs(desk.slots, change)}
        expected = None if seen is None else {change.slot.key: seen[change.slot] for change in part}
        try:
            if settings:
                desk.targets[name].write(settings, expected)
        except RolloutError as error:
            failures.append((name, error))
            if seen is not None:
                break
    return Applied(tuple(read_back(desk, changes)), tuple(failures))


def read_back(desk: Desk, changes: Iterable[Change]) -> list[Change]:
    """The changes, each `verified` where its target now holds what was wanted. Success is never taken from a write."""
    result = []
    for change in changes:
        try:
            held = desk.targets[change.slot.target].read([change.slot.key])[change.slot.key]
        except RolloutError:
            result.append(replace(change, verified=False))
            continue
        flag = desk.slots[change.slot]
        result.append(replace(change, verified=same(flag, change.after, flag.found(held))))
    return result


def put_back(desk: Desk, applied: Applied) -> Applied:
    """Undo, last target first, what an advance has written; `verified` then means: holds the value before again."""
    undo = [replace(change, before=change.after, after=change.before) for change in reversed(applied.changes)]
    return apply(desk, undo, bools_first=True)


def _differs(flags: Mapping[Slot, Flag], change: Change) -> bool:
    return not same(flags[change.slot], change.before, change.after)


def _in_order(desk: Desk, changes: Sequence[Change], *, bools_first: bool) -> list[tuple[str, list[Change]]]:
    """Targets in the plan's order, those with bools (which switch a feature as a whole) all first or all last."""
    grouped: dict[str, list[Change]] = {}
    for change in changes:
        grouped.setdefault(change.slot.target, []).append(change)

    def switches(part: list[Change]) -> bool:
        return any(desk.slots[change.slot].type is FlagType.BOOL for change in part)

    return sorted(grouped.items(), key=lambda item: switches(item[1]) != bools_first)
