"""Lines and tables for an emergency: rich takes as long to load as everything else that it does.

As rich shows them where they fit; of a table too wide for the window every row becomes a paragraph.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rollout.render.console import Line, Table, coloured, columns, utf
from rollout.render.layout import GAP, cell_width, natural, paragraphs

_RED, _YELLOW, _DIM = "1;31", "33", "2"
_STYLES = {"error": _RED, "warning": _YELLOW, "HOLD": "1;33"}


class LeanConsole:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._coloured = coloured(stream)

    def print(self, what: Line | Table, *, soft_wrap: bool = False) -> None:
        if isinstance(what, Line):
            self._write(what.label + "".join(self._drawn(part, _STYLES.get(part, "")) for part in what.parts))
            return
        widths = natural(what)
        whole = sum(widths) + GAP * (len(widths) - 1)
        if whole > (columns(self._stream) or whole):
            for label, text in paragraphs(what):
                self._write(label + text)
            return
        self._row(what.headings, widths, _DIM)
        self._write(("─" if utf(self._stream) else "-") * whole)
        for row in what.rows:
            self._row(row, widths, "")

    def _row(self, cells: Sequence[str], widths: Sequence[int], style: str) -> None:
        padded = [cell + " " * (width - cell_width(cell)) for cell, width in zip(cells, widths, strict=True)]
        self._write(self._drawn((" " * GAP).join(padded), style))

    def _drawn(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if style and self._coloured else text

    def _write(self, line: str) -> None:
        self._stream.write(f"{line}\n")
