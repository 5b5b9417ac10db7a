"""Writing a set of changes to their targets and reading them back: the one place where values change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from rollout.engine.settings import same
from rollout.errors import ConflictError, RolloutError
from rollout.frozen import dataclass, replace
from rollout.model.changes import Change, Slot
from rollout.model.values import Flag, FlagType, Held
from rollout.operations.desk import Desk
from rollout.ports import Target


@dataclass(frozen=True)
class Applied:
    """Every change with whether it was read back, what went wrong at which target, and where anything was written."""

    changes: tuple[Change, ...]
    failures: tuple[tuple[str, RolloutError], ...] = ()
    touched: frozenset[str] = frozenset()

    @property
    def verified(self) -> bool:
        return not self.failures and all(change.verified for change in self.changes)


def apply(
    desk: Desk,
    changes: Sequence[Change],
    *,
    bools_first: bool,
    seen: Mapping[Slot, Held] | None = None,
    fence: Callable[[], None] = lambda: None,
) -> Applied:
    """One write per target, each behind the `fence`: a ConflictError of it is a failure too.

    With `seen` (what was held when it was decided) another value is a conflict, and the first failure ends it: an
    advance. Without it, whatever is there is written over, and a target that fails stops no other: a rollback.
    """
    failures: list[tuple[str, RolloutError]] = []
    touched = set()
    for name, part in _in_order(desk, changes, bools_first=bools_first):
        settings = {change.slot.key: change.after for change in part}
        expected = None if seen is None else {change.slot.key: seen[change.slot] for change in part}
        try:
            fence()
            desk.targets[name].write(settings, expected)
            touched.add(name)
        except RolloutError as error:
            failures.append((name, error))
            if not isinstance(error, ConflictError):
                touched.add(name)  # half of it may have been written
            if seen is not None:
                break
    return Applied(tuple(read_back(desk, changes)), tuple(failures), frozenset(touched))


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


def put_back(desk: Desk, applied: Applied, *, bools_first: bool) -> Applied:
    """Undo, last target first, what an advance has written; `verified` then means: holds the value before again."""
    undo = [
        replace(change, before=change.after, after=change.before)
        for change in reversed(applied.changes)
        if change.slot.target in applied.touched
    ]
    failures: list[tuple[str, RolloutError]] = []
    for name, part in _in_order(desk, undo, bools_first=bools_first):
        try:
            _undo(desk.targets[name], desk.slots, part)
        except RolloutError as error:
            failures.append((name, error))
    return Applied(tuple(read_back(desk, undo)), tuple(failures), applied.touched)


def _undo(target: Target, flags: Mapping[Slot, Flag], part: Sequence[Change]) -> None:
    """Where the values still stand that were written; what somebody else has put there since is theirs."""
    try:
        held = target.read([change.slot.key for change in part])
    except RolloutError:
        target.write({change.slot.key: change.after for change in part}, None)
        return
    ours = [c for c in part if same(flags[c.slot], c.before, flags[c.slot].found(held[c.slot.key]))]
    if ours:
        target.write({c.slot.key: c.after for c in ours}, {c.slot.key: held[c.slot.key] for c in ours})


def _in_order(desk: Desk, changes: Sequence[Change], *, bools_first: bool) -> list[tuple[str, list[Change]]]:
    """Targets in the plan's order, those with bools (which switch a feature as a whole) all first or all last."""
    grouped: dict[str, list[Change]] = {}
    for change in changes:
        grouped.setdefault(change.slot.target, []).append(change)

    def switches(part: list[Change]) -> bool:
        return any(desk.slots[change.slot].type is FlagType.BOOL for change in part)

    return sorted(grouped.items(), key=lambda item: switches(item[1]) != bools_first)
