"""Shapes of names: those that define something and those that refer to it."""

from __future__ import annotations

import re

from rollout.frozen import dataclass
from rollout.model.units import UNITS
from rollout.shapes.book import Book, Unreadable, nearest
from rollout.shapes.nodes import Node, Scalar
from rollout.shapes.shape import PLAIN, Schema, defined, matching


@dataclass(frozen=True)
class Name:
    """A key or id. YAML's numbers and bools are fine as names: they are taken as written.

    `taken` are words that mean something else.
    """

    pattern: str = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}"
    expected: str = "a name of letters, digits, '-', '_' and '.' (at most 63)"
    taken: tuple[str, ...] = ()

    def read(self, node: Node, book: Book) -> str:
        if not isinstance(node, Scalar):
            book.error(node, f"expected {self.expected}, found {node.described}")
        elif not re.fullmatch(self.pattern, node.text):
            book.error(node, f"{node.text!r} is not {self.expected}")
        elif node.text in self.taken:
            book.error(node, f"{node.text!r} means something else here; take another name", id="reserved")
        else:
            return node.text
        raise Unreadable

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        bare = [kind for kind, text in (("number", "1"), ("boolean", "true")) if re.fullmatch(self.pattern, text)]
        schema: Schema = {"type": ["string", *bare]} | matching(self.pattern, self.expected)
        return schema | ({"not": {"enum": list(self.taken)}} if self.taken else {})


@dataclass(frozen=True)
class Reference:
    """The name of something that the plan defines elsewhere, before or after."""

    kind: str
    role: str = ""

    def read(self, node: Node, book: Book) -> str:
        name = Name(pattern=r".+", expected=f"the name of a {self.kind}").read(node, book)
        book.use(self.kind, name, node.place, role=self.role)
        return name

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": PLAIN} | matching(".+", f"the name of a {self.kind}")


@dataclass(frozen=True)
class UnitName:
    """One of the known units."""

    def read(self, node: Node, book: Book) -> str:
        if isinstance(node, Scalar) and node.text in UNITS:
            return node.text
        given = node.text if isinstance(node, Scalar) else ""
        hint = nearest(given, UNITS) or f"known: {', '.join(UNITS)}"
        book.error(node, f"expected a unit, found {node.described}", hint, id="unknown-unit")
        raise Unreadable

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return defined(
            "unit", {"title": "Unit", "description": "What a number measures.", "enum": list(UNITS)}, definitions
        )


NAME = Name()

LABEL = Name(pattern=r"\S(.{0,198}\S)?", expected="a name of at most 200 characters")
"""A free name, such as a link's or a header's, that nothing refers to."""
