"""How a window is asked for: exactly, in parts where the server's limits call for them, and in time."""

from __future__ import annotations

import re
from collections.abc import Callable
from time import monotonic

import pytest

from rollout.model.evidence import Course, Grid, Query, RangeQuery, Unanswered, answer_to
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.http_servers import hang
from tests.prometheus_asking import gather
from tests.range_server import Asked, answering, matrix
from tests.scripted_server import Exchange, Script, http, scripted_server

START = 1_700_000_000_123
EMPTY = matrix()


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def window(count: int, step: int = 30_000, promql: str = "up") -> RangeQuery:
    return RangeQuery(promql, "production", Grid(START, step, count))


def ask(script: Script, question: RangeQuery, timeout: float = 10.0) -> Course | Unanswered:
    with scripted_server(script) as server:
        return answer_to(gather(PrometheusSource(Connection(server.url, timeout=timeout)), question), question)


def number_of(moment: int) -> str:
    return str(moment % 1_000_003)


def whole(question: Asked) -> bytes:
    return matrix(({"a": "1"}, [(moment, number_of(moment)) for moment in question.moments]))


def test_start_end_and_step_are_exact() -> None:
    with scripted_server(EMPTY) as server:
        source = PrometheusSource(Connection(server.url))
        source.ask([window(3, 30_000)])
        source.ask([window(2, 29)])
    first, second = (request.split(b"\r\n")[0].decode() for request in server.requests)
    assert first == ("GET /api/v1/query_range?query=up&start=1700000000.123&end=1700000060.123&step=30 HTTP/1.1")
    assert second == ("GET /api/v1/query_range?query=up&start=1700000000.123&end=1700000000.152&step=29ms HTTP/1.1")


def test_a_long_query_is_posted() -> None:
    with scripted_server(EMPTY) as server:
        PrometheusSource(Connection(server.url)).ask([window(3, promql="up" + " " * 5000)])
    (request,) = server.requests
    assert request.startswith(b"POST /api/v1/query_range HTTP/1.1")
    assert request.endswith(b"&start=1700000000.123&end=1700000060.123&step=30")


@pytest.mark.parametrize(("count", "requests"), [(1, 1), (11_000, 1), (11_001, 2), (22_000, 2), (30_000, 3)])
def test_a_long_window_is_asked_in_parts_and_joined(count: int, requests: int) -> None:
    seen: list[Asked] = []
    outcome = ask(answering(whole, seen), window(count))
    assert isinstance(outcome, Course), outcome
    (line,) = outcome.series
    assert len(seen) == requests
    assert max(len(question.moments) for question in seen) <= 11_000
    assert sorted(moment for question in seen for moment in question.moments) == [
        START + 30_000 * point for point in range(count)
    ]
    assert list(line.points) == list(range(count))
    assert list(line.values) == [float(number_of(START + 30_000 * point)) for point in range(count)]


def test_series_that_come_and_go_between_the_parts_keep_their_points() -> None:
    middle = START + 30_000 * 11_000

    def respond(question: Asked) -> bytes:
        first, *_, last = question.moments
        if first < middle:
            return matrix(({"a": "old"}, [(first, "1"), (last, "2")]), ({"a": "both"}, [(last, "3")]))
        return matrix(({"a": "both"}, [(first, "4")]), ({"a": "new"}, [(last, "5")]))

    outcome = ask(answering(respond), window(22_000))
    assert isinstance(outcome, Course), outcome
    assert {dict(one.labels)["a"]: (list(one.points), list(one.values)) for one in outcome.series} == {
        "old": ([0, 10_999], [1, 2]),
        "both": ([10_999, 11_000], [3, 4]),
        "new": ([21_999], [5]),
    }


def test_a_sample_of_another_part_is_no_answer() -> None:
    outcome = ask(answering(lambda _: matrix(({}, [(START, "1")]))), window(22_000))
    assert outcome == Unanswered("the answer holds a sample at a moment that was not asked for")


def test_the_warnings_of_every_part_count() -> None:
    def respond(question: Asked) -> bytes:
        return matrix(warnings=["both", f"from {question.start}"])

    outcome = ask(answering(respond), window(22_000))
    assert outcome == Course((), ("both", f"from {START}", f"from {START + 30_000 * 11_000}"))


def test_a_part_without_an_answer_leaves_the_whole_without_one() -> None:
    def respond(question: Asked) -> bytes:
        return EMPTY if question.start == START else http("no", "422 No")

    assert ask(answering(respond), window(22_000)) == Unanswered("Prometheus refuses the query: no")


def too_large_beyond(points: int, seen: list[Asked]) -> Script:
    def respond(question: Asked) -> bytes:
        small = len(question.moments) <= points
        return whole(question) if small else http(b" " * (2 * 2**20 + 1))

    return answering(respond, seen)


def test_a_part_that_is_too_large_is_asked_in_halves() -> None:
    seen: list[Asked] = []
    outcome = ask(too_large_beyond(700, seen), window(5_000))
    assert isinstance(outcome, Course), outcome
    assert list(outcome.series[0].points) == list(range(5_000))
    answered = [question for question in seen if len(question.moments) <= 700]
    assert sorted(moment for question in answered for moment in question.moments) == [
        START + 30_000 * point for point in range(5_000)
    ]
    assert len(seen) == 15


def test_a_part_of_few_points_that_is_too_large_is_unanswered() -> None:
    seen: list[Asked] = []
    outcome = ask(too_large_beyond(0, seen), window(11_000))
    assert isinstance(outcome, Unanswered)
    assert re.search(
        r": the answer is larger than 2 MiB, for \d+ points alone: aggregate it, such as with `sum by \(…\)`, or ",
        outcome.reason,
    )
    assert min(len(question.moments) for question in seen) in range(60, 121)
    assert len(seen) < 64


def test_more_than_a_million_samples_are_unanswered() -> None:
    def respond(question: Asked) -> bytes:
        samples = ",".join(f'[{moment / 1000:.3f},"1"]' for moment in question.moments)
        series = ",".join(f'{{"metric":{{"a":"{name}"}},"values":[{samples}]}}' for name in "abcd")
        return http('{"status":"success","data":{"resultType":"matrix","result":[' + series + "]}}")

    outcome = ask(answering(respond), window(250_001, step=1_000), timeout=30)
    assert isinstance(outcome, Unanswered)
    assert outcome.reason.startswith("the query gives more than 1,000,000 samples: aggregate it")


def test_a_window_of_more_than_a_million_points_is_not_asked_for() -> None:
    with scripted_server(EMPTY) as server:
        question = window(1_000_001)
        outcome = PrometheusSource(Connection(server.url)).ask([question])[question]
        assert server.connections == []
    assert outcome == Unanswered("a window of 1,000,001 points is too long: take one of fewer points")


def test_equal_windows_are_asked_for_once_beside_what_is_asked_now() -> None:
    with scripted_server(http('{"status": "error", "error": "no"}')) as server:
        now = Query("up", "production")
        evidence = gather(PrometheusSource(Connection(server.url)), window(5), now, window(5), window(6), now)
        assert len(server.requests) == 3
    assert list(evidence) == [window(5), now, window(6)]


def dripping(begin: bytes, piece: bytes) -> Callable[[Exchange], None]:
    def answer(exchange: Exchange) -> None:
        exchange.send(begin)
        exchange.drip(piece)

    return answer


SILENT = {
    "silence": hang,
    "headers that drip": dripping(b"HTTP/1.1 200 OK\r\nA: ", b"a"),
    "a body that drips": dripping(b"HTTP/1.1 200 OK\r\n\r\n", b" "),
}


@pytest.mark.parametrize("name", SILENT)
def test_all_parts_of_a_window_share_one_deadline(name: str) -> None:
    begin = monotonic()
    outcome = ask(SILENT[name], window(200_000), timeout=0.3)
    assert monotonic() - begin < 1.0
    assert isinstance(outcome, Unanswered)
    assert outcome.reason.endswith(" gave no whole answer within 0.3 s")


def test_many_windows_to_a_silent_server_end_after_three_times_the_deadline() -> None:
    assert ask(EMPTY, window(1)) == Course(())  # the first question of a process imports what all of them need
    with scripted_server(SILENT["silence"]) as server:
        begin = monotonic()
        questions = [window(30_000, promql=f"up{number}") for number in range(40)]
        evidence = gather(PrometheusSource(Connection(server.url, timeout=0.2)), *questions)
        assert monotonic() - begin < 1.5
    assert len(evidence) == 40
    assert all(isinstance(outcome, Unanswered) for outcome in evidence.values())


def test_a_part_is_tried_once_more() -> None:
    failed: list[int] = []

    def respond(question: Asked) -> bytes:
        if question.start != START and not failed:
            failed.append(question.start)
            return http("busy", "503 No")
        return whole(question)

    seen: list[Asked] = []
    outcome = ask(answering(respond, seen), window(22_000))
    assert isinstance(outcome, Course), outcome
    assert len(seen) == 3
