"""Shapes of mappings with fixed keys."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Dict
from typing import Any, Generic, TypeVar

from rollout.frozen import dataclass, field
from rollout.shapes.book import Book, Unreadable, nearest, nearest_name
from rollout.shapes.collections import unique
from rollout.shapes.nodes import Mapping, Node, Scalar
from rollout.shapes.shape import Schema, Shape

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Misfit(ValueError):
    """Raised by a record's `build` when its parts do not fit together; `key` is the one to point at."""

    def __init__(self, key: str, message: str, id: str = "invalid", hint: str = "") -> None:
        super().__init__(message)
        self.key = key
        self.id = id
        self.hint = hint


@dataclass(frozen=True)
class Key:
    """One key of a record; `into` is the keyword that the built value takes it under, where that differs.

    `doc` says what it is (the first sentence stands in messages too), in which unit, and what happens without it;
    `default`, where there is one, means the same written out as left out. `also` are further examples.
    """

    shape: Shape[object]
    doc: str
    example: object
    required: bool = False
    into: str = ""
    default: object = None
    also: tuple[object, ...] = ()

    @property
    def summary(self) -> str:
        return self.doc.split(". ")[0].rstrip(".") + "."

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        described: Schema = {"description": self.doc}
        schema = described | self.shape.schema(definitions) | described
        default: Schema = {} if self.default is None else {"default": self.default}
        return schema | default | {"examples": [self.example, *self.also]}


@dataclass(frozen=True)
class Record(Generic[T_co]):
    """A mapping with these keys and no others, read in this order, whatever the file's.

    An optional part that cannot be read is left out and the rest is built, so that its problems show too; `build`
    gets what was read as keywords and may raise Misfit; `rules` is what JSON Schema can say of that.
    """

    build: Callable[..., T_co]
    keys: Dict[str, Key]
    what: str = "mapping"
    rules: Schema = field(default_factory=dict)

    def read(self, node: Node, book: Book) -> T_co:
        return self._read(node, book, self.build, whole=True)

    def change(self, node: Node, book: Book, build: Callable[..., T]) -> T:
        """As `read`, with no key required: for a mapping that changes some keys of what stands elsewhere."""
        return self._read(node, book, build, whole=False)

    def _read(self, node: Node, book: Book, build: Callable[..., T], *, whole: bool) -> T:
        if not isinstance(node, Mapping):
            book.error(node, f"expected {_a(self.what)} ({', '.join(self.keys)}), found {node.described}")
            raise Unreadable
        entries = {name.text: (name, value) for name, value in unique(node, book)}
        self._report_unknown(entries, book)
        arguments, broken = self._arguments(node, {key: value for key, (_, value) in entries.items()}, book, whole)
        try:
            return build(**arguments)
        except Misfit as misfit:
            if not broken:  # else the parts might fit, once all of them can be read
                at = entries[misfit.key][1] if misfit.key in entries else node
                book.error(at, str(misfit), misfit.hint, misfit.id)
            raise Unreadable from None

    def _report_unknown(self, entries: Dict[str, tuple[Scalar, Node]], book: Book) -> None:
        for text, (name, value) in entries.items():
            if text not in self.keys:
                hint = _hint(name, value, self.keys)
                book.error(name, f"{_a(self.what)} has no key {text!r}", hint, id="unknown-key")

    def _arguments(
        self, node: Mapping, values: Dict[str, Node], book: Book, whole: bool
    ) -> tuple[dict[str, Any], bool]:
        """The keywords for `build`, and whether an optional one had to be left out."""
        arguments: dict[str, Any] = {}
        misspelt = {nearest_name(key, self.keys) for key in values if key not in self.keys}
        missing = broken = False
        for key, declared in self.keys.items():
            if key in values:
                try:
                    arguments[declared.into or key] = declared.shape.read(values[key], book)
                except Unreadable:
                    broken = True
                    missing = missing or declared.required
            elif declared.required and whole:
                missing = True
                if key not in misspelt:
                    book.error(node, f"this {self.what} has no {key!r}: {declared.summary}", id="missing-key")
        if missing:
            raise Unreadable
        return arguments, broken

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        required = [key for key, declared in self.keys.items() if declared.required]
        title = self.what.removeprefix("part of ")
        schema: Schema = {
            "title": title[:1].upper() + title[1:],
            "type": "object",
            "properties": {key: declared.schema(definitions) for key, declared in self.keys.items()},
            "additionalProperties": False,
        }
        return schema | ({"required": required} if required else {}) | self.rules


@dataclass(frozen=True)
class Keyed(Generic[T_co]):
    """A mapping whose kind shows in which of these keys it has: `{metric: …}`, `{alerts: …}`."""

    kinds: Dict[str, Shape[T_co]]
    what: str

    def read(self, node: Node, book: Book) -> T_co:
        known = ", ".join(self.kinds)
        if not isinstance(node, Mapping):
            book.error(node, f"expected {_a(self.what)} (a mapping with one of {known}), found {node.described}")
            raise Unreadable
        present = {name.text: name for name, _ in node.entries if name.text in self.kinds}
        if not present:
            at, hint = self._misspelt(node)
            book.error(at, f"this {self.what} needs one of the keys {known}", hint, id="unknown-kind")
            raise Unreadable
        if len(present) > 1:
            both = " and ".join(repr(text) for text in present)
            book.error(list(present.values())[1], f"{_a(self.what)} has one kind, this one has {both}", id="two-kinds")
            raise Unreadable
        return self.kinds[next(iter(present))].read(node, book)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"anyOf": [shape.schema(definitions) for shape in self.kinds.values()]}

    def _misspelt(self, node: Mapping) -> tuple[Node, str]:
        for name, _ in node.entries:
            hint = nearest(name.text, self.kinds)
            if hint:
                return name, hint
        return node, ""


def _hint(name: Scalar, value: Node, keys: Dict[str, Key]) -> str:
    if name.text == "<<":
        return "YAML 1.2 has no merge keys; write the keys out"
    if isinstance(value, Scalar) and value.plain and not value.text:
        return "a comma in unquoted text? quote it"
    return nearest(name.text, keys) or f"known: {', '.join(keys)}"


def _a(what: str) -> str:
    return f"an {what}" if what.startswith(("a", "e", "i", "o", "http ", "sql ")) else f"a {what}"
