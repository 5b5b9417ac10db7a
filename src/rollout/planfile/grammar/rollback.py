"""The section `rollback`: levels."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from datetime import timedelta
from typing import Any

from rollout.frozen import dataclass, replace
from rollout.model.plan import EMERGENCY, Level
from rollout.planfile.grammar.flags import FlagValues
from rollout.planfile.grammar.steps import INSTRUCTIONS
from rollout.shapes import (
    Book,
    Boolean,
    Duration,
    Key,
    ListOf,
    MapOf,
    Misfit,
    Name,
    Node,
    Noted,
    Record,
    Reference,
    Schema,
    Text,
    Unreadable,
    nearest,
)
from rollout.shapes.commands import Commands
from rollout.shapes.shape import PLAIN, matching


@dataclass(frozen=True)
class Waypoint:
    """`PHASE` or `PHASE/STEP`, by name or number, or one of some words. Phases are read before."""

    words: tuple[str, ...]

    def read(self, node: Node, book: Book) -> str:
        text = Name(r"\S+", f"{', '.join(self.words)}, a phase, or PHASE/STEP").read(node, book)
        if text in self.words:
            return text
        phase_id, slash, step = text.partition("/")
        known = book.defined.get("phase", {})
        if phase_id not in known:
            names = (*known, *self.words)
            hint = nearest(phase_id, names) or f"known: {', '.join(names)}"
            book.error(node, f"there is no phase {phase_id!r}", hint, id="unknown-phase")
            raise Unreadable
        phase = book.phases.get(phase_id)
        if phase and slash:
            steps = [name for s in phase.steps for name in (s.name, str(s.number)) if name]
            if step not in steps:
                hint = nearest(step, steps) or f"known: {', '.join(steps)}"
                book.error(node, f"the phase {phase_id!r} has no step {step!r}", hint, id="unknown-step")
                raise Unreadable
        return text

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"type": PLAIN} | matching(r"\S+", f"{', '.join(self.words)}, a phase, or PHASE/STEP")


def _level(**parts: Any) -> Level:
    level = replace(Level(name=""), **parts)
    if level.to and level.set is not None:
        raise Misfit("to", "a level either goes `to` a step or `set`s values, not both")
    return level


_LEVEL = Record(
    _level,
    {
        "title": Key(Text(), "What it is called in tables. Without it: its name.", example="Code"),
        "when": Key(Text(), "In which case it is meant. Without it nothing is shown.", example="Critical bug"),
        "effect": Key(
            Text(), "What users feel of it. Without it nothing is shown.", example="Sellers see the old checkout"
        ),
        "warning": Key(
            Text(),
            "What to know before it is carried out. Without it there is no warning.",
            example="Redeploys everything",
        ),
        "objective": Key(
            Duration(timedelta(seconds=1)),
            "How soon it must be done, from the command on; an emergency that takes longer is exit 8. Without it: 1m.",
            example="5m",
            default="1m",
        ),
        "set": Key(
            FlagValues(),
            "Values of flags. Without it: for `emergency` every flag's safe value, for the other levels none.",
            example={"CHECKOUT_V2": False},
        ),
        "to": Key(
            Waypoint(("previous", "previous-phase")),
            "The step that is gone back to: previous, previous-phase or PHASE[/STEP]. Without it `set` counts.",
            example="previous",
            also=("limited/day-1",),
        ),
        "run": Key(
            Commands(),
            "One command, or a list of them, that runs after the change. Without it: none.",
            example=[["./purge-cache.sh"]],
        ),
        "verify": Key(
            ListOf(Reference("gate", "verify"), or_one=True),
            "Gates that show that it worked. Without it reading the values back is all.",
            example=["health"],
        ),
        "then": Key(
            Commands(),
            "Commands for when every value is read back and `verify` passes; else left to do. Without it: none.",
            example=[["kubectl", "scale", "deployment/checkout-v2", "--replicas=0"]],
        ),
        "instructions": Key(
            INSTRUCTIONS, "What a person is to do besides. Without it: nothing.", example=["Open an incident"]
        ),
        "approval": Key(
            Boolean(),
            "With `true` another person must approve it (`--approved-by NAME`). Without it nobody need to.",
            example=True,
            default=False,
        ),
        "destructive": Key(
            Boolean(),
            "With `true` the rollout's name must be typed (`--confirm NAME`). Without it a yes is enough.",
            example=True,
            default=False,
        ),
        "restart": Key(
            Waypoint(("first", "here")),
            "Where the next advance begins: first, here or PHASE[/STEP]. Without it: where `to` led, or first.",
            example="first",
            also=("limited",),
        ),
    },
    what="rollback level",
    rules={"dependentSchemas": {"to": {"properties": {"set": False}}}},
)


@dataclass(frozen=True)
class _LevelShape:
    """A level that names a phase exists where the phase takes place."""

    def read(self, node: Node, book: Book) -> Level:
        level = _LEVEL.read(node, book)
        phase = book.phases.get(level.to.partition("/")[0])
        return replace(level, environments=phase.environments) if phase else level

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return _LEVEL.schema(definitions)


def _named(level: Level, name: str) -> Level:
    return replace(level, name=name)


def _note(book: Book, levels: Dict[str, Level]) -> None:
    book.levels.update(levels)


LEVELS = Noted(MapOf(_LevelShape(), kind="level", named=_named), _note)

ALWAYS = {EMERGENCY: Level(EMERGENCY)}
