"""Findings of plan files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from rollout.operations.lint import Lint
from rollout.planfile import Reading
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import Json


def write(result: Lint, stream: TextIO) -> None:
    write_document(_document(result), stream)


def _document(result: Lint) -> Json:
    return {"errors": result.errors, "warnings": result.warnings, "files": _files(result.readings)}


def _files(readings: Iterable[Reading]) -> list[Json]:
    return [
        {
            "file": reading.name,
            "problems": [
                {
                    "id": problem.id,
                    "severity": problem.severity.value,
                    "line": problem.place.line,
                    "column": problem.place.column,
                    "message": problem.message,
                    "hint": problem.hint or None,
                }
                for problem in reading.problems
            ],
        }
        for reading in readings
    ]
