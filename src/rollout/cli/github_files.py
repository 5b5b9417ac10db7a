"""What GitHub Actions takes in files: the summary of a step, and what later steps can ask for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from rollout.cli.voice import guarded
from rollout.operations.check import Check
from rollout.render.reports import Failure
from rollout.render.reports.github import outputs, outputs_of_error
from rollout.render.reports.markdown import text_of, text_of_error
from rollout.render.text import clean, harmless

_LARGEST = 2**20
"""Bytes; GitHub takes nothing of a larger summary."""
_CUT = "\n\n(the rest did not fit)\n"


def publish(result: Check | Failure) -> None:
    """Into the files that are named, if any; one that cannot be written changes nothing, and is told of."""
    if isinstance(result, Failure):
        summary, values = text_of_error(result), outputs_of_error(result)
    else:
        summary, values = text_of(result), outputs(result)
    _append("GITHUB_STEP_SUMMARY", lambda size: _fitting(summary, _LARGEST - size))
    _append("GITHUB_OUTPUT", lambda _: _lines(values))


def _append(variable: str, content: Callable[[int], str]) -> None:
    """`content` of how many bytes are there already. Whoever wrote them may have left a line open."""
    name = os.environ.get(variable)
    if not name:
        return
    try:
        with Path(name).open("ab") as file:
            begun = file.tell()
            if text := content(begun + 1):
                file.write((f"\n{text}" if begun else text).encode("utf-8", "replace"))
    except OSError as error:
        sentence = f"warning: {variable} cannot be written: {name}: {error.strerror}"
        guarded(sys.stderr, lambda stderr: stderr.write(harmless(clean(sentence)) + "\n"))


def _fitting(text: str, room: int) -> str:
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= room:
        return text
    kept = encoded[: max(room - len(_CUT), 0)].rpartition(b"\n")[0].decode()
    return kept + _CUT if kept else ""


def _lines(values: Mapping[str, str]) -> str:
    """No value ends before its own delimiter, which nobody can know beforehand."""
    from secrets import token_hex

    delimiter = f"rollout-{token_hex(16)}"
    return "".join(f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value in values.items())
