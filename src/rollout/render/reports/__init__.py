"""Reports for pipelines: of a result, and of the error that left none.

To add one: a module with `write` and `write_error`, and its name here and in `FORMATS` of `rollout.render`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import Protocol, TextIO, cast

from rollout.frozen import dataclass

GITHUB = "github"


@dataclass(frozen=True)
class Failure:
    """Why there is no result; `exit_code` is the command's."""

    message: str
    hint: str
    exit_code: int


class Report(Protocol):
    def write_error(self, failure: Failure, stream: TextIO) -> None: ...


_REPORTS = ("github", "junit", "markdown")
_ASKED = re.compile(rf"(?:-[a-z]*o[ =]?|--output[ =])(json|{'|'.join(_REPORTS)})")


def wanted(arguments: Sequence[str]) -> str:
    """The format that stdout must have even when the options cannot be read; empty: it stays empty."""
    found = ""
    for before, word in pairwise(("", *arguments)):
        asked = _ASKED.fullmatch(f"{before} {word}") or _ASKED.fullmatch(word)
        found = asked[1] if asked else found
    return found


def write_error(failure: Failure, output: str, stream: TextIO) -> None:
    if output in _REPORTS:
        cast(Report, import_module(f"rollout.render.reports.{output}")).write_error(failure, stream)
    else:
        from rollout.render.documents.document import write_error as write_document_of_error

        write_document_of_error(failure.message, failure.hint, stream)
