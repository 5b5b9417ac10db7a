"""What is shown, as lines and tables of plain text, and the way to a terminal: never markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TextIO, cast

from rollout.frozen import dataclass
from rollout.render.harmless import Harmless
from rollout.render.text import clean


@dataclass(frozen=True)
class Line:
    """A part that is a word such as GO or error has its colour, which never says what the word does not say too."""

    parts: tuple[str, ...]


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


def styled(*parts: str) -> Line:
    return Line(tuple(map(clean, parts)))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    return Table(tuple(headings), tuple(tuple(map(clean, row)) for row in rows))
