"""The section `flags`, and values of flags wherever a plan sets some."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from functools import partial

from rollout.frozen import dataclass, replace
from rollout.model.values import Flag, FlagType, FlagValue, words
from rollout.shapes import (
    Book,
    Boolean,
    ByNode,
    Choice,
    Integer,
    Key,
    ListOf,
    MapOf,
    Mapped,
    Mapping,
    Node,
    Noted,
    Number,
    Record,
    Reference,
    Scalar,
    Schema,
    Shape,
    Text,
    Unreadable,
)
from rollout.shapes.collections import unique
from rollout.shapes.shape import defined


def _whole_where_it_is(number: float) -> int | float:
    return int(number) if number == int(number) else number


_VALUES: Dict[FlagType, Shape[FlagValue]] = {
    FlagType.BOOL: Boolean(),
    FlagType.PERCENT: Mapped(Number(0, 100), _whole_where_it_is),
    FlagType.INT: Integer(),
    FlagType.STRING: Text(empty=True),
    FlagType.LIST: ListOf(Text()),
}


def unfit(flag: Flag, value: FlagValue) -> str:
    """Why the flag cannot have this value, or nothing."""
    parts = value if isinstance(value, tuple) else (value,)
    for part in parts:
        if flag.choices and part not in flag.choices:
            return f"{words(part)} is none of {', '.join(words(choice) for choice in flag.choices)}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if flag.min is not None and value < flag.min:
            return f"{words(value)} is less than min, {words(flag.min)}"
        if flag.max is not None and value > flag.max:
            return f"{words(value)} is more than max, {words(flag.max)}"
    if flag.parse(words(value)) != value:
        return f"{words(value)!r} cannot be read back as it was written: {_READABLE[flag.type]}"
    return ""


@dataclass(frozen=True)
class Unchecked:
    """A value of a flag whose type is not known."""

    def read(self, node: Node, book: Book) -> None:
        return None

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return dict(_ANY_VALUE)


_ANY_VALUE: Schema = {"type": ["boolean", "number", "string", "array"], "items": {"type": "string"}}

_READABLE = {
    FlagType.PERCENT: "a percent has at most 4 decimals",
    FlagType.INT: "an int has at most 15 digits",
    FlagType.LIST: "an item has no comma",
    FlagType.BOOL: "write true or false",
    FlagType.STRING: "write a text",
}


_VALUES_ARE = "Flags of the section `flags`, each with a value of its type."


@dataclass(frozen=True)
class FlagValues:
    """A mapping from flags to values, each of its flag's type."""

    def read(self, node: Node, book: Book) -> Dict[str, FlagValue]:
        if not isinstance(node, Mapping):
            book.error(node, f"expected flags with their values, found {node.described}")
            raise Unreadable
        values: dict[str, FlagValue] = {}
        for name, value in unique(node, book):
            book.use("flag", name.text, name.place)
            flag = book.flags.get(name.text)
            if flag is None:
                continue
            try:
                values[name.text] = self._value(flag, value, book)
            except Unreadable:
                continue
        return values

    def _value(self, flag: Flag, node: Node, book: Book) -> FlagValue:
        value = _VALUES[flag.type].read(node, book)
        reason = unfit(flag, value)
        if reason:
            book.error(node, f"{flag.name}: {reason}")
            raise Unreadable
        return value

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        value = {"description": "The flag's value, of the flag's type."} | _ANY_VALUE
        values: Schema = {
            "title": "Values of flags",
            "description": _VALUES_ARE,
            "type": "object",
            "additionalProperties": value,
        }
        return defined("flag-values", values, definitions)


_TARGET = ByNode[Dict[str, str]](
    "a target, a list of targets, or a mapping from targets to the key there",
    scalar=Mapped(Reference("target"), lambda name: {name: ""}),
    sequence=Mapped(ListOf(Reference("target"), at_least=1), lambda names: dict.fromkeys(names, "")),
    mapping=MapOf(Text(), key=Reference("target"), at_least=1),
)


def _record(kind: FlagType | None, *safe: object, among: object) -> Record[Flag]:
    """For any type where `kind` is None; `safe` and `among` are examples."""
    values, choice = (_VALUES[kind], _CHOICES[kind]) if kind else (Unchecked(), Unchecked())
    return Record(
        partial(Flag, name=""),
        {
            "type": Key(
                Choice(FlagType),
                "What kind of value it has: true or false, 0 to 100, a whole number, a text, or a list of texts.",
                example="percent",
                required=True,
                also=("bool",),
            ),
            "safe": Key(
                values,
                "The value that its author declares harmless; an emergency sets it. Without it an emergency leaves the "
                "flag alone.",
                example=safe[0],
                also=safe[1:],
            ),
            "key": Key(
                Text(),
                "Its name at the target: a variable, a dotted path, or a pattern, as the target wants. Without it: the "
                "flag's own name.",
                example="features.checkout.percent",
            ),
            "target": Key(
                _TARGET,
                "Where it is written: a target, several, or {TARGET: key there}. Without it: the only one.",
                example="api",
                into="targets",
                also=(["api", "worker"], {"api": "CHECKOUT_V2", "worker": "features.checkout"}),
            ),
            "choices": Key(
                ListOf(choice, at_least=1),
                "The only values that it, or each item of a list, may have. Without it: any of its type.",
                example=among,
            ),
            "min": Key(
                Number(),
                "The least value of an int or a percent. Without it: 0 for a percent, none for an int.",
                example=1,
            ),
            "max": Key(
                Number(),
                "The greatest value of an int or a percent. Without it: 100 for a percent, none for an int.",
                example=50,
            ),
            "description": Key(
                Text(), "What it does. Without it documents go without.", example="Shows the new checkout"
            ),
        },
        what="flag",
    )


_CHOICES: Dict[FlagType, Shape[FlagValue]] = {**_VALUES, FlagType.LIST: Text()}

_RECORDS = {
    FlagType.BOOL: _record(FlagType.BOOL, False, among=[False]),
    FlagType.PERCENT: _record(FlagType.PERCENT, 0, among=[0, 50, 100]),
    FlagType.INT: _record(FlagType.INT, 60, among=[30, 60]),
    FlagType.STRING: _record(FlagType.STRING, "blue", among=["blue", "green"]),
    FlagType.LIST: _record(FlagType.LIST, [], among=["seller-1", "seller-2"]),
}
_ANY = _record(None, False, 0, among=["blue", "green"])


@dataclass(frozen=True)
class _FlagShape:
    """The type decides what the other keys may hold."""

    def read(self, node: Node, book: Book) -> Flag:
        if not isinstance(node, Mapping):
            return _ANY.read(node, book)
        given = node.get("type")
        kind = next((kind for kind in FlagType if isinstance(given, Scalar) and given.text == kind), None)
        flag = (_RECORDS[kind] if kind else _ANY).read(node, book)
        bounds = {"min": flag.min, "max": flag.max}
        for key, bound in bounds.items():
            if bound is not None and flag.type not in (FlagType.INT, FlagType.PERCENT):
                book.error(node.get(key) or node, f"{key} is for int and percent flags, this one is a {flag.type}")
        if flag.min is not None and flag.max is not None and flag.min > flag.max:
            book.error(node.get("max") or node, f"max is less than min, {flag.min}")
        if flag.safe is not None and unfit(flag, flag.safe):
            book.error(node.get("safe") or node, unfit(flag, flag.safe))
        return flag

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """One record for every type, and what each type adds to it, so that an editor names the type that was meant."""
        return _ANY.schema(definitions) | {"allOf": [_typed(kind, definitions) for kind in FlagType]}


def _typed(kind: FlagType, definitions: dict[str, Schema]) -> Schema:
    values: Schema = {
        "safe": _VALUES[kind].schema(definitions),
        "choices": {"items": _CHOICES[kind].schema(definitions)},
    }
    bounded = kind in (FlagType.INT, FlagType.PERCENT)
    bounds: Schema = {} if bounded else {"min": False, "max": False}
    is_it: Schema = {"properties": {"type": {"const": kind.value}}, "required": ["type"]}
    return {"if": is_it, "then": {"properties": values | bounds}}


def _named(flag: Flag, name: str) -> Flag:
    targets = {target: key or flag.key or name for target, key in flag.targets.items()}
    return replace(flag, name=name, targets=targets)


def _note(book: Book, flags: Dict[str, Flag]) -> None:
    book.flags.update(flags)


FLAGS = Noted(MapOf(_FlagShape(), kind="flag", named=_named), _note)
