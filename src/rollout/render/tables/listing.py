"""Every rollout of a store."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.history import Listing
from rollout.render.console import console, styled, table
from rollout.render.text import ago


def write(result: Listing, stream: TextIO) -> None:
    out = console(stream)
    if not result.rollouts:
        out.print(styled(f"no rollouts in {result.store}"))
        return
    rows = [
        (
            str(one.rollout),
            one.flaw or one.state.status.value,
            str(one.state.position or "-"),
            ago(one.state.since, result.now) if one.state.since else "-",
            one.state.verdict or "-",
        )
        for one in result.rollouts
    ]
    out.print(table(("rollout", "status", "step", "since", "verdict"), rows))
