"""Findings of plan files, each with its line and a caret."""

from __future__ import annotations

from rich.console import Console

from rollout.operations.lint import Lint
from rollout.render.console import styled


def write(result: Lint, out: Console) -> None:
    for reading in result.readings:
        for problem in reading.problems:
            out.print(styled(reading.rendered(problem)), soft_wrap=True)
    files = len(result.readings)
    names = "plan" if files == 1 else "plans"
    if result.errors or result.warnings:
        out.print(styled(f"{files} {names}: {result.errors} errors, {result.warnings} warnings"))
    else:
        out.print(styled(f"{files} {names}: nothing to complain about"))
