"""A plan file as a tree of nodes that remember where they stand."""

from __future__ import annotations

import re

from rollout.frozen import dataclass


@dataclass(frozen=True, order=True)
class Place:
    """Line and column of a file, both counted from 1; `width` is how many characters a caret line marks."""

    line: int
    column: int
    width: int = 1


@dataclass(frozen=True)
class Scalar:
    """`plain` text was written without quotes, so it may be a bool, a number or nothing."""

    place: Place
    text: str
    plain: bool

    def value(self) -> bool | int | float | str | None:
        """By YAML 1.2's core schema, where `on`, `yes`, `1:30` and `1_000` are strings."""
        if not self.plain:
            return self.text
        if self.text in _CONSTANTS:
            return _CONSTANTS[self.text]
        if _INTEGER.match(self.text):
            return int(self.text)
        if _FLOAT.match(self.text):
            return float(self.text)
        if _SPECIAL_FLOAT.match(self.text):
            return float(self.text.lower().replace(".", ""))
        return self.text

    @property
    def described(self) -> str:
        match self.value():
            case None:
                return "nothing"
            case bool():
                return f"the bool {self.text}"
            case int() | float():
                return f"the number {self.text}"
            case _:
                return f"the text {self.text!r}" if len(self.text) <= 60 else "a text"


@dataclass(frozen=True)
class Sequence:
    place: Place
    items: tuple[Node, ...]
    described = "a list"


@dataclass(frozen=True)
class Mapping:
    """Entries in the file's order, duplicate keys included."""

    place: Place
    entries: tuple[tuple[Scalar, Node], ...]
    described = "a mapping"

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,30}|(0|[1-9][0-9]{0,30})(\.[0-9]{0,30})?)([eE][-+]?[0-9]{1,3})?\Z")
_SPECIAL_FLOAT = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
