"""The section `gates`, and lists of gates wherever a plan names some."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from functools import partial

from rollout.frozen import dataclass, replace
from rollout.gates import GATES as KINDS
from rollout.gates.keys import GateName
from rollout.model.gate import Alarm, Gate
from rollout.shapes import (
    Book,
    Key,
    Keyed,
    ListOf,
    MapOf,
    Mapping,
    Name,
    Named,
    Node,
    Noted,
    Scalar,
    Schema,
)
from rollout.shapes.registry import Registry

_INLINE = Keyed(KINDS, "gate")


@dataclass(frozen=True)
class _Inline:
    """A gate that is written out, remembered with its place for what is checked when the whole plan is known."""

    def read(self, node: Node, book: Book) -> Gate:
        gate = _INLINE.read(node, book)
        remember(book, gate, node)
        return gate

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return Named("gate", lambda: _INLINE).schema(definitions)


@dataclass(frozen=True)
class _GateItem:
    """A gate's name, `{gate: NAME, …}` with keys that differ, or a gate written inline."""

    def read(self, node: Node, book: Book) -> Gate:
        if isinstance(node, Scalar):
            return GateName().read(node, book)
        name = node.get("gate") if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping) or name is None:
            gate = _IN_LIST.read(node, book)
            remember(book, gate, node)
            return gate
        named = GateName().read(name, book)
        changes = Mapping(node.place, tuple(entry for entry in node.entries if entry[0].text != "gate"))
        gate = KINDS[named.kind].change(changes, book, lambda **parts: replace(named, **parts))
        remember(book, gate, node)
        return gate

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {
            "title": "Gate of a list",
            "anyOf": [
                GateName().schema(definitions),
                _Inline().schema(definitions),
                Named("changed-gate", _ChangedGate).schema(definitions),
            ],
        }


@dataclass(frozen=True)
class _ChangedGate:
    """`{gate: NAME, …}`: which keys fit depends on the gate that is named."""

    def read(self, node: Node, book: Book) -> Gate:
        return _GateItem().read(node, book)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        keys: dict[str, list[Schema]] = {}
        for record in KINDS.values():
            for name, key in record.keys.items():
                schema = key.schema(definitions)
                if schema not in keys.setdefault(name, []):
                    keys[name].append(schema)
        gate = Key(
            GateName(),
            "The name of the gate that is meant; the other keys take the place of its own.",
            example="errors",
        ).schema(definitions)
        properties = {name: each[0] if len(each) == 1 else _any_of(each) for name, each in keys.items()}
        return {
            "title": "Gate by its name, with keys that differ",
            "type": "object",
            "properties": {"gate": gate, **properties},
            "required": ["gate"],
            "additionalProperties": False,
        }


def _any_of(schemas: list[Schema]) -> Schema:
    return {"description": schemas[0]["description"], "anyOf": schemas, "examples": schemas[0]["examples"]}


_IN_LIST: Keyed[Gate] = Keyed(
    Registry({"gate": _ChangedGate, **{kind: partial(KINDS.__getitem__, kind) for kind in KINDS}}), "gate"
)


def remember(book: Book, condition: Gate | Alarm, node: Node) -> None:
    """Note a condition at its bound."""
    bound = (node.get("require") or node.get("when")) if isinstance(node, Mapping) else None
    book.conditions.append((condition, (bound or node).place))


def _named(gate: Gate, name: str) -> Gate:
    return replace(gate, id=name)


def _note(book: Book, gates: Dict[str, Gate]) -> None:
    book.gates.update(gates)


_NAME = Name("[A-Za-z0-9_][A-Za-z0-9_-]{0,62}", "a gate's name (letters, digits, '-' and '_')", taken=("window",))

GATES = Noted(MapOf(_Inline(), key=_NAME, kind="gate", named=_named), _note)

_GATE_LIST = ListOf(_GateItem(), or_one=True, id=lambda gate: gate.id, what="gate")

GATE_LIST = Named("gate-list", lambda: _GATE_LIST)
