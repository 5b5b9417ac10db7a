"""Shapes of single values."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Generic, TypeVar

from rollout.frozen import dataclass
from rollout.model.durations import parse_duration
from rollout.model.variables import references
from rollout.shapes.book import Book, Unreadable, nearest
from rollout.shapes.nodes import Node, Scalar
from rollout.shapes.shape import PLAIN, Schema, defined, matching

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class Text:
    """A text; a plain number or bool is refused unless `loose`, because `on: 1e3` and `name: true` are slips."""

    pattern: str = ""
    expected: str = "a text"
    loose: bool = False
    empty: bool = False

    def read(self, node: Node, book: Book) -> str:
        value = node.value() if isinstance(node, Scalar) else None
        if isinstance(node, Scalar) and (isinstance(value, str) or (self.loose and value is not None)):
            text = node.text
            if not text.strip() and not self.empty:
                book.error(node, f"expected {self.expected}, found an empty text")
            elif self.pattern and not re.fullmatch(self.pattern, text):
                book.error(node, f"{text!r} is not {self.expected}")
            else:
                return text
        else:
            hint = "quote it" if isinstance(node, Scalar) and value is not None else ""
            book.error(node, f"expected {self.expected}, found {node.described}", hint)
        raise Unreadable

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        kind: Schema = {"type": PLAIN if self.loose else "string"}
        if self.pattern:
            return kind | matching(self.pattern, self.expected)
        something: Schema = {"pattern": r"\S", "patternErrorMessage": f"expected {self.expected}; this one is empty"}
        return kind if self.empty else kind | something


@dataclass(frozen=True)
class Template:
    """A text in which `${VAR}` and `${VAR:-default}` stand for variables.

    With `from_vars` the process environment does not count: some environment's `vars` must define it.
    """

    from_vars: bool = False
    empty: bool = True

    def read(self, node: Node, book: Book) -> str:
        text = Text(loose=True, empty=self.empty).read(node, book)
        for name, has_default in references(text):
            if not name:
                book.error(node, "a ${ in this text is not closed or names no variable", "write $${ for a literal ${")
                raise Unreadable
            if self.from_vars and not has_default:
                book.use("variable", name, node.place, "queries and commands take variables from `vars` alone")
        return text

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        something = "" if self.empty else r"(?=\s*\S)"
        expected = "a text; write $${ for a literal ${"
        template: Schema = {"title": "Text with variables", "description": _TEMPLATE_IS, "type": PLAIN}
        template |= matching(something + _TEMPLATE, expected)
        return defined("template" if self.empty else "filled-template", template, definitions)


_TEMPLATE_IS = (
    "A text in which ${VAR} and ${VAR:-default} stand for variables, filled in when it is used; $${ is a literal ${."
)
_TEMPLATE = r"(?:[^$]|\$(?!\$?\{)|\$\$\{|\$\{[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\})*"


@dataclass(frozen=True)
class Pattern:
    """A regular expression."""

    def read(self, node: Node, book: Book) -> str:
        text = Text(expected="a regular expression", loose=True).read(node, book)
        try:
            re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:
            book.error(node, f"{text!r} is not a regular expression: {error}")
            raise Unreadable from None
        return text

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return Text(loose=True).schema(definitions) | {"format": "regex"}


_BOOL_WORDS = {
    **dict.fromkeys(("yes", "on", "y", "1", "true"), "true, without quotes"),
    **dict.fromkeys(("no", "off", "n", "0", "false"), "false, without quotes"),
}


@dataclass(frozen=True)
class Boolean:
    def read(self, node: Node, book: Book) -> bool:
        value = node.value() if isinstance(node, Scalar) else None
        if isinstance(value, bool):
            return value
        meant = _BOOL_WORDS.get(node.text.lower(), "") if isinstance(node, Scalar) else ""
        hint = f"write {meant}" if meant else ""
        book.error(node, f"expected true or false, found {node.described}", hint)
        raise Unreadable

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": "boolean"}


_BARE_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?\Z")


@dataclass(frozen=True)
class Number:
    """A finite number from `least` to `most`."""

    least: float | None = None
    most: float | None = None

    def read(self, node: Node, book: Book) -> int | float:
        value = node.value() if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            bare = value.rstrip("% ") if isinstance(value, str) else ""
            hint = f"write {bare}, without quotes and unit" if _BARE_NUMBER.match(bare) else ""
            book.error(node, f"expected a number, found {node.described}", hint)
        elif (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            book.error(node, f"{value} is not {_between(self.least, self.most)}")
        else:
            return value
        raise Unreadable

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        bounds = {"minimum": self.least, "maximum": self.most}
        return {"type": "number"} | {key: bound for key, bound in bounds.items() if bound is not None}


@dataclass(frozen=True)
class Integer:
    least: int | None = None
    most: int | None = None

    def read(self, node: Node, book: Book) -> int:
        value = Number(self.least, self.most).read(node, book)
        if isinstance(value, int):
            return value
        book.error(node, f"expected a whole number, found {node.described}")
        raise Unreadable

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return Number(self.least, self.most).schema(definitions) | {"type": "integer"}


@dataclass(frozen=True)
class Duration:
    """`90s`, `5m`, `1d12h`."""

    least: timedelta = timedelta()

    def read(self, node: Node, book: Book) -> timedelta:
        if isinstance(node, Scalar) and isinstance(node.value(), int | float):
            book.error(
                node, f"expected a duration, found {node.described}", f"add a unit: {node.text}s, {node.text}m …"
            )
            raise Unreadable
        text = Text(expected="a duration such as 90s, 5m or 1d12h").read(node, book)
        try:
            duration = parse_duration(text)
        except ValueError as error:
            book.error(node, str(error))
            raise Unreadable from None
        if duration < self.least:
            book.error(node, f"{text} is too short")
            raise Unreadable
        return duration

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        something = "(?=.*[1-9])" if self.least else "(?=.)"
        pattern = matching(something + _DURATION, "a duration such as 90s, 5m or 1d12h")
        duration = {"title": "Duration", "description": _DURATION_IS, "type": "string"} | pattern
        return defined("positive-duration" if self.least else "duration", duration, definitions)


_DURATION_IS = "Numbers with units from great to small: w, d, h, m, s, ms. At most 365 days."
_DURATION = "".join(f"(?:[0-9]{{1,9}}{unit})?" for unit in ("w", "d", "h", "m(?!s)", "s", "ms"))


@dataclass(frozen=True)
class Share:
    """`95%`, as a ratio from 0 to 1."""

    def read(self, node: Node, book: Book) -> float:
        text = Text(pattern=_PERCENT, expected="a share such as 95%", loose=True).read(node, book)
        return float(Fraction(text.rstrip("% ")) / 100)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"title": "Share", "type": "string"} | matching(_PERCENT, "a share such as 95%")


_PERCENT = r"(100(\.0{1,9})?|[0-9]{1,2}(\.[0-9]{1,9})?) ?%"


@dataclass(frozen=True)
class Choice(Generic[E]):
    """One of an enumeration's words, or of those of them that stand in `among`."""

    of: type[E]
    among: tuple[E, ...] = ()

    def read(self, node: Node, book: Book) -> E:
        words = self._words
        if isinstance(node, Scalar) and node.text in words:
            return self.of(node.text)
        given = node.text if isinstance(node, Scalar) else ""
        book.error(node, f"expected one of {', '.join(words)}, found {node.described}", nearest(given, words))
        raise Unreadable

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"enum": self._words}

    @property
    def _words(self) -> list[str]:
        return [member.value for member in self.among or self.of]


def _between(least: float | None, most: float | None) -> str:
    if most is None:
        return f"at least {least}"
    return f"at most {most}" if least is None else f"between {least} and {most}"
