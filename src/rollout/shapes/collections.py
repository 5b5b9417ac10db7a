"""Shapes of lists and of mappings whose keys are names. A part that cannot be read is left out; the rest is kept."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dict
from typing import Generic, TypeVar

from rollout.frozen import dataclass
from rollout.shapes.book import Book, Unreadable
from rollout.shapes.nodes import Mapping, Node, Place, Scalar, Sequence
from rollout.shapes.shape import Schema, Shape
from rollout.shapes.words import NAME

T = TypeVar("T")


@dataclass(frozen=True)
class ListOf(Generic[T]):
    """A list; with `or_one` a single item stands for a list of one.

    `id` is what no two items may have in common, empty where an item has none; `what` is an item's word for it.
    """

    item: Shape[T]
    or_one: bool = False
    at_least: int = 0
    id: Callable[[T], str] | None = None
    what: str = ""

    def read(self, node: Node, book: Book) -> tuple[T, ...]:
        if not isinstance(node, Sequence):
            if self.or_one:
                return (self.item.read(node, book),)
            book.error(node, f"expected a list, found {node.described}")
            raise Unreadable
        if len(node.items) < self.at_least:
            book.error(node, "this list is empty")
            raise Unreadable
        values = []
        first: dict[str, Place] = {}
        for item in node.items:
            try:
                value = self.item.read(item, book)
            except Unreadable:
                continue
            id = self.id(value) if self.id else ""
            if id in first:
                line = first[id].line
                book.error(item, f"the {self.what} {id!r} stands twice; the first is in line {line}", id="duplicate")
                continue
            if id:
                first[id] = item.place
            values.append(value)
        return tuple(values)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        item = self.item.schema(definitions)
        items: Schema = {"type": "array", "items": item}
        if self.at_least:
            items["minItems"] = self.at_least
        return {"anyOf": [item, items]} if self.or_one else items


@dataclass(frozen=True)
class MapOf(Generic[T]):
    """A mapping from names to values.

    With `kind` each key defines that kind of name, which others may refer to. `named` puts the key into the value.
    """

    value: Shape[T]
    key: Shape[str] = NAME
    kind: str = ""
    named: Callable[[T, str], T] | None = None
    at_least: int = 0

    def read(self, node: Node, book: Book) -> Dict[str, T]:
        if not isinstance(node, Mapping):
            book.error(node, f"expected a mapping, found {node.described}")
            raise Unreadable
        if len(node.entries) < self.at_least:
            book.error(node, "this mapping is empty")
            raise Unreadable
        values: dict[str, T] = {}
        for name, value in unique(node, book):
            try:
                key = self.key.read(name, book)
                if self.kind:
                    book.define(self.kind, key, name.place)
                read = self.value.read(value, book)
                values[key] = self.named(read, key) if self.named else read
            except Unreadable:
                continue
        return values

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        value = self.value.schema(definitions)
        names = self.key.schema(definitions)
        schema: Schema = {"type": "object", "propertyNames": names, "additionalProperties": value}
        return schema | ({"minProperties": self.at_least} if self.at_least else {})


def unique(node: Mapping, book: Book) -> list[tuple[Scalar, Node]]:
    """The entries without repeated keys; each repetition is an error that names the first."""
    first: dict[str, Scalar] = {}
    entries = []
    for name, value in node.entries:
        if name.text in first:
            line = first[name.text].place.line
            book.error(name, f"the key {name.text!r} stands twice; the first is in line {line}", id="duplicate-key")
            continue
        first[name.text] = name
        entries.append((name, value))
    return entries
