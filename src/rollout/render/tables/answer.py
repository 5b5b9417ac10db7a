"""What people said, and what it makes of its gates and triggers."""

from __future__ import annotations

from typing import TextIO

from rollout.model.units import readable
from rollout.operations.answer import Answered, Given
from rollout.render.console import console, styled, table


def write(result: Answered, stream: TextIO) -> None:
    out = console(stream)
    rows = [(one.id, _value(one), one.outcome.value, one.reason) for one in result.answers]
    out.print(table(("answered", "value", "outcome", ""), rows))
    out.print(styled(f"recorded for {result.rollout} in {result.environment}", f"  [{result.head[:12]}]"))
    out.print(styled("next: rollout check-gates"))


def _value(one: Given) -> str:
    if isinstance(one.value, bool):
        return "yes" if one.value else "no"
    return readable(one.value, one.unit)
