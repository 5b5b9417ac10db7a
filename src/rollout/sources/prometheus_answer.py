"""Reads a reply of Prometheus' HTTP API. Whatever is not a whole answer becomes one sentence."""

from __future__ import annotations

import json
import re

from rollout.frozen import dataclass
from rollout.model.evidence import Answer, Series, Unanswered
from rollout.sources.prometheus_connection import Connection, show_url

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|NaN|[+-]?Inf")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    location: str

    @property
    def passing(self) -> bool:
        """Whether a second try may end otherwise."""
        return self.status == 429 or self.status >= 500


@dataclass(frozen=True)
class Failure:
    """No reply, or none that was read; `passing` as for a reply."""

    reason: str
    passing: bool = False


class _NoAnswerError(ValueError):
    """The message is the reason."""


def read(reply: Reply | Failure, connection: Connection) -> Answer | Unanswered:
    if isinstance(reply, Failure):
        return Unanswered(reply.reason)
    try:
        if reply.status != 200:
            raise _NoAnswerError(_refusal(reply, connection))
        return _answer(_document(reply.body, connection), connection)
    except _NoAnswerError as no_answer:
        return Unanswered(str(no_answer))


def _refusal(reply: Reply, connection: Connection) -> str:
    where, status = connection.base, reply.status
    match status:
        case 400 | 422:
            return f"Prometheus refuses the query: {_error_text(reply.body, connection)}"
        case 401:
            return f"{where} wants credentials, or others than it was given (401)"
        case 403:
            return f"{where} forbids the query with these credentials (403)"
        case 404:
            return f"{where} is no Prometheus: it does not know /api/v1/query (404)"
        case _ if 300 <= status < 400:
            to = connection.quote(show_url(reply.location)) or "nowhere"
            return f"{where} redirects to {to} ({status}), which is not followed: write the address that answers"
        case _:
            return f"{where} answers {status}: {_error_text(reply.body, connection)}"


def _error_text(body: bytes, connection: Connection) -> str:
    text = body.decode("utf-8", "replace")
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        document = text
    match document:
        case {"error": str(error)}:
            return connection.quote(error) or "without a word"
        case _:
            return connection.quote(text) or "without a word"


def _document(body: bytes, connection: Connection) -> object:
    try:
        document: object = json.loads(body.decode("utf-8"))
    except RecursionError:
        raise _NoAnswerError(f"{connection.base} answers with JSON that is nested too deeply") from None
    except ValueError:
        begin = connection.quote(body.decode("utf-8", "replace"))[:40]
        raise _NoAnswerError(f"{connection.base} does not answer with whole JSON; it begins with {begin!r}") from None
    return document


def _answer(document: object, connection: Connection) -> Answer:
    match document:
        case {"status": "success", "data": {"resultType": "vector", "result": list() as items}}:
            series = tuple(_series(item, connection) for item in items)
        case {"status": "success", "data": {"resultType": "scalar", "result": result}}:
            series = (Series((), _number(result, connection)),)
        case {"status": "success", "data": {"resultType": "matrix"}}:
            raise _NoAnswerError("the query gives a matrix (a range of samples), not one number a series")
        case {"status": "success", "data": {"resultType": "string"}}:
            raise _NoAnswerError("the query gives a string, not a number")
        case {"status": "success", "data": {"resultType": str(kind), "result": _}} if kind != "vector":
            raise _NoAnswerError(f"the query gives a {connection.quote(kind)!r}, which is not known here")
        case {"status": "error", **rest}:
            error = connection.quote(str(rest.get("error", ""))) or "without a word"
            raise _NoAnswerError(f"Prometheus answers with an error: {error}")
        case _:
            raise _NoAnswerError(f"{connection.base} answers with JSON that is no answer to a query")
    return Answer(series, _warnings(document, connection))


def _series(item: object, connection: Connection) -> Series:
    match item:
        case {"metric": dict() as metric, "value": value}:
            labels = tuple(sorted((name, _label(text)) for name, text in metric.items()))
            return Series(labels, _number(value, connection))
        case {"metric": dict(), "histogram": _}:
            raise _NoAnswerError("the query gives a native histogram, not a number")
        case _:
            raise _NoAnswerError("a series of the answer has no labels or no value")


def _label(text: object) -> str:
    if not isinstance(text, str) or _SURROGATE.search(text):
        raise _NoAnswerError("a label of the answer is no text")
    return text


def _number(value: object, connection: Connection) -> float:
    match value:
        case [int() | float(), str(text)] if _NUMBER.fullmatch(text):
            return float(text)
        case [int() | float(), str(text)]:
            raise _NoAnswerError(f"the answer holds {connection.quote(text)!r} where a number was expected")
        case _:
            raise _NoAnswerError("the answer holds something else than a time and a number in quotes")


def _warnings(document: object, connection: Connection) -> tuple[str, ...]:
    """What makes an answer less than whole, in whatever shape it is said; `infos` do not."""
    warnings: list[str] = []
    match document:
        case {"warnings": list() as said}:
            warnings += [connection.quote(str(warning)) for warning in said]
        case {"warnings": said} if said is not None:
            warnings.append(connection.quote(str(said)))
    match document:
        case {"isPartial": partial} | {"data": {"isPartial": partial}} if partial not in (False, None):
            warnings.append("partial answer")
    return tuple(warnings)
