"""Shapes of commands: argument lists, run without a shell."""

from __future__ import annotations

from datetime import timedelta

from rollout.frozen import dataclass
from rollout.model.plan import Command
from rollout.shapes.book import Book
from rollout.shapes.collections import ListOf
from rollout.shapes.nodes import Node, Scalar, Sequence
from rollout.shapes.record import Key, Record
from rollout.shapes.scalars import Boolean, Duration, Template, Text
from rollout.shapes.shape import ByNode, Mapped, Schema

ARGUMENTS = ListOf(Template(from_vars=True), at_least=1)

COMMAND = ByNode(
    "a command (a list of texts, or a mapping with command, timeout and once)",
    sequence=Mapped(ARGUMENTS, Command),
    mapping=Record(
        Command,
        {
            "command": Key(ARGUMENTS, "Program and arguments.", required=True, into="argv", example=["./backup.sh"]),
            "timeout": Key(Duration(timedelta(seconds=1)), "How long it may take."),
            "once": Key(Boolean(), "A recovery does not repeat it."),
        },
        what="command",
    ),
)


@dataclass(frozen=True)
class Commands:
    """One command (a list of texts), or a list of commands."""

    def read(self, node: Node, book: Book) -> tuple[Command, ...]:
        if isinstance(node, Sequence) and not all(isinstance(item, Scalar) for item in node.items):
            return ListOf(COMMAND).read(node, book)
        if isinstance(node, Sequence) and not node.items:
            return ()
        return (COMMAND.read(node, book),)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"anyOf": [COMMAND.schema(definitions), ListOf(COMMAND).schema(definitions)]}


UNDOING = ListOf(
    ByNode[Command | str]("a command or a text", scalar=Text(), sequence=COMMAND, mapping=COMMAND), or_one=True
)
"""Commands, and texts for what a person is to do."""
