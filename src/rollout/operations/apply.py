"""Writing a step's changes to their targets, one after the other, and reading values back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from rollout.engine.settings import same
from rollout.errors import ChangeError, ConflictError, RolloutError
from rollout.frozen import dataclass, replace
from rollout.model.changes import Change, Slot
from rollout.model.values import FlagType, Held
from rollout.operations.desk import Desk


@dataclass(frozen=True)
class Applied:
    """Every change with whether it was read back, what went wrong at which target, and where anything was written."""

    changes: tuple[Change, ...]
    failures: tuple[tuple[str, RolloutError], ...] = ()
    touched: frozenset[str] = frozenset()

    @property
    def verified(self) -> bool:
        return not self.failures and all(change.verified for change in self.changes)

    @property
    def failure(self) -> RolloutError:
        """Why it is not verified."""
        if self.failures:
            return self.failures[0][1]
        names = ", ".join(f"{c.slot.flag} at {c.slot.target}" for c in self.changes if not c.verified)
        return ChangeError(f"written, but not read back: {names}")


def write(
    desk: Desk,
    changes: Sequence[Change],
    *,
    bools_first: bool,
    seen: Mapping[Slot, Held],
    fence: Callable[[], None],
    touched: set[str],
) -> None:
    """One write per target, each behind the `fence`. RolloutError for the first that fails, ConflictError of the
    fence included, and where a target no longer holds what was `seen`. `touched` gets those that may have changed.
    """
    for name, part in in_order(desk, changes, bools_first=bools_first):
        fence()
        expected = {slot.key: held for slot, held in seen.items() if slot.target == name}
        touched.add(name)  # before: an interruption may come right behind the write
        try:
            with desk.voice.working(f"writing target {name}"):
                desk.targets[name].write({change.slot.key: change.after for change in part}, expected)
        except ConflictError:
            touched.discard(name)
            raise


def read_back(desk: Desk, changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes, each `verified` where its target now holds what was wanted. Success is never taken from a write."""
    result = {}
    changes = tuple(changes)
    for name, part in grouped(changes).items():
        try:
            held = desk.targets[name].read([change.slot.key for change in part])
        except RolloutError:
            result.update({change.slot: replace(change, verified=False) for change in part})
            continue
        result.update({change.slot: same_as_wanted(desk, change, held[change.slot.key]) for change in part})
    return tuple(result[change.slot] for change in changes)


def same_as_wanted(desk: Desk, change: Change, held: Held) -> Change:
    flag = desk.slots[change.slot]
    return replace(change, verified=same(flag, change.after, flag.found(held)))


def in_order(desk: Desk, changes: Iterable[Change], *, bools_first: bool) -> list[tuple[str, list[Change]]]:
    """Targets in the plan's order, those with bools (which switch a feature as a whole) all first or all last."""
    return sorted(grouped(changes).items(), key=lambda item: switches(desk, item[1]) != bools_first)


def grouped(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """By target."""
    parts: dict[str, list[Change]] = {}
    for change in changes:
        parts.setdefault(change.slot.target, []).append(change)
    return parts


def switches(desk: Desk, part: Iterable[Change]) -> bool:
    return any(desk.slots[change.slot].type is FlagType.BOOL for change in part)
