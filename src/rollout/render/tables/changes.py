"""What a step or a rollback changes: flag, before, after, target."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from rollout.model.changes import Change
from rollout.render.console import styled, table
from rollout.render.text import shown


def write_changes(changes: Sequence[Change], out: Console, *, done: bool) -> None:
    """`done`: the last column says whether each was read back."""
    if not changes:
        out.print(styled("no value changes"))
        return
    rows = [
        (
            change.slot.flag,
            shown(change.before),
            "=" if change.before == change.after else "->",
            shown(change.after),
            change.slot.target,
            _state(change, done=done),
        )
        for change in changes
    ]
    out.print(table(("flag", "before", "", "after", "target", ""), rows))


def _state(change: Change, *, done: bool) -> str:
    if not done:
        return ""
    return "read back" if change.verified else "NOT CONFIRMED"
