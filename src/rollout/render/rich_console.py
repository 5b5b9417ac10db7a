"""Lines and tables, painted by rich."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD, Box
from rich.console import Console
from rich.table import Column
from rich.table import Table as RichTable
from rich.text import Text

from rollout.render.console import Line, Table, coloured, columns, utf
from rollout.render.layout import fitted, natural, paragraphs

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
    "✔": "green",
    "▶": "bold cyan",
}

PIPE_WIDTH = 120
_ASCII_HEAD = Box("\n".join(["    "] * 2 + [" -- "] + ["    "] * 5) + "\n", ascii=True)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # rich would exit with 1; what a reader that went away means is decided at the end


class RichConsole:
    def __init__(self, stream: TextIO) -> None:
        colour = coloured(stream)
        self._box = SIMPLE_HEAD if utf(stream) else _ASCII_HEAD
        self._console = _Console(
            file=stream,
            force_terminal=colour,
            color_system="auto" if colour else None,
            width=columns(stream) or PIPE_WIDTH,
            markup=False,
            highlight=False,
            emoji=False,
            soft_wrap=False,
        )

    def print(self, what: Line | Table, *, soft_wrap: bool = False) -> None:
        if isinstance(what, Table):
            widths = fitted(natural(what), self._console.width)
            if widths is None:
                for label, text in paragraphs(what):
                    self._line(Line((text,), label))
            else:
                self._console.print(self._table(what, widths))
        elif soft_wrap:
            self._console.print(_text((what.label, *what.parts)), soft_wrap=True)
        else:
            self._line(what)

    def _table(self, table: Table, widths: Sequence[int]) -> RichTable:
        # Cut text would be lost, folded text is not.
        columns = [
            Column(heading, overflow="fold", width=width) for heading, width in zip(table.headings, widths, strict=True)
        ]
        drawn = RichTable(*columns, box=self._box, pad_edge=False, show_edge=False, header_style="dim")
        for row in table.rows:
            drawn.add_row(*(_text((cell,)) for cell in row))
        return drawn

    def _line(self, line: Line) -> None:
        if not line.label:
            self._console.print(_text(line.parts))
            return
        grid = RichTable.grid(Column(width=len(line.label)), Column(overflow="fold"))
        grid.add_row(Text(line.label, style=_STYLES.get(line.label.strip(), "")), _text(line.parts))
        self._console.print(grid)


def _text(parts: Iterable[str]) -> Text:
    line = Text()
    for part in parts:
        line.append(part, style=_STYLES.get(part, ""))
    return line
