"""Taking back what an advance has written when a later part of it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rollout.engine.settings import same
from rollout.errors import RolloutError
from rollout.frozen import replace
from rollout.model.changes import Change, Slot
from rollout.model.values import Flag
from rollout.operations.apply import Applied, in_order, read_back
from rollout.operations.commanding import Crew
from rollout.operations.desk import Desk
from rollout.ports import Target


def put_back(
    desk: Desk, changes: Sequence[Change], touched: frozenset[str], crew: Crew, *, bools_first: bool
) -> Applied:
    """The values before, at the targets that were touched, brought into effect again; the last written comes first.

    `verified` then means: holds the value before again.
    """
    undo = [
        replace(change, before=change.after, after=change.before)
        for change in reversed(changes)
        if change.slot.target in touched
    ]
    failures: list[tuple[str, RolloutError]] = []
    parts = in_order(desk, undo, bools_first=bools_first)
    for name, part in parts:
        try:
            _undo(desk.targets[name], desk.slots, part)
        except RolloutError as error:
            failures.append((name, error))
    for name, _ in parts:
        try:
            crew.apply(desk.environment.targets[name], emergency=False)
        except RolloutError as error:
            failures.append((name, error))
    return Applied(read_back(desk, undo), tuple(failures), touched)


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
