"""An instant query on its way to its answer."""

from __future__ import annotations

from contextlib import suppress

from rollout.model.evidence import Answer, Query, Series
from rollout.sources.prometheus_allowance import Allowance
from rollout.sources.prometheus_connection import Connection
from rollout.sources.prometheus_document import NoAnswerError, body_of, labels_of, parse, warnings_of
from rollout.sources.prometheus_inquiry import Inquiry
from rollout.sources.prometheus_reply import Failure, Reply, Request

_DIGITS, _WORDS = "0123456789+-.eE", ("NaN", "Inf", "+Inf", "-Inf")
"""As Prometheus writes numbers: `float` would take nan, 1_000 and other alphabets' digits too."""


class InstantInquiry(Inquiry[Answer]):
    def __init__(self, query: Query, connection: Connection, allowance: Allowance) -> None:
        parameters = {"query": query.promql}
        if query.at is not None:
            parameters["time"] = f"{query.at.timestamp():.3f}"
        super().__init__(connection, [Request("/api/v1/query", parameters)])
        self._allowance = allowance

    def _heard(self, request: Request, reply: Reply | Failure) -> Answer:
        document = parse(body_of(reply, request.path, self._connection), self._connection)
        answer = _answer(document, self._connection)
        for series in answer.series:
            self._allowance.take(series.labels, 1)
        return answer


def _answer(document: object, connection: Connection) -> Answer:
    match document:
        case {"status": "success", "data": {"resultType": "vector", "result": list() as items}}:
            series = tuple(_series(item, connection) for item in items)
        case {"status": "success", "data": {"resultType": "scalar", "result": result}}:
            series = (Series((), number(result, connection)),)
        case {"status": "success", "data": {"resultType": "matrix"}}:
            raise NoAnswerError("the query gives a matrix (a range of samples), not one number a series")
        case {"status": "success", "data": {"resultType": "string"}}:
            raise NoAnswerError("the query gives a string, not a number")
        case {"status": "success", "data": {"resultType": str(kind), "result": _}} if kind != "vector":
            raise NoAnswerError(f"the query gives a {connection.quote(kind)!r}, which is not known here")
        case _:
            raise NoAnswerError(f"{connection.base} answers with JSON that is no answer to a query")
    return Answer(series, warnings_of(document, connection))


def _series(item: object, connection: Connection) -> Series:
    match item:
        case {"metric": dict() as metric, "value": value}:
            return Series(labels_of(metric, connection), number(value, connection))
        case {"metric": dict(), "histogram": _}:
            raise NoAnswerError("the query gives a native histogram, not a number")
        case _:
            raise NoAnswerError("a series of the answer has no labels or no value")


def number(sample: object, connection: Connection) -> float:
    match sample:
        case [int() | float(), str(text)]:
            with suppress(ValueError):
                if text in _WORDS or not text.strip(_DIGITS):
                    return float(text)
            raise NoAnswerError(f"the answer holds {connection.quote(text)!r} where a number was expected")
        case _:
            raise NoAnswerError("the answer holds something else than a time and a number in quotes")
