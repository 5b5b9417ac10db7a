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
        return {"type": "string"}


def _level(**parts: Any) -> Level:
    level = replace(Level(name=""), **parts)
    if level.to and level.set is not None:
        raise Misfit("to", "a level either goes `to` a step or `set`s values, not both")
    return level


_LEVEL = Record(
    _level,
    {
        "title": Key(Text(), "What it is called."),
        "when": Key(Text(), "In which case it is meant."),
        "effect": Key(Text(), "What users feel of it."),
        "warning": Key(Text(), "What to know before it is carried out."),
        "objective": Key(Duration(timedelta(seconds=1)), "How soon it must be done (default: 1m).", example="5m"),
        "set": Key(FlagValues(), "Values of flags (default, for emergency alone: every flag's safe value)."),
        "to": Key(
            Waypoint(("previous", "previous-phase")),
            "The step that is gone back to: previous, previous-phase or PHASE[/STEP].",
        ),
        "run": Key(Commands(), "Commands after the change."),
        "verify": Key(ListOf(Reference("gate", "verify"), or_one=True), "Gates that show that it worked."),
        "then": Key(Commands(), "Commands for when every value is read back and `verify` passes."),
        "instructions": Key(INSTRUCTIONS, "What a person is to do."),
        "approval": Key(Boolean(), "Another person must approve it."),
        "destructive": Key(Boolean(), "The rollout's name must be typed."),
        "restart": Key(
            Waypoint(("first", "here")), "Where a person's next advance begins: first, here or PHASE[/STEP]."
        ),
    },
    what="rollback level",
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
