"""Who signed."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.checklist import Signed
from rollout.render.console import console, styled


def write(result: Signed, stream: TextIO) -> None:
    out = console(stream)
    out.print(styled(f"{result.by} has signed as {result.role}, for {result.phase}"))
    out.print(styled(f"recorded for {result.rollout} in {result.environment}", f"  [{result.head[:12]}]"))
    out.print(styled("next: rollout checklist"))
