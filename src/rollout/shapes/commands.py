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
from rollout.shapes.shape import ByNode, Mapped, Schema, defined

ARGUMENTS = ListOf(Template(from_vars=True), at_least=1)

COMMAND = ByNode(
    "a command (a list of texts, or a mapping with command, timeout and once)",
    sequence=Mapped(ARGUMENTS, Command),
    mapping=Record(
        Command,
        {
            "command": Key(
                ARGUMENTS,
                "Program and arguments, one text each. They run without a shell, in the plan's folder (or `workdir`).",
                example=["./backup.sh", "--full"],
                required=True,
                into="argv",
            ),
            "timeout": Key(
                Duration(timedelta(seconds=1)),
                "How long it may take before it is ended and counts as failed. Without it: 5m; in an emergency the "
                "level's `objective`.",
                example="2m",
            ),
            "once": Key(
                Boolean(),
                "With `true` a recovery does not run it again. Without it a crash may make it run twice.",
                example=True,
                default=False,
            ),
        },
        what="command",
    ),
)


_ONE_OR_MORE = "One command, or a list of commands that run one after another."


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
        one = defined(
            "command",
            {"title": "Command", "description": "A program and its arguments, run without a shell."}
            | COMMAND.schema(definitions),
            definitions,
        )
        several: Schema = {"type": "array", "items": one}
        return defined(
            "commands",
            {"title": "Command, or a list of them", "description": _ONE_OR_MORE, "anyOf": [one, several]},
            definitions,
        )


UNDOING = ListOf(
    ByNode[Command | str]("a command or a text", scalar=Text(), sequence=COMMAND, mapping=COMMAND), or_one=True
)
"""Commands, and texts for what a person is to do."""
