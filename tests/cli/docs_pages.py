"""What stands in the pages of docs/: blocks with commands and what they print, and plans.

A block is told what it is by a comment on the line before it:

- `<!-- file: PATH -->`: it is this file, relative to the folder where the page's commands run.
- `<!-- not run: WHY -->`: its commands cannot be run by a test.
- `<!-- no plan: WHY -->`: it is YAML, and no part of a plan.

`<!-- session: NAME -->` says in what surroundings the page's commands run; `<!-- meanwhile: NAME -->` that something
happens at this place which no command does.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))

_PART = re.compile(
    r"(?:^<!-- (?P<mark>file|not run|no plan): (?P<said>[^>]*) -->\n+)?^```(?P<language>[a-z]+)\n(?P<text>.*?)^```$"
    r"|^<!-- (?P<event>session|meanwhile): (?P<name>[a-z-]+) -->$",
    re.M | re.S,
)
ASK_EXIT = "echo $?"


@dataclass(frozen=True)
class Part:
    """`what` is the language of a block, or `session` or `meanwhile`, whose name is the text."""

    what: str
    text: str
    start: int
    mark: str = ""
    said: str = ""


@dataclass(frozen=True)
class Typed:
    """`shown` is what the page says it prints, None where the page does not say."""

    line: str
    exit: int
    shown: str | None


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def parts(page: str) -> Iterator[Part]:
    for found in _PART.finditer(text_of(page)):
        if found["event"]:
            yield Part(found["event"], found["name"], found.start())
        else:
            yield Part(found["language"], found["text"], found.start("text"), found["mark"] or "", found["said"] or "")


def session_of(page: str) -> str:
    return next((part.text for part in parts(page) if part.what == "session"), "")


def typed(part: Part) -> list[Typed]:
    return list(_transcript(part.text) if part.what == "console" else _script(part.text))


def _script(text: str) -> Iterator[Typed]:
    """A line each, which ends well; a line that ends in a backslash goes on."""
    whole = re.sub(r" *\\\n +", " ", text)
    return (Typed(line, 0, None) for line in whole.splitlines() if line and not line.startswith("#"))


def _transcript(text: str) -> Iterator[Typed]:
    """Each command behind `$ `; `echo $?` tells the exit code of the one before, which is 0 where nothing tells it."""
    entries = [entry.partition("\n") for entry in re.split(r"^\$ ", text, flags=re.M)[1:]]
    for (line, _, shown), following in zip(entries, [*entries[1:], ("", "", "")], strict=True):
        if line != ASK_EXIT:
            yield Typed(line, int(following[2]) if following[0] == ASK_EXIT else 0, shown)


def transcript(entries: list[tuple[str, str, int]]) -> str:
    """The text of a block, from command lines, what they printed, and exit codes."""
    return "".join(f"$ {line}\n{shown}" + (f"$ {ASK_EXIT}\n{code}\n" if code else "") for line, shown, code in entries)


_FIGURES = (
    (r"(?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?", "0"),
    (r"\b[0-9a-f]{12,64}\b", "HASH"),
    (r"\b\d+(?:[.,:]\d+)*(?=\b|[a-z%])", "0"),
    (r"\b0 ?(?:us|ms|s|min|h|d)\b(?: 0 (?:ms|s|min|h)\b)*", "0 s"),
    (r"[─━╸╺█░▓▒▏▎▍▌▋▊▉]+", ""),
)


def words_of(shown: str) -> str:
    """What is the same whenever and wherever it runs: no figures, times, hashes, bars, and no spaces."""
    for pattern, instead in _FIGURES:
        shown = re.sub(pattern, instead, shown)
    return "".join(shown.split())


def is_plain_rollout(line: str) -> bool:
    """Whether it is one call of `rollout`, for which no shell is needed."""
    return line.startswith("rollout ") and not re.search(r"[|<>&;$`*~]", re.sub(r"'[^']*'", "", line))


def arguments(line: str) -> list[str]:
    return shlex.split(line)[1:]
