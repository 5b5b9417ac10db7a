"""The page of every key of a plan, from the JSON Schema that `rollout schema` prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from docs.markdown import cell, code
from rollout.planfile.schema import json_schema
from rollout.wiring.plans import SHAPES

HEAD = """\
<!-- Made by `make docs-update` from the schema; do not edit. -->

# Plan keys

Every key that a plan file may have. `rollout schema` prints the same as JSON Schema, for editors. Whether a plan is
right in all other respects (names that exist, bounds that fit their unit) is what `rollout lint` tells.

A **required** key must be there. `NAME` in a heading stands for a name that you choose, `[]` for each part of a list.

A plan may hold parts that this version checks but does not carry out: other targets than `dotenv`, a store in a
cluster, and everything from `channels` on. A command that would need such a part stops with one sentence and exit 2.
Nothing is ignored in silence.
"""

_WORDS = {"integer": "a whole number", "number": "a number", "boolean": "`true` or `false`", "string": "a text"}


def plan_reference() -> str:
    return Page(json_schema(SHAPES)).text()


@dataclass
class Page:
    schema: Mapping[str, object]
    _shown: set[str] = field(default_factory=set)
    """The records that have their table, by what they hold: the same one may stand in many places."""

    def text(self) -> str:
        blocks = [HEAD, *self._record("The whole file", self.schema, 2, "")]
        for name, definition in sorted(_mapping(self.schema["$defs"]).items()):
            tables = list(self._nested(name, _mapping(definition), 3))
            blocks += [f"## A {name.replace('-', ' ')}\n", *(tables or [f"It is {_value(_mapping(definition))}.\n"])]
        return "\n".join(blocks)

    def _record(self, heading: str, schema: Mapping[str, object], depth: int, path: str) -> Iterator[str]:
        """Its table, then the tables of what its keys hold."""
        properties = {key: _mapping(value) for key, value in _mapping(schema["properties"]).items()}
        yield f"{'#' * depth} {heading}\n"
        yield "| key | is | value | example |\n|---|---|---|---|"
        needed = schema.get("required")
        for key, value in properties.items():
            required = "**required** " if isinstance(needed, list) and key in needed else ""
            row = (f"`{key}`", required + cell(str(value.get("description", ""))), _value(value), _example(value))
            yield f"| {' | '.join(row)} |"
        yield ""
        for key, value in properties.items():
            yield from self._nested(f"{path}.{key}" if path else key, value, min(depth + 1, 4) if path else 2)

    def _nested(self, path: str, value: Mapping[str, object], depth: int) -> Iterator[str]:
        found = list(_records(value, path))
        for place, record in found:
            kind = _kind(record) if sum(other == place for other, _ in found) > 1 else ""
            heading = f"`{place}`{kind}"
            content = json.dumps(record["properties"], sort_keys=True)
            if content not in self._shown:
                self._shown.add(content)
                yield from self._record(heading, record, depth, place)


def _value(schema: Mapping[str, object]) -> str:
    """What may stand there, in words."""
    match schema:
        case {"$ref": str(reference)}:
            name = reference.rpartition("/")[2]
            return f"[a {name.replace('-', ' ')}](#a-{name})"
        case {"anyOf": list(several)}:
            return " or ".join(dict.fromkeys(_value(_mapping(one)) for one in several))
        case {"properties": _}:
            return _keys_of(schema)
        case {"items": dict(items), "type": "array"}:
            return f"a list: {_value(items)}"
        case {"type": "object", "additionalProperties": dict(each)}:
            return f"names, each with: {_value(each)}"
        case _:
            return _scalar(schema)


def _scalar(schema: Mapping[str, object]) -> str:
    match schema:
        case {"const": constant}:
            return _code(constant)
        case {"enum": list(choices)}:
            return ", ".join(map(_code, choices))
        case {"patternErrorMessage": str(expected)}:
            return cell(expected.removeprefix("expected ").partition("; ")[0])
        case {"type": list(types)}:
            return "a value of the flag's type" if "array" in types else "a text"
        case {"type": str(name)}:
            return _WORDS.get(name, name)
        case _:
            return "anything"


def _keys_of(record: Mapping[str, object]) -> str:
    keys = list(_mapping(record["properties"]))
    shown = ", ".join(f"`{key}`" for key in keys[:4])
    return f"a mapping with {shown}{' …' if len(keys) > 4 else ''}"


def _records(schema: Mapping[str, object], path: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Every mapping with fixed keys that stands in it, with the way to it."""
    match schema:
        case {"properties": _}:
            yield path, schema
        case {"anyOf": list(several)}:
            for one in several:
                yield from _records(_mapping(one), path)
        case {"items": dict(items)}:
            yield from _records(items, f"{path}[]")
        case {"additionalProperties": dict(each)}:
            yield from _records(each, f"{path}.NAME")
        case _:
            pass


def _kind(record: Mapping[str, object]) -> str:
    """What tells it from its siblings: its `type`, else its first key."""
    properties = _mapping(record["properties"])
    match properties.get("type"):
        case {"pattern": str(pattern)} if found := re.search(r"[a-z]+[a-z-]*(?=\))", pattern):
            return f" with `type: {found[0]}`"
        case {"const": str(name)}:
            return f" with `type: {name}`"
        case _:
            return f" with `{next(iter(properties))}`"


def _example(schema: Mapping[str, object]) -> str:
    match schema.get("examples"):
        case [first, *_] if first is not None:
            return _code(first)
        case _:
            return ""


def _code(value: object) -> str:
    """As YAML in one line, which JSON is."""
    return code(value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False))


def _mapping(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value
