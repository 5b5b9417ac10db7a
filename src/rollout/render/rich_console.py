"""Lines and tables, painted by rich."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column
from rich.table import Table as RichTable
from rich.text import Text

from rollout.render.console import Line, Table

_STYLES = {
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

PIPE_WIDTH = 120


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # rich would exit with 1; what a reader that went away means is decided at the end


class RichConsole:
    def __init__(self, stream: TextIO) -> None:
        width = None if stream.isatty() or os.environ.get("COLUMNS") else PIPE_WIDTH
        self._console = _Console(file=stream, markup=False, highlight=False, emoji=False, width=width, soft_wrap=False)

    def print(self, what: Line | Table, *, soft_wrap: bool = False) -> None:
        self._console.print(_table(what) if isinstance(what, Table) else _text(what.parts), soft_wrap=soft_wrap)


def _table(table: Table) -> RichTable:
    # Cut text would be lost, folded text is not.
    columns = [Column(heading, overflow="fold") for heading in table.headings]
    drawn = RichTable(*columns, box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim")
    for row in table.rows:
        drawn.add_row(*(_text((cell,)) for cell in row))
    return drawn


def _text(parts: Iterable[str]) -> Text:
    line = Text()
    for part in parts:
        line.append(part, style=_STYLES.get(part, ""))
    return line
