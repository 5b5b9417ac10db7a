"""The section `triggers`."""

from __future__ import annotations

from functools import partial
from typing import Any

from rollout.frozen import dataclass, replace
from rollout.gates import ALARMS
from rollout.gates.person import named
from rollout.model.plan import OnUnknown, Trigger
from rollout.planfile.grammar.gates import remember
from rollout.shapes import (
    Book,
    Boolean,
    Choice,
    Duration,
    Key,
    Keyed,
    ListOf,
    MapOf,
    Mapping,
    Misfit,
    Name,
    Node,
    Record,
    Reference,
    Schema,
    Text,
)
from rollout.shapes.registry import Registry

_PHASE = Reference("phase")

_COMMON = {
    "rollback": Key(
        Reference("level"),
        "The level of rollback that it calls for. Without it `review` says what a person is to do.",
        example="emergency",
    ),
    "review": Key(
        Text(),
        "What a person is to look at before going on; it holds an advance. Without it `rollback` names a level.",
        example="Might be expected; look before you go on",
    ),
    "automatic": Key(
        Boolean(),
        "With `true` `watch --auto-rollback` carries it out by itself. Without it a person does.",
        example=True,
        default=False,
    ),
    "severity": Key(Text(), "How bad it is, for alerts and documents. Without it nothing is said.", example="critical"),
    "title": Key(Text(), "What it is called in tables. Without it: its name.", example="Spike of errors"),
    "runbook": Key(
        Reference("runbook entry"),
        "The id of the entry in `runbook` that is shown when it fires. Without it none is.",
        example="high-errors",
    ),
    "phases": Key(
        ListOf(_PHASE, or_one=True, at_least=1),
        "The phases in which it is live. Without it, and without `from`: all.",
        example=["limited", "full"],
    ),
    "from": Key(
        _PHASE,
        "The phase from which on it is live. Without it, and without `phases`: all.",
        example="limited",
        into="from_phase",
    ),
    "on_unknown": Key(
        Choice(OnUnknown),
        "What it means that it cannot be judged: it blocks an advance, counts for nothing, or calls for the rollback. "
        "Without it: block.",
        example="ignore",
        default="block",
    ),
    "unknown_after": Key(
        Duration(),
        "How long it must be unknown before `on_unknown` counts. Without it: 10m.",
        example="5m",
        default="10m",
    ),
}
_COMMON_PARTS = {key.into or name for name, key in _COMMON.items()}


def _trigger_record(kind: str) -> Record[Trigger]:
    """The keys of the alarm and those of every trigger, in one mapping."""
    alarm = ALARMS[kind]

    def build(**parts: Any) -> Trigger:
        own = {name: part for name, part in parts.items() if name in _COMMON_PARTS}
        condition = alarm.build(**{name: part for name, part in parts.items() if name not in _COMMON_PARTS})
        trigger = replace(Trigger(id="", alarm=condition), **own)
        _check(trigger)
        return trigger

    rules = alarm.rules | {
        "oneOf": [{"required": ["rollback"]}, {"required": ["review"]}],
        "dependentSchemas": {"phases": {"properties": {"from": False}}},
        "if": {"required": ["review"]},
        "then": {"properties": {"automatic": {"const": False}, "on_unknown": {"not": {"const": "rollback"}}}},
    }
    return Record(build, {**alarm.keys, **_COMMON}, what="trigger", rules=rules)


def _check(trigger: Trigger) -> None:
    if bool(trigger.rollback) == bool(trigger.review):
        raise Misfit("review", "a trigger wants `rollback` or `review`, one of them")
    if trigger.automatic and trigger.review:
        raise Misfit("automatic", "a review is never automatic")
    if trigger.on_unknown is OnUnknown.ROLLBACK and trigger.review:
        raise Misfit("on_unknown", "a review cannot roll back")
    if trigger.phases and trigger.from_phase:
        raise Misfit("from", "a trigger is live in some `phases` or `from` one on, not both")


_TRIGGER = Keyed(Registry({kind: partial(_trigger_record, kind) for kind in ALARMS}), "trigger")


@dataclass(frozen=True)
class _TriggerShape:
    def read(self, node: Node, book: Book) -> Trigger:
        trigger = _TRIGGER.read(node, book)
        remember(book, trigger.alarm, node)
        level = book.levels.get(trigger.rollback)
        automatic = node.get("automatic") if isinstance(node, Mapping) else None
        if level and trigger.automatic and (level.approval or level.destructive):
            why = "needs a person's approval" if level.approval else "is destructive"
            book.error(automatic or node, f"the level {level.name!r} {why}, so nothing carries it out by itself")
        return trigger

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return _TRIGGER.schema(definitions)


def _named(trigger: Trigger, name: str) -> Trigger:
    return replace(trigger, id=name, alarm=named(trigger.alarm, name))


_NAME = Name("[A-Za-z0-9_][A-Za-z0-9_-]{0,62}", "a trigger's name (letters, digits, '-' and '_')", taken=("window",))

TRIGGERS = MapOf(_TriggerShape(), key=_NAME, kind="trigger", named=_named)
