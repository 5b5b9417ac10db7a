"""Markdown for a comment on a pull request, or a step's summary: the verdict, why, what next, from when, and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from rollout.model.verdicts import Stage
from rollout.operations.check import Check
from rollout.render.reports import Failure
from rollout.render.reports.cases import Case, cases, guide_lines, headline, next_lines, said_by_plan, shown_lines
from rollout.render.text import clean, harmless

_MARKUP = re.compile(r"[\\`*\[\]|~#]|(?<![^\W_])_|_(?![^\W_])")
_BEGINS_A_BLOCK = re.compile(r"^(?:\d+(?=[.)](?:\s|$))|(?=[-+=]+(?:\s|$)))")
_REFERS = re.compile(r"(?<=[@#!$])(?=\w)|(?<=:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)
"""Where a platform makes a mention, a reference or a link of a text that no markup marks, escaped or not."""
_APART = "\u200b"
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", _APART: "&#8203;"})


def write(result: Check, stream: TextIO) -> None:
    stream.write(text_of(result))


def text_of(result: Check) -> str:
    decision = result.decision
    found = cases(decision)
    title = f"{decision.verdict.value}: {result.rollout} in {result.environment}"
    lines = [f"## {escaped(title)}", "", escaped(headline(result))]
    lines += _list((*decision.reasons, *said_by_plan(decision)))
    for title, *items in map(guide_lines, decision.guides):
        lines += ["", f"**{escaped(title)}**", *_list(items)]
    for label, text in next_lines(result):
        lines += ["", f"**{label.capitalize()}:** {escaped(text)}"]
    gates = [_row(case, case.group) for case in found if case.group in tuple(Stage)]
    triggers = [_row(case, *case.advice) for case in found if case.group == "trigger"]
    lines += _table(("gate", "outcome", "stage", "value", "must be", "because"), gates)
    lines += _table(("trigger", "outcome", "leads to", "value", "fires", "because"), triggers)
    lines += _list(f"shown, not judged: {line}" for line in shown_lines(decision))
    lines += ["", f"Judged at {result.evaluated_at:%Y-%m-%d %H:%M:%S} UTC."]
    return "\n".join(lines) + "\n"


def write_error(failure: Failure, stream: TextIO) -> None:
    stream.write(text_of_error(failure))


def text_of_error(failure: Failure) -> str:
    message = clean(failure.message)
    fence = max(re.findall("`+", message), key=len, default="") + "```"
    lines = ["## rollout: no verdict", "", fence, message, fence, ""]
    lines += [escaped(failure.hint), ""] if failure.hint else []
    return harmless("\n".join((*lines, f"Exit code {failure.exit_code}.")) + "\n")


def escaped(text: str) -> str:
    """One line that is shown as it is, wherever it stands."""
    line = _REFERS.sub(_APART, " ".join(clean(text).split()))
    return _BEGINS_A_BLOCK.sub(r"\g<0>\\", _MARKUP.sub(r"\\\g<0>", line).translate(_ENTITIES))


def _list(items: Iterable[str]) -> list[str]:
    found = [f"- {escaped(item)}" for item in items]
    return ["", *found] if found else []


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(map(escaped, row)) + " |" for row in rows]
    head = ["", "| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    return [*head, *lines] if lines else []


def _row(case: Case, *third: str) -> tuple[str, ...]:
    return (case.id, case.outcome, *third, case.value, case.condition, case.text)
