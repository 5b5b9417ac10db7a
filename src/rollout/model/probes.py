"""Questions that other gates than those on metrics ask: of a service, a command, a database, another rollout.

Texts are as the plan writes them: whoever asks fills in the variables, so that no secret stands in a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

from rollout.frozen import dataclass, field
from rollout.model.evidence import Question
from rollout.model.state import Position, Status
from rollout.model.variables import expand


def without_credentials(url: str) -> str:
    """A URL, or what was meant as one, as far as it may be shown: no user information, query and fragment."""
    scheme = _SCHEME.match(url)
    begin = scheme[0] if scheme else ""
    shown = re.split("[?#]", url[len(begin) :], maxsplit=1)[0]
    authority, slash, path = shown.partition("/")
    if "@" in path or "@" in url[len(begin) + len(shown) :]:
        return f"{begin}…"  # what stands before it may be a password with a / or ? in it
    return f"{begin}{authority.rpartition('@')[2]}{slash}{path}"


_SCHEME = re.compile("[^/?#@]*://")


@dataclass(frozen=True, kw_only=True)
class HttpReply:
    """`elapsed` runs from the look-up of the name to the end of the body. `unread`: why there is no body to judge.
    `failure`, instead of a status: it was reached and gave no whole answer, so that it is at fault, not the way to it.

    `address` and `location` are without credentials; `quote` makes text of the body fit to be shown.
    """

    address: str
    quote: Callable[[str], str] = field(repr=False, compare=False)
    status: int = 0
    body: bytes = field(default=b"", repr=False)
    unread: str = ""
    elapsed: timedelta = timedelta()
    location: str = ""
    failure: str = ""


@dataclass(frozen=True)
class HttpProbe(Question[HttpReply]):
    """One request; redirects are not followed."""

    source: ClassVar[str] = "http"
    asks: ClassVar[str] = "services"

    environment: str
    url: str = field(repr=False)
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: str = field(default="", repr=False)
    timeout: timedelta = timedelta(seconds=10)

    @property
    def shown(self) -> str:
        """The URL as the plan writes it, each variable as `${VAR}`, without credentials."""
        return without_credentials(expand(self.url, "${{{}}}".format))


@dataclass(frozen=True)
class CommandEnd:
    """How a run ended. `exit` None: `failure` says why there is no exit code (a signal, too late, no such program).

    `stdout` is the end of what stdout got; `output` the ends of stdout and stderr, last the one that spoke last. `cut`:
    there was more, which was not kept.
    """

    exit: int | None
    stdout: str = ""
    output: str = ""
    failure: str = ""
    cut: bool = False


@dataclass(frozen=True)
class CommandRun(Question[tuple[CommandEnd, ...]]):
    """An argument list run `repeat` times, one after another, until one does not end with `expected`."""

    source: ClassVar[str] = "command"
    asks: ClassVar[str] = "commands"

    environment: str
    argv: tuple[str, ...]
    timeout: timedelta
    repeat: int = 1
    expected: int = 0


@dataclass(frozen=True)
class Rows:
    """How many rows there are, and the finite number in the only column of the only row, None where there is none:
    then `described` says what that row holds instead."""

    count: int
    value: float | None = None
    described: str = ""


@dataclass(frozen=True)
class SqlQuestion(Question[Rows]):
    """A statement that only reads."""

    source: ClassVar[str] = "sql"
    asks: ClassVar[str] = "databases"

    environment: str
    url: str = field(repr=False)
    query: str


@dataclass(frozen=True)
class Progress:
    """How far a rollout is, when this run of it started, and when it was last rolled back, in this run or before.

    `steps` are its own plan's steps there, in order, with their names: what PHASE/STEP means. None before it started.
    """

    status: Status
    position: Position | None = None
    steps: tuple[tuple[Position, str], ...] = ()
    started_at: datetime | None = None
    rolled_back_at: datetime | None = None


@dataclass(frozen=True)
class ProgressQuestion(Question[Progress]):
    """`at` None means now."""

    source: ClassVar[str] = "record"
    asks: ClassVar[str] = "the record"

    plan: str
    environment: str
    at: datetime | None = None
