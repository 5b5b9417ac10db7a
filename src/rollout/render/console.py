"""The one way to a terminal: plain text and tables, never markup, in the stream's own encoding and width."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from rollout.render.text import clean

STYLES = {
    "GO": "bold green",
    "HOLD": "bold yellow",
    "NO-GO": "bold red",
    "UNKNOWN": "bold magenta",
    "ROLLBACK": "bold white on red",
    "pass": "green",
    "quiet": "green",
    "fail": "red",
    "fired": "bold red",
    "unknown": "magenta",
    "waiting": "yellow",
    "error": "bold red",
    "warning": "yellow",
}
"""Colour never says what a word does not say too."""

PIPE_WIDTH = 120


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # rich would exit with 1; what a reader that went away means is decided at the end


def console(stream: TextIO) -> Console:
    width = None if stream.isatty() or os.environ.get("COLUMNS") else PIPE_WIDTH
    return _Console(file=stream, markup=False, highlight=False, emoji=False, width=width, soft_wrap=False)


def styled(*parts: str) -> Text:
    """Words of `STYLES` in their colour, everything else plain."""
    line = Text()
    for part in parts:
        line.append(clean(part), style=STYLES.get(part, ""))
    return line


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    columns = [Column(heading, overflow="fold") for heading in headings]  # cut text would be lost, folded text is not
    drawn = Table(*columns, box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
    for row in rows:
        drawn.add_row(*(styled(cell) for cell in row))
    return drawn
