"""Opens a reply of Prometheus' HTTP API: its JSON where it is whole and says success, else one sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta

from rollout.model.durations import format_duration
from rollout.sources.prometheus_connection import Connection, show_url
from rollout.sources.prometheus_reply import Failure, Reply

_FAR = 120
"""Seconds that two clocks may be apart."""
_PARTS = 100_000
"""Brackets and commas that JSON may hold: beyond that, two MiB of it unfold into a hundred."""
_QUOTABLE = 2**15
_WARNINGS = 50

AGGREGATE = "aggregate it, such as with `sum by (…)`, or ask for what a recording rule has made of it"


class NoAnswerError(ValueError):
    """The message is the reason."""


def body_of(reply: Reply | Failure, path: str, connection: Connection) -> bytearray:
    """NoAnswerError unless the server has carried out the request and its clock can be believed."""
    if isinstance(reply, Failure):
        raise NoAnswerError(f"{reply.reason}: {AGGREGATE}" if reply.large else reply.reason)
    if reply.status != 200:
        raise NoAnswerError(_refusal(reply, path, connection))
    if abs(reply.ahead) > _FAR:
        apart, way = format_duration(timedelta(seconds=abs(reply.ahead))), "ahead of" if reply.ahead > 0 else "behind"
        raise NoAnswerError(
            f"the clock of {connection.base} is {apart} {way} this machine's: nothing judged by it would be true"
        )
    return reply.body


def parse(body: bytes | bytearray, connection: Connection) -> object:
    if sum(map(body.count, (b"[", b"{", b","))) > _PARTS:
        raise NoAnswerError(f"{connection.base} answers with more than {_PARTS:,} parts: {AGGREGATE}")
    try:
        document: object = json.loads(body.decode("utf-8"))
    except RecursionError:
        raise NoAnswerError(f"{connection.base} answers with JSON that is nested too deeply") from None
    except ValueError:
        begin = connection.quote(body[:_QUOTABLE].decode("utf-8", "replace"))[:40]
        raise NoAnswerError(f"{connection.base} does not answer with whole JSON; it begins with {begin!r}") from None
    match document:
        case {"status": "error", **rest}:
            error = _words(rest.get("error", ""), connection) or "without a word"
            raise NoAnswerError(f"Prometheus answers with an error: {error}")
        case _:
            return document


def labels_of(metric: dict[object, object], connection: Connection) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((_label(name), connection.mask(_label(text))) for name, text in metric.items()))


def warnings_of(document: object, connection: Connection) -> tuple[str, ...]:
    """What makes an answer less than whole, in whatever shape it is said; `infos` do not."""
    warnings: list[str] = []
    match document:
        case {"warnings": list() as said}:
            warnings += [_words(warning, connection) for warning in said[:_WARNINGS]]
            if len(said) > _WARNINGS:
                warnings.append(f"{len(said) - _WARNINGS} more warnings")
        case {"warnings": said} if said is not None:
            warnings.append(_words(said, connection))
    match document:
        case {"isPartial": partial} | {"data": {"isPartial": partial}} if partial not in (False, None):
            warnings.append("partial answer")
    return tuple(warnings)


def _words(said: object, connection: Connection) -> str:
    """Lists and objects are not shown: their text may be endless, and nested deeper than can be written."""
    return connection.quote(str(said)) if isinstance(said, str | int | float) else "something that is no text"


def _label(text: object) -> str:
    if isinstance(text, str):
        with suppress(UnicodeEncodeError):  # half a character can stand in JSON, but nowhere else
            text.encode()
            return text
    raise NoAnswerError("a label of the answer is no text")


def _refusal(reply: Reply, path: str, connection: Connection) -> str:
    where, status = connection.base, reply.status
    match status:
        case 400 | 422:
            return f"Prometheus refuses the query: {_error_text(reply.body, connection)}"
        case 401:
            return f"{where} wants credentials, or others than it was given (401)"
        case 403:
            return f"{where} forbids the query with these credentials (403)"
        case 404:
            return f"{where} is no Prometheus: it does not know {path} (404)"
        case _ if 300 <= status < 400:
            to = connection.quote(show_url(reply.location)) or "nowhere"
            return f"{where} redirects to {to} ({status}), which is not followed: write the address that answers"
        case _:
            return f"{where} answers {status}: {_error_text(reply.body, connection)}"


def _error_text(body: bytearray, connection: Connection) -> str:
    text = body[:_QUOTABLE].decode("utf-8", "replace")
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        document = text
    match document:
        case {"error": str(error)}:
            return connection.quote(error) or "without a word"
        case _:
            return connection.quote(text) or "without a word"
