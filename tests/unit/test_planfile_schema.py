"""The JSON Schema: printed from the shapes, so an editor knows the same keys as `lint`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from rollout.planfile.schema import json_schema
from rollout.planfile.yaml_nodes import read_nodes
from rollout.shapes import Mapping, Node, Scalar, Sequence
from tests.plans.small import KINDS, SAMPLE, small

SCHEMA = json_schema(KINDS)


def plain(node: Node) -> object:
    match node:
        case Scalar():
            return node.value()
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {name.text: plain(value) for name, value in node.entries}


def complaints(content: bytes) -> list[str]:
    errors = Draft202012Validator(SCHEMA).iter_errors(plain(read_nodes(content)))
    return [f"{error.json_path}: {error.message}" for error in errors]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_sample_is_valid() -> None:
    assert complaints(SAMPLE.read_bytes()) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("default_environment:", "default_enviroment:"),
        ("prometheus: {url", "prometheus: {ulr"),
        ("    unit: count", "    unit: counts"),
        ("type: percent", "type: percents"),
        ("{gate: errors, for: 48h}", "{gate: errors, fro: 48h}"),
        ("soak: 1d}", "soak: 1}"),
        ("rollback: emergency, automatic", "rolback: emergency, automatic"),
        ("destructive: true", "destructive: yes"),
        ("reviews: [{id: daily, from: full", "reviews: [{id: daily, form: full"),
    ],
)
def test_a_slip_is_seen_by_an_editor_too(right: str, wrong: str) -> None:
    sample = SAMPLE.read_text("utf-8")
    assert right in sample
    assert complaints(sample.replace(right, wrong, 1).encode())


def test_every_key_says_what_it_is() -> None:
    undescribed = [path for path, schema in _keys(SCHEMA, "$") if not schema.get("description")]
    assert undescribed == []


def test_a_small_plan_is_valid() -> None:
    assert complaints(small().encode()) == []


def _keys(schema: object, path: str) -> Iterator[tuple[str, dict[str, object]]]:
    if isinstance(schema, list):
        for item in schema:
            yield from _keys(item, path)
    if isinstance(schema, dict):
        properties = schema.get("properties")
        for name, key in properties.items() if isinstance(properties, dict) else ():
            yield f"{path}.{name}", key
        for name, part in schema.items():
            yield from _keys(part, f"{path}.{name}")
