"""What was unlocked."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.unlock import Unlocked
from rollout.render.console import console, styled


def write(result: Unlocked, stream: TextIO) -> None:
    out = console(stream)
    if not result.released:
        out.print(styled("nothing is locked"))
        return
    out.print(styled(f"unlocked: {result.released}  [{result.head[:12]}]"))
    out.print(styled("next: rollout recover"))
