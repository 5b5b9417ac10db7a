"""What a real Prometheus says to every shape of query, and when it stops or ends."""

from __future__ import annotations

import math
import os
import signal
from datetime import UTC, datetime, timedelta
from time import monotonic, time

import pytest

from rollout.model.evidence import Answer, Query, Unanswered, answer_to
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.prometheus_asking import gather
from tests.prometheus_server import PrometheusServer
from tests.shop_history import GONE


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def ask(server: PrometheusServer, promql: str, at: datetime | None = None) -> Answer | Unanswered:
    query = Query(promql, "production", at)
    return answer_to(gather(PrometheusSource(Connection(server.url)), query), query)


def values(outcome: Answer | Unanswered) -> list[float]:
    assert isinstance(outcome, Answer), outcome
    assert outcome.warnings == ()
    return [series.value for series in outcome.series]


ERROR_RATE = "(sum(rate(http_errors_total[5m])) or vector(0)) / sum(rate(http_requests_total[5m]))"

ONE_VALUE = {
    "a gauge": ("memory_bytes", 85e6),
    "a ratio of rates": (ERROR_RATE, 0.005),
    "a share in percent": (f"100 * {ERROR_RATE}", 0.5),
    "a rate a second": ("sum(rate(http_requests_total[5m]))", 10),
    "a number of events": ("sum(increase(http_requests_total[5m]))", 3000),
    "a quantile in seconds": ("histogram_quantile(0.95, sum by (le) (rate(http_seconds_bucket[5m])))", 0.0075),
    "errors that never were": (ERROR_RATE.replace("http_errors", "no_errors"), 0),
    "an idle counter": ("rate(wishes_total[5m])", 0),
    "a number of series": ("count(cache_hit_rate)", 2),
    "a comparison as a bool": ("memory_bytes > bool 1e9", 0),
    "a vector of a constant": ("vector(0.1)", 0.1),
    "an offset": ("http_errors_total offset 10m - http_errors_total offset 20m", 30),
    "a subquery": ("max_over_time(sum(rate(http_requests_total[5m]))[10m:1m])", 10),
    "absent": ("absent(no_such_metric)", 1),
    "a scalar": ("1e-3 * 2", 0.002),
    "a scalar of a vector": ("scalar(memory_bytes)", 85e6),
    "a huge number": ("vector(1e300)", 1e300),
    "an infinite gauge": ('odd{kind="plus"}', math.inf),
    "a negative infinite gauge": ('odd{kind="minus"}', -math.inf),
    "a division by zero": ("vector(1) / 0", math.inf),
    "a quantile beyond all": ("histogram_quantile(2, sum by (le) (rate(http_seconds_bucket[5m])))", math.inf),
    "no traffic": ("rate(wish_errors_total[5m]) / rate(wishes_total[5m])", math.nan),
    "a gauge that is no number": ('odd{kind="nan"}', math.nan),
    "a scalar of nothing": ("scalar(no_such_metric)", math.nan),
}


@pytest.mark.parametrize("name", ONE_VALUE)
def test_a_query_gives_its_number(prometheus: PrometheusServer, name: str) -> None:
    promql, expected = ONE_VALUE[name]
    assert values(ask(prometheus, promql)) == [pytest.approx(expected, rel=1e-6, nan_ok=True)]


@pytest.mark.parametrize(
    "promql",
    [
        "no_such_metric",
        "memory_bytes > 1e9",
        "http_errors_total / on() no_such_metric",
        "old_machine",
        ERROR_RATE + " > 1",
    ],
)
def test_nothing_found_is_an_answer_without_series(prometheus: PrometheusServer, promql: str) -> None:
    assert ask(prometheus, promql) == Answer(())


def test_every_series_comes_with_its_labels(prometheus: PrometheusServer) -> None:
    outcome = ask(prometheus, "cache_hit_rate")
    assert isinstance(outcome, Answer)
    assert {(dict(series.labels)["instance"], series.value) for series in outcome.series} == {("a", 0.78), ("b", 0.65)}
    assert {dict(series.labels)["__name__"] for series in outcome.series} == {"cache_hit_rate"}


def test_a_past_moment_is_asked_for(prometheus: PrometheusServer) -> None:
    before = datetime.now(UTC) - timedelta(seconds=GONE + 120)
    assert values(ask(prometheus, "old_machine", before)) == [1]
    assert values(ask(prometheus, "time()", before)) == [pytest.approx(before.timestamp(), abs=0.002)]


def test_now_is_the_now_of_the_server(prometheus: PrometheusServer) -> None:
    assert values(ask(prometheus, "time()")) == [pytest.approx(time(), abs=10)]


def test_a_query_longer_than_a_url_is_answered(prometheus: PrometheusServer) -> None:
    assert values(ask(prometheus, " + ".join(["memory_bytes"] * 1000))) == [85e9]


@pytest.mark.parametrize(
    ("promql", "expected"),
    [
        ("sum(", "refuses the query: invalid parameter"),
        ("", "refuses the query: invalid parameter"),
        ("bogus(memory_bytes)", 'unknown function with name "bogus"'),
        ("rate(memory_bytes)", "expected type range vector"),
        ("cache_hit_rate * on() cache_hit_rate", "refuses the query: found duplicate series"),
        ("memory_bytes[5m]", "the query gives a matrix"),
        ("'text'", "the query gives a string"),
    ],
)
def test_what_gives_no_number_is_unanswered(prometheus: PrometheusServer, promql: str, expected: str) -> None:
    outcome = ask(prometheus, promql)
    assert isinstance(outcome, Unanswered)
    assert expected in outcome.reason


def test_a_wrong_path_is_no_prometheus(prometheus: PrometheusServer) -> None:
    query = Query("up", "production")
    outcome = PrometheusSource(Connection(f"{prometheus.url}/prometheus")).ask([query])[query]
    assert outcome == Unanswered(f"{prometheus.url}/prometheus is no Prometheus: it does not know /api/v1/query (404)")


def test_all_queries_of_a_plan_are_answered_at_once(prometheus: PrometheusServer) -> None:
    queries = [Query(promql, "production") for promql, _ in ONE_VALUE.values()]
    evidence = PrometheusSource(Connection(prometheus.url)).ask(queries)
    assert list(evidence) == queries
    assert all(isinstance(outcome, Answer) for outcome in evidence.values())


def test_a_store_that_could_not_be_read_is_a_warning(prometheus_of_its_own: PrometheusServer) -> None:
    outcome = ask(prometheus_of_its_own, "up")
    assert isinstance(outcome, Answer)
    assert outcome.series == ()
    assert [warning.partition(":")[0] for warning in outcome.warnings] == ["remote_read"]


def test_a_server_that_stands_still_and_then_ends_is_unanswered(prometheus_of_its_own: PrometheusServer) -> None:
    server = prometheus_of_its_own
    source, query = PrometheusSource(Connection(server.url, timeout=0.5)), Query("vector(1)", "production")
    assert values(answer_to(gather(source, query), query)) == [1]

    server.process.send_signal(signal.SIGSTOP)
    os.waitpid(server.process.pid, os.WUNTRACED)  # the last of its threads stands still
    begin = monotonic()
    assert source.ask([query])[query] == Unanswered(f"{server.url} gave no whole answer within 0.5 s")
    assert monotonic() - begin < 1.2

    server.process.send_signal(signal.SIGCONT)
    assert values(answer_to(gather(source, query), query)) == [1]

    server.process.kill()
    server.process.wait()
    assert source.ask([query])[query] == Unanswered(f"{server.url} cannot be asked: Connection refused")
