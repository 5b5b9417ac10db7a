"""Shape of free JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping as Dict

from rollout.frozen import dataclass
from rollout.shapes.book import Book, Unreadable
from rollout.shapes.collections import unique
from rollout.shapes.nodes import Node, Scalar, Sequence
from rollout.shapes.shape import Schema

Json = None | bool | int | float | str | tuple["Json", ...] | Dict[str, "Json"]


@dataclass(frozen=True)
class JsonValue:
    """Anything that JSON can hold."""

    def read(self, node: Node, book: Book) -> Json:
        if isinstance(node, Sequence):
            return tuple(self.read(item, book) for item in node.items)
        if not isinstance(node, Scalar):
            return {name.text: self.read(value, book) for name, value in unique(node, book)}
        value = node.value()
        if isinstance(value, float) and not math.isfinite(value):
            book.error(node, f"JSON has no {node.text}", "quote it")
            raise Unreadable
        return value

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {}
