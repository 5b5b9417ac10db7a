"""Connections are kept and used again, but never one on which something lies that nobody asked for."""

from __future__ import annotations

from threading import Event

import pytest

from rollout.model.evidence import Answer, Query, Series, Unanswered, answer_to
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.prometheus_asking import gather
from tests.scripted_server import Exchange, Script, http, scripted_server


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def scalar(number: int) -> str:
    return f'{{"status": "success", "data": {{"resultType": "scalar", "result": [1, "{number}"]}}}}'


def chunked(*pieces: str) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece.encode()) for piece in (*pieces, ""))
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body


def answers(*replies: bytes) -> Script:
    """One reply after the other on each connection."""

    def answer(exchange: Exchange) -> None:
        for reply in replies:
            if not exchange.request:
                return
            exchange.send(reply)
            exchange.request = exchange.next()

    return answer


def ask(source: PrometheusSource, number: int) -> float | str:
    query = Query(f"up{number}", "production")
    match answer_to(gather(source, query), query):
        case Answer((Series(value=value),)):
            return value
        case Unanswered(reason):
            return reason
        case other:
            return repr(other)


KEPT = {
    "with a length": http(scalar(1)),
    "in chunks": chunked(scalar(1)[:5], scalar(1)[5:]),
    "with trailers": chunked(scalar(1))[:-2] + b"X-Trailer: 1\r\n\r\n",
    "a refusal": http("no", "400 Bad"),
    "without a body": b"HTTP/1.1 204 No Content\r\n\r\n",
}


@pytest.mark.parametrize("name", KEPT)
def test_a_connection_is_used_again_after_a_whole_reply(name: str) -> None:
    with scripted_server(answers(KEPT[name], http(scalar(2)), http(scalar(3)))) as server:
        source = PrometheusSource(Connection(server.url))
        ask(source, 1)
        assert [ask(source, 2), ask(source, 3)] == [2, 3]
        assert len(server.connections) == 1


GIVEN_UP: dict[str, bytes] = {
    "one that the server will close": http(scalar(1), Connection="close"),
    "an old protocol": http(scalar(1)).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "a reply that is too large": http(" " * (2 * 2**20 + 1)),
    "an answer that nobody asked for": http(scalar(1)) + b" " * 100_000 + http(scalar(9)),
    "packed unasked": http(scalar(1), Content_Encoding="gzip"),
}


@pytest.mark.parametrize("name", GIVEN_UP)
def test_a_connection_is_not_used_again_after(name: str) -> None:
    sent = Event()

    def first(exchange: Exchange) -> None:
        exchange.send(GIVEN_UP[name])
        sent.set()
        exchange.send(http(scalar(9)) if exchange.next() else b"")

    with scripted_server(first, http(scalar(2))) as server:
        source = PrometheusSource(Connection(server.url))
        ask(source, 1)
        assert sent.wait(5)
        assert ask(source, 2) == 2
        assert len(server.connections) == 2


def test_an_answer_that_nobody_asked_for_answers_nothing() -> None:
    """A short one lies in the buffer already, and goes with it."""
    with scripted_server(answers(http(scalar(1)) + http(scalar(9)), http(scalar(2)), http(scalar(3)))) as server:
        source = PrometheusSource(Connection(server.url))
        assert [ask(source, 1), ask(source, 2), ask(source, 3)] == [1, 2, 3]


def test_a_connection_that_was_closed_meanwhile_is_replaced_without_a_second_try() -> None:
    closed = Event()

    def first(exchange: Exchange) -> None:
        exchange.send(http(scalar(1)))
        exchange.connection.close()
        closed.set()

    with scripted_server(first, http(scalar(2))) as server:
        source = PrometheusSource(Connection(server.url, timeout=0.2))  # too short for a second try
        assert ask(source, 1) == 1
        assert closed.wait(5)
        assert ask(source, 2) == 2


def test_connections_are_closed_when_the_source_is_gone() -> None:
    ended = Event()

    def answer(exchange: Exchange) -> None:
        exchange.send(http(scalar(1)))
        if exchange.next() == b"":
            ended.set()

    with scripted_server(answer) as server:
        assert ask(PrometheusSource(Connection(server.url)), 1) == 1
        assert ended.wait(5)


def test_a_path_that_http_does_not_carry_is_encoded() -> None:
    with scripted_server(http(scalar(1))) as server:
        assert ask(PrometheusSource(Connection(f"{server.url}/ü/a%20b/")), 1) == 1
    assert server.requests[0].startswith(b"GET /%C3%BC/a%20b/api/v1/query?query=up1 HTTP/1.1\r\n")
