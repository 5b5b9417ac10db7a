"""Findings of plan files, each with its line and a caret."""

from __future__ import annotations

from typing import TextIO, cast

from rollout.operations.lint import Lint
from rollout.render.harmless import Harmless
from rollout.render.text import clean, counted


def write(result: Lint, stream: TextIO) -> None:
    stream = cast(TextIO, Harmless(stream))
    for reading in result.readings:
        for problem in reading.problems:
            stream.write(clean(reading.rendered(problem)) + "\n")
    plans = counted(len(result.readings), "plan")
    if result.errors or result.warnings:
        stream.write(f"{plans}: {counted(result.errors, 'error')}, {counted(result.warnings, 'warning')}\n")
    else:
        stream.write(f"{plans}: nothing to complain about\n")
