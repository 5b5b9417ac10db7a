"""What is shown, as lines and tables of plain text, and the way to a terminal: never markup."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol, TextIO, cast

from rollout.frozen import dataclass
from rollout.render.harmless import Harmless
from rollout.render.text import clean

_BAR = 10


@dataclass(frozen=True)
class Line:
    """A part that is a word such as GO or error has its colour, which never says what the word does not say too.

    What does not fit goes on in the next line, beneath what comes after the `label`.
    """

    parts: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True)
class Table:
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Console(Protocol):
    def print(self, what: Line | Table, *, soft_wrap: bool = False) -> None:
        """`soft_wrap`: the line is left whole, for whoever copies it."""
        ...


def console(stream: TextIO, *, lean: bool = False) -> Console:
    """Rich, in the stream's own encoding and width. `lean` looks the same and loads nothing: for an emergency."""
    stream = cast(TextIO, Harmless(stream))
    if lean:
        from rollout.render.lean_console import LeanConsole

        return LeanConsole(stream)
    from rollout.render.rich_console import RichConsole

    return RichConsole(stream)


def columns(stream: TextIO) -> int | None:
    """None where there is no edge: a pipe."""
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (ValueError, OSError):
        return None


def utf(stream: TextIO) -> bool:
    return (stream.encoding or "utf-8").lower().startswith("utf")


def coloured(stream: TextIO) -> bool:
    """`NO_COLOR` beats `FORCE_COLOR`, and both beat what the stream is."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "") in ("dumb", "unknown"):
        return False
    forced = os.environ.get("FORCE_COLOR", "")
    return forced.lower() not in ("0", "false") if forced else stream.isatty()


def styled(*parts: str, label: str = "") -> Line:
    return Line(tuple(map(clean, parts)), label)


def bar(share: float) -> str:
    full = int(_BAR * min(max(share, 0), 1))
    return "█" * full + "░" * (_BAR - full)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    return Table(tuple(headings), tuple(tuple(map(clean, row)) for row in rows))
