"""A rollout that was abandoned, and the values that stand."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.close import Closed
from rollout.render.console import console, styled
from rollout.render.text import shown_values


def write(result: Closed, stream: TextIO) -> None:
    out = console(stream)
    closed = f"{result.rollout} in {result.environment} is closed by {result.by}: {result.reason}"
    out.print(styled(closed, f"  [{result.head[:12]}]"))
    out.print(styled(f"flags stay as they are: {shown_values(result.values) or '(no flags)'}"))
    for sentence in result.unreadable:
        out.print(styled("warning", f": {sentence}"))
