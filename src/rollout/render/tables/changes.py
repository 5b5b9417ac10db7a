"""What a step or a rollback changes: flag, before, after, target."""

from __future__ import annotations

from collections.abc import Sequence

from rollout.model.changes import Change
from rollout.render.console import Console, styled, table
from rollout.render.text import shown


def write_changes(changes: Sequence[Change], out: Console, *, done: bool, otherwise: str = "NOT CONFIRMED") -> None:
    """`done`: the last column says whether each was read back, or what it is `otherwise`."""
    if not changes:
        out.print(styled("no value changes"))
        return
    rows = [
        (
            change.slot.flag,
            shown(change.before),
            shown(change.after),
            change.slot.target,
            _state(change, otherwise) if done else "",
        )
        for change in changes
    ]
    out.print(table(("flag", "before", "after", "target", ""), rows))


def _state(change: Change, otherwise: str) -> str:
    return "read back" if change.verified else otherwise
