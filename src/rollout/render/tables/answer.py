"""What people said, and what it makes of its gates and triggers."""

from __future__ import annotations

from typing import TextIO

from rollout.model.units import readable
from rollout.operations.answer import Answered, Given
from rollout.render.console import console, styled, table


def write(result: Answered, stream: TextIO) -> None:
    out = console(stream)
    if result.answers:
        rows = [(one.id, _value(one), one.outcome.value, one.reason) for one in result.answers]
        out.print(table(("answered", "value", "outcome", ""), rows))
    for id in result.unchanged:
        out.print(styled(f"{id} is not ticked"))
    said = "recorded" if result.answers else "nothing to record"
    out.print(styled(f"{said} for {result.rollout} in {result.environment}{_head(result)}"))
    out.print(styled("next: rollout check-gates"))


def _head(result: Answered) -> str:
    return f"  [{result.head[:12]}]" if result.head else ""


def _value(one: Given) -> str:
    if isinstance(one.value, bool):
        return "yes" if one.value else "no"
    return readable(one.value, one.unit)
