"""A problem as it is shown: where, what, the line with a caret, and the way out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rollout.shapes import Problem

WIDEST = 110
"""Characters of a line that are shown; of a longer one, those around the caret."""

_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_BEFORE_CARET = 60


def rendered(problem: Problem, name: str, lines: Sequence[str]) -> str:
    place = problem.place
    text = [f"{name}:{place.line}:{place.column}: {problem.severity}: {_clean(problem.message)} [{problem.id}]"]
    if place.line <= len(lines) and lines[place.line - 1].strip():
        text += _excerpt(lines[place.line - 1], place.column - 1, place.width)
    if problem.hint:
        text.append(f"  {_clean(problem.hint)}")
    return "\n".join(text)


def _excerpt(line: str, start: int, width: int) -> list[str]:
    line = _INVISIBLE.sub("\ufffd", line).rstrip()
    start = min(start, len(line))
    first = max(0, start - _BEFORE_CARET) if len(line) > WIDEST else 0
    shown = line[first : first + WIDEST]
    left = "…" if first else ""
    right = "…" if first + WIDEST < len(line) else ""
    marked = shown[start - first : start - first + width]
    indent = " " * len(left) + _blank(shown[: start - first])
    carets = "^" * max(1, sum(_columns(character) for character in marked))
    return [f"    {left}{shown}{right}", f"    {indent}{carets}"]


def _blank(text: str) -> str:
    """As wide as `text` on a terminal; tabs stay tabs."""
    return "".join("\t" if character == "\t" else " " * _columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _clean(text: str) -> str:
    return _INVISIBLE.sub("\ufffd", text.replace("\n", " "))
