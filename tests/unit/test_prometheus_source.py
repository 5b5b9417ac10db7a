"""How Prometheus is asked: all at once, each query once, in time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Barrier, Event
from time import monotonic

import pytest

from rollout.model.evidence import Answer, Evidence, Query, Series, Unanswered
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.prometheus_asking import gather
from tests.scripted_server import Exchange, Script, http, scripted_server

ONE = http('{"status": "success", "data": {"resultType": "scalar", "result": [1, "1"]}}')
ANSWER = Answer((Series((), 1.0),))
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def query(promql: str = "up", at: datetime | None = None) -> Query:
    return Query(promql, "production", at)


def ask(connection: Connection, *promql: str) -> Evidence:
    return gather(PrometheusSource(connection), *(query(text) for text in promql or ("up",)))


def reason(connection: Connection) -> str:
    (outcome,) = ask(connection).values()
    assert isinstance(outcome, Unanswered)
    return outcome.reason


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

SLOW = {
    "silence": (b"", b""),
    "headers that drip": (OK + b"A: ", b"a"),
    "a body that drips": (OK + b"Content-Length: 99999\r\n\r\n", b" "),
    "a body that drips without an end": (OK + b"\r\n", b" "),
    "small chunks": (CHUNKED, b"1\r\n \r\n"),
    "a chunk that drips": (CHUNKED + b"ffff\r\n", b" "),
    "the size of a chunk that drips": (CHUNKED, b"0"),
    "a redirect whose body drips": (b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n", b" "),
}


def dripping(name: str) -> Callable[[Exchange], None]:
    def answer(exchange: Exchange) -> None:
        begin, piece = SLOW[name]
        exchange.send(begin)
        exchange.drip(piece)

    return answer


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_server_is_given_up_at_the_deadline(name: str) -> None:
    with scripted_server(dripping(name)) as server:
        begin = monotonic()
        said = reason(Connection(server.url, timeout=0.3))
        assert monotonic() - begin < 1.0
    assert said == f"{server.url} gave no whole answer within 0.3 s"


@pytest.mark.parametrize("name", ["silence", "a body that drips", "small chunks"])
def test_a_connection_is_closed_when_it_is_given_up(name: str) -> None:
    closed = Event()

    def answer(exchange: Exchange) -> None:
        try:
            if name == "silence":
                exchange.next()
            else:
                dripping(name)(exchange)
        finally:
            closed.set()

    with scripted_server(answer) as server:
        reason(Connection(server.url, timeout=0.2))
        assert closed.wait(2)


def test_many_queries_to_a_silent_server_end_after_three_times_the_deadline() -> None:
    with scripted_server(dripping("silence")) as server:
        begin = monotonic()
        evidence = ask(Connection(server.url, timeout=0.2), *(f"up{number}" for number in range(80)))
        assert monotonic() - begin < 1.5
    assert len(evidence) == 80
    assert all(isinstance(outcome, Unanswered) for outcome in evidence.values())


def test_a_query_left_behind_does_not_keep_the_process() -> None:
    with scripted_server(dripping("headers that drip")) as server:
        code = (
            "import sys; from rollout.model.evidence import Query; from rollout.sources.prometheus import *; "
            "assert 'http.client' not in sys.modules, 'the client is loaded before it is needed'; "
            f"print(PrometheusSource(Connection({server.url!r}, timeout=0.3)).ask([Query('up', 'p')])); "
            "assert not {'requests', 'urllib.request', 'hashlib'} & set(sys.modules), 'more is loaded than needed'"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=10, check=True)
    assert "gave no whole answer within 0.3 s" in done.stdout
    assert done.stderr == ""


def test_a_gigantic_answer_is_not_read_to_its_end() -> None:
    def flood(exchange: Exchange) -> None:
        exchange.send(OK + b"\r\n")
        while not exchange.stopping.is_set():
            exchange.send(b" " * 2**20)

    with scripted_server(flood) as server:
        assert f"{server.url}: the answer is larger than 2 MiB: aggregate it" in reason(Connection(server.url))
        assert len(server.requests) == 1


def test_an_answer_of_2_mib_is_read() -> None:
    with scripted_server(http(ONE.partition(b"\r\n\r\n")[2].ljust(2 * 2**20))) as server:
        assert list(ask(Connection(server.url)).values()) == [ANSWER]


@pytest.mark.parametrize(
    "first", [http("", "503 No"), http("", "429 No"), lambda _: None], ids=["503", "429", "closed"]
)
def test_what_may_pass_is_tried_once_more(first: Script) -> None:
    with scripted_server(first, ONE) as server:
        assert list(ask(Connection(server.url)).values()) == [ANSWER]
        assert len(server.requests) == 2


@pytest.mark.parametrize("status", ["500 Oops", "503 No", "429 No"])
def test_a_second_failure_is_the_last(status: str) -> None:
    with scripted_server(http("", status, Retry_After="1")) as server:
        assert f"answers {status[:3]}" in reason(Connection(server.url))
        assert len(server.requests) == 2


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "400 Bad", "401 No", "403 No", "404 No", "422 Bad"])
def test_what_will_not_pass_is_asked_once(status: str) -> None:
    with scripted_server(http("", status, Location="/")) as server:
        reason(Connection(server.url))
        assert len(server.requests) == 1


def test_the_second_try_keeps_to_the_first_deadline() -> None:
    with scripted_server(http("", "503 No"), dripping("silence")) as server:
        begin = monotonic()
        assert "within 0.6 s" in reason(Connection(server.url, timeout=0.6))
        assert monotonic() - begin < 1.2


def test_there_is_no_second_try_without_time_for_it() -> None:
    with scripted_server(http("", "503 No")) as server:
        assert "answers 503" in reason(Connection(server.url, timeout=0.19))
        assert len(server.requests) == 1


def test_a_query_that_cannot_be_sent_is_unanswered() -> None:
    (outcome,) = ask(Connection("http://127.0.0.1:1"), "up\ud800").values()
    assert isinstance(outcome, Unanswered)
    assert "cannot be asked" in outcome.reason


def test_a_stopped_server_is_unanswered_and_a_started_one_answers_again() -> None:
    with scripted_server(ONE) as server:
        source = PrometheusSource(Connection(server.url))
        assert source.ask([query()])[query()] == ANSWER
    outcome = source.ask([query()])[query()]
    assert outcome == Unanswered(f"{server.url} cannot be asked: Connection refused")


def test_a_query_that_is_asked_twice_is_sent_once() -> None:
    with scripted_server(ONE) as server:
        later = query(at=datetime(2026, 1, 2, tzinfo=UTC))
        evidence = PrometheusSource(Connection(server.url)).ask([query(), later] * 30)
        assert list(evidence) == [query(), later]
        assert len(server.requests) == 2


def test_queries_are_asked_at_once_over_connections_that_stay() -> None:
    together = Barrier(8)

    def answer(exchange: Exchange) -> None:
        while exchange.request:
            together.wait(5)
            exchange.send(ONE)
            exchange.request = exchange.next()

    with scripted_server(answer) as server:
        source = PrometheusSource(Connection(server.url))
        for batch in range(2):
            evidence = source.ask([query(f"up{batch}{number}") for number in range(16)])
            assert set(evidence.values()) == {ANSWER}
        assert len(server.connections) == 8


def test_nothing_is_asked_without_queries() -> None:
    assert PrometheusSource(Connection("http://127.0.0.1:1")).ask([]) == {}


def test_the_moment_is_sent_only_where_one_is_asked_for() -> None:
    with scripted_server(ONE) as server:
        source = PrometheusSource(Connection(f"{server.url}/prefix/"))
        source.ask([query("a + b")])
        source.ask([query(at=datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC))])
    first, second = (request.split(b"\r\n")[0].decode() for request in server.requests)
    assert first == "GET /prefix/api/v1/query?query=a+%2B+b HTTP/1.1"
    assert second == "GET /prefix/api/v1/query?query=up&time=1767323045.678 HTTP/1.1"


def test_a_long_query_is_posted() -> None:
    with scripted_server(ONE) as server:
        ask(Connection(server.url), "up" + " " * 5000)
    (request,) = server.requests
    assert request.startswith(b"POST /api/v1/query HTTP/1.1")
    assert b"\r\nContent-Type: application/x-www-form-urlencoded\r\n" in request
    assert request.partition(b"\r\n\r\n")[2] == b"query=up" + b"+" * 5000
