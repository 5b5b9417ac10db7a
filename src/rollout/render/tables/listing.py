"""Every rollout of a store."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.history import Listing
from rollout.render.console import console, styled, table


def write(result: Listing, stream: TextIO) -> None:
    out = console(stream)
    if not result.rollouts:
        out.print(styled(f"no rollouts in {result.store}"))
        return
    rows = [
        (
            str(rollout),
            state.status.value,
            str(state.position or "-"),
            state.since.isoformat(timespec="seconds").replace("+00:00", "Z") if state.since else "-",
            state.verdict or "-",
        )
        for rollout, state in result.rollouts
    ]
    out.print(table(("rollout", "status", "step", "since", "verdict"), rows))
