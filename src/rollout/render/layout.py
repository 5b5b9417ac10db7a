"""Tables that fit the window: columns of prose are folded; where that does not do, every row becomes a paragraph."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from rollout.render.console import Table

GAP = 3
_PROSE = 24
"""Columns up to here are words and numbers, which are never folded; the rest may be, down to this width."""


def cell_width(text: str) -> int:
    """In columns: of East Asia's characters each takes two, and marks upon others none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(one) else 1 + (unicodedata.east_asian_width(one) in "WF") for one in text)


def natural(table: Table) -> list[int]:
    return [max(map(cell_width, column)) for column in zip(table.headings, *table.rows, strict=True)]


def fitted(widths: Sequence[int], available: int) -> list[int] | None:
    """The widths of the columns, None where a table would be unreadable."""
    room = available - GAP * (len(widths) - 1) - sum(width for width in widths if width <= _PROSE)
    fitted = list(widths)
    folding = sorted((width, number) for number, width in enumerate(widths) if width > _PROSE)
    for done, (width, number) in enumerate(folding):
        fitted[number] = min(width, room // (len(folding) - done))
        room -= fitted[number]
    return fitted if room >= 0 and all(fitted[number] >= _PROSE for _, number in folding) else None


def paragraphs(table: Table) -> Iterator[tuple[str, str]]:
    """Label and text of each line: how a row begins, without a label, and the rest beneath it.

    What has no heading goes with what is before it; where that is the first of a row, the second goes with it.
    """
    widest = max(map(cell_width, table.headings)) + 2
    for row in table.rows:
        lines: list[tuple[str, str]] = []
        for number, (heading, cell) in enumerate(zip(table.headings, row, strict=True)):
            if cell and lines and (not heading or (number == 1 and not table.headings[0])):
                lines[-1] = (lines[-1][0], f"{lines[-1][1]}  {cell}")
            elif cell or not lines:
                lines.append(("  " + heading + " " * (widest - cell_width(heading)) if lines else "", cell))
        yield from lines
