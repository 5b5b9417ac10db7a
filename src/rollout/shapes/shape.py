"""The protocol of shapes, and those that wrap another shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from rollout.frozen import dataclass, field
from rollout.shapes.book import Book, Unreadable
from rollout.shapes.nodes import Node, Scalar, Sequence

T = TypeVar("T")
U = TypeVar("U")
T_co = TypeVar("T_co", covariant=True)

Schema = dict[str, object]
"""A JSON Schema; shapes that refer to themselves stand once, in the `definitions` that `schema` fills."""

PLAIN: list[str] = ["string", "number", "boolean"]
"""What a text may be for a JSON Schema where YAML's numbers and bools are taken as they are written."""


def matching(pattern: str, expected: str) -> Schema:
    """A whole text that matches; editors that know the second keyword say what was expected, not the pattern."""
    return {"pattern": f"^(?:{pattern})$", "patternErrorMessage": f"expected {expected}"}


def defined(name: str, schema: Schema, definitions: dict[str, Schema]) -> Schema:
    """A reference to what stands once among the definitions, however many keys are like it."""
    definitions.setdefault(name, schema)
    return {"$ref": f"#/$defs/{name}"}


class Shape(Protocol[T_co]):
    def read(self, node: Node, book: Book) -> T_co:
        """The value; problems go to the book. Unreadable when there is none."""
        ...

    def schema(self, definitions: dict[str, Schema]) -> Schema: ...


@dataclass(frozen=True)
class Mapped(Generic[T, U]):
    """Another shape's value, turned into something else; a ValueError of `turn` is a problem at the node.

    `rules` is what JSON Schema can say of the values that `turn` takes.
    """

    shape: Shape[T]
    turn: Callable[[T], U]
    hint: str = ""
    rules: Schema = field(default_factory=dict)

    def read(self, node: Node, book: Book) -> U:
        value = self.shape.read(node, book)
        try:
            return self.turn(value)
        except ValueError as error:
            book.error(node, str(error), self.hint)
            raise Unreadable from None

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return self.shape.schema(definitions) | self.rules


@dataclass(frozen=True)
class Noted(Generic[T]):
    """Another shape whose value is written down in the book, for the sections that are read after it."""

    shape: Shape[T]
    note: Callable[[Book, T], None]

    def read(self, node: Node, book: Book) -> T:
        value = self.shape.read(node, book)
        self.note(book, value)
        return value

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return self.shape.schema(definitions)


@dataclass(frozen=True)
class ByNode(Generic[T]):
    """One of several shapes, chosen by what the node is, so that a mistake is told by the shape that was meant."""

    expected: str
    scalar: Shape[T] | None = None
    sequence: Shape[T] | None = None
    mapping: Shape[T] | None = None

    def read(self, node: Node, book: Book) -> T:
        if isinstance(node, Scalar):
            shape = self.scalar
        else:
            shape = self.sequence if isinstance(node, Sequence) else self.mapping
        if shape is None:
            book.error(node, f"expected {self.expected}, found {node.described}")
            raise Unreadable
        return shape.read(node, book)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        shapes = [shape for shape in (self.scalar, self.sequence, self.mapping) if shape is not None]
        return {"anyOf": [shape.schema(definitions) for shape in shapes]}


@dataclass(frozen=True)
class Late(Generic[T]):
    """A shape that is loaded when it is needed."""

    load: Callable[[], Shape[T]]

    def read(self, node: Node, book: Book) -> T:
        return self.load().read(node, book)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return self.load().schema(definitions)


@dataclass(frozen=True)
class Named(Generic[T]):
    """A shape that stands once in the schema's definitions; built on first use, so it may contain itself."""

    name: str
    build: Callable[[], Shape[T]]

    def read(self, node: Node, book: Book) -> T:
        return self.build().read(node, book)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        if self.name not in definitions:
            definitions[self.name] = {}
            definitions[self.name] = self.build().schema(definitions)
        return {"$ref": f"#/$defs/{self.name}"}
