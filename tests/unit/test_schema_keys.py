"""Every key of a plan is described for whoever writes one in an editor, with examples that can be copied."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator

import pytest
from jsonschema import Draft202012Validator

from rollout.planfile.grammar.document import document
from rollout.planfile.schema import json_schema
from rollout.planfile.yaml_nodes import read_nodes
from rollout.shapes import Book, Key, Node, Record
from tests.plans.small import KINDS, SAMPLE

SCHEMA = json_schema(KINDS)
KEYS = [one for one in gc.get_objects() if isinstance(one, Key)]  # the schema has loaded all of them
RECORDS = [one for one in gc.get_objects() if isinstance(one, Record)]

BESIDES: dict[str, dict[str, object]] = {
    "http target": {"read_url": "${API}/flags"},
    "kubernetes-env target": {"deployment": "web"},
    "trigger": {"rollback": "emergency"},
    "command gate": {"require": "< 5"},
    "milestone": {"environment": "staging", "reached": "complete"},
    "target of success": {"metric": "error-rate"},
    "expected result": {"rows": 0},
}
"""What a record wants besides its required keys."""


def keys_in(schema: object, path: str) -> Iterator[tuple[str, dict[str, object]]]:
    """Every key with the way to it; what only narrows a key that is described elsewhere is none."""
    if isinstance(schema, list):
        for item in schema:
            yield from keys_in(item, path)
    if isinstance(schema, dict):
        properties = schema.get("properties")
        for name, key in properties.items() if isinstance(properties, dict) else ():
            yield f"{path}.{name}", key
            yield from keys_in(key, f"{path}.{name}")
        for name, part in schema.items():
            if name not in ("properties", "allOf", "if", "then", "dependentSchemas", "oneOf", "examples", "default"):
                yield from keys_in(part, path if name in ("anyOf", "items") else f"{path}.{name}")


ALL = list(keys_in(SCHEMA, "plan"))


def node(value: object) -> Node:
    found = read_nodes(json.dumps({"value": value}).encode()).get("value")
    assert found
    return found


@pytest.fixture(scope="module")
def book() -> Book:
    """What a reading knows when it has read the sample, but for its problems."""
    book = Book()
    document(KINDS).read(read_nodes(SAMPLE.read_bytes()), book)
    book.problems.clear()
    return book


def test_the_schema_is_one_of_2020_12() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMA)
    assert len(ALL) > 300
    assert len(KEYS) > 150


def test_every_key_at_every_level_has_a_description_and_an_example() -> None:
    bare = [path for path, key in ALL if not key.get("description") or not key.get("examples")]
    assert bare == []


def test_every_description_is_a_sentence_or_a_few() -> None:
    texts = {str(key["description"]) for _, key in ALL}
    assert [text for text in texts if not text.endswith(".") or len(text) > 250] == []


def test_every_key_that_may_be_left_out_says_what_then() -> None:
    optional = {key.doc for record in RECORDS for key in record.keys.values() if not key.required}
    alternatives = "whose environment holds the flags"  # one of several keys, one of which is wanted
    assert [doc for doc in optional if "ithout" not in doc and alternatives not in doc] == []


def test_no_mapping_takes_a_key_that_it_does_not_know() -> None:
    def open_ones(schema: object) -> Iterator[object]:
        if isinstance(schema, dict):
            if "properties" in schema and "type" in schema and schema.get("additionalProperties") is not False:
                yield schema.get("title", schema)
            for name, part in schema.items():
                yield from open_ones(part if name != "examples" else None)
        if isinstance(schema, list):
            for part in schema:
                yield from open_ones(part)

    assert list(open_ones(SCHEMA)) == []


def test_every_example_and_default_is_valid_by_the_schema_itself() -> None:
    wrong = []
    for path, key in ALL:
        validator = Draft202012Validator({**key, "$defs": SCHEMA["$defs"]})
        examples = key["examples"]
        assert isinstance(examples, list)
        for value in [*examples, *([key["default"]] if "default" in key else [])]:
            wrong += [f"{path}: {value}: {error.message}" for error in validator.iter_errors(value)]
    assert wrong == []


def test_every_example_is_read_without_a_problem(book: Book) -> None:
    for key in KEYS:
        for example in (key.example, *key.also):
            key.shape.read(node(example), book)
    assert [(problem.message, problem.hint) for problem in book.problems] == []


def test_a_default_written_out_means_the_same_as_left_out(book: Book) -> None:
    checked = 0
    for record in RECORDS:
        wanted: dict[str, object] = {name: key.example for name, key in record.keys.items() if key.required}
        wanted |= BESIDES.get(record.what, {})
        for name, key in record.keys.items():
            if key.default is not None and "gate" not in wanted.keys() - record.keys.keys():
                least = {name: value for name, value in wanted.items() if name in record.keys}
                short, long = (record.read(node(written), book) for written in (least, {**least, name: key.default}))
                assert short == long, (record.what, name)
                checked += 1
    assert checked > 30
    assert book.problems == []


def test_nothing_is_defined_twice_under_one_name() -> None:
    """Two shapes of one name would be each other's."""
    definitions = SCHEMA["$defs"]
    assert isinstance(definitions, dict)
    assert {name: one.get("title", "") for name, one in definitions.items() if name in ("condition", "comparison")} == {
        "condition": "",
        "comparison": "Comparison",
    }
