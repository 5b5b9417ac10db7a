"""Lines and tables for an emergency: rich takes as long to load as everything else that it does.

As rich shows them where they fit; what does not fit is left to the terminal to fold.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from typing import TextIO

from rollout.render.console import Line, Table

_RED, _YELLOW, _DIM = "1;31", "33", "2"
_STYLES = {"error": _RED, "warning": _YELLOW, "HOLD": "1;33"}
_GAP = "   "


class LeanConsole:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "") in ("dumb", "unknown")
        self._coloured = stream.isatty() and not plain

    def print(self, what: Line | Table, *, soft_wrap: bool = False) -> None:
        if isinstance(what, Line):
            self._write("".join(self._drawn(part, _STYLES.get(part, "")) for part in what.parts))
            return
        widths = [max(map(_width, column)) for column in zip(what.headings, *what.rows, strict=True)]
        self._row(what.headings, widths, _DIM)
        rule = "─" if (self._stream.encoding or "utf-8").lower().startswith("utf") else "-"
        self._write(rule * (sum(widths) + len(_GAP) * (len(widths) - 1)))
        for row in what.rows:
            self._row(row, widths, "")

    def _row(self, cells: Sequence[str], widths: Sequence[int], style: str) -> None:
        padded = [cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
        self._write(self._drawn(_GAP.join(padded), style))

    def _drawn(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if style and self._coloured else text

    def _write(self, line: str) -> None:
        self._stream.write(f"{line}\n")


def _width(text: str) -> int:
    """In columns: of East Asia's characters each takes two."""
    return len(text) if text.isascii() else sum(1 + (unicodedata.east_asian_width(one) in "WF") for one in text)
