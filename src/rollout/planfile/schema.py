"""The JSON Schema of plan files, printed from the same shapes that read them."""

from __future__ import annotations

from collections.abc import Mapping

from rollout.model.plan import TargetSpec
from rollout.planfile.grammar.document import document
from rollout.shapes import Record, Schema


def json_schema(kinds: Mapping[str, Record[TargetSpec]]) -> Schema:
    definitions: dict[str, Schema] = {}
    schema = document(kinds).schema(definitions)
    head: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rollout plan",
        "description": "What is rolled out, through which phases, judged by what, undone how. Format 1.",
    }
    return head | schema | head | {"$defs": definitions}
