"""What a real Prometheus says to windows of every shape, and which rules it has loaded."""

from __future__ import annotations

import math
from collections.abc import Iterator
from time import time

import pytest

from rollout.model.evidence import (
    Course,
    Grid,
    LoadedRule,
    LoadedRulesQuery,
    RangeQuery,
    Unanswered,
    answer_to,
)
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.prometheus_asking import gather
from tests.prometheus_server import PrometheusServer, running_prometheus
from tests.shop_history import GONE

RULES = """
groups:
  - name: shop
    rules:
      - {record: "job:requests", expr: "sum(rate(http_requests_total[5m]))"}
      - {alert: HighErrors, expr: "up == 0", labels: {severity: critical, team: "{{ $labels.team }}"}}
      - {alert: Bare, expr: "vector(1)"}
"""
START = int(time()) // 60 * 60 - 7200
SCRAPE, HOLE, END = 15, range(1800, 3000), 5400
"""Seconds from the start: `gauge` was scraped for 90 minutes, but not in the hole."""


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(scope="module")
def gappy(_prometheus_is_installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    folder = tmp_path_factory.mktemp("gappy")
    rules = folder / "rules.yml"
    rules.write_text(RULES)
    lines = ["# TYPE gauge gauge"]
    lines += [f"gauge {second} {START + second}" for second in range(0, END, SCRAPE) if second not in HOLE]
    with running_prometheus(
        folder / "server", config=f"rule_files: ['{rules}']", openmetrics="\n".join((*lines, "# EOF", ""))
    ) as server:
        yield server


def ask(server: PrometheusServer, promql: str, grid: Grid) -> Course | Unanswered:
    question = RangeQuery(promql, "production", grid)
    return answer_to(gather(PrometheusSource(Connection(server.url, timeout=30)), question), question)


def lines(server: PrometheusServer, promql: str, grid: Grid) -> dict[str, list[tuple[int, float]]]:
    """Each series' points and values, by its labels' values."""
    course = ask(server, promql, grid)
    assert isinstance(course, Course), course
    assert course.warnings == ()
    return {
        ",".join(text for _, text in one.labels): list(zip(one.points, one.values, strict=True))
        for one in course.series
    }


def minutes_before_now(minutes: int, count: int) -> Grid:
    now = int(time()) // 60 * 60
    return Grid((now - 60 * minutes) * 1000, 60_000, count)


def test_a_window_holds_every_point(gappy: PrometheusServer) -> None:
    grid = Grid((START + 600) * 1000, 30_000, 20)
    assert lines(gappy, "gauge", grid) == {"gauge": [(point, 600.0 + 30 * point) for point in range(20)]}


def test_a_hole_is_a_hole(gappy: PrometheusServer) -> None:
    grid = Grid((START + 1500) * 1000, 30_000, 80)
    ((_, samples),) = lines(gappy, "gauge", grid).items()
    points = [point for point, _ in samples]
    last = (HOLE.start - SCRAPE + 300 - 1500) // 30  # five minutes long the last sample is still told
    assert points == [*range(last + 1), *range((HOLE.stop - 1500) // 30, 80)]
    assert samples[-1] == (79, 1500.0 + 30 * 79)


def test_a_series_that_has_ended_ends(prometheus: PrometheusServer) -> None:
    grid = minutes_before_now(GONE // 60 + 3, 30)
    ((_, samples),) = lines(prometheus, "old_machine", grid).items()
    points = [point for point, _ in samples]
    assert points == list(range(len(points)))
    assert 5 <= len(points) <= 10


def test_nothing_is_a_course_without_series(gappy: PrometheusServer) -> None:
    grid = Grid((START - 7200) * 1000, 30_000, 20)
    assert ask(gappy, "gauge", grid) == Course(())
    assert ask(gappy, "no_such_metric", grid) == Course(())


def test_every_series_comes_with_its_labels(prometheus: PrometheusServer) -> None:
    found = lines(prometheus, "cache_hit_rate", minutes_before_now(30, 10))
    assert found == {
        "cache_hit_rate,a": [(point, 0.78) for point in range(10)],
        "cache_hit_rate,b": [(point, 0.65) for point in range(10)],
    }


def test_what_is_not_finite_is_kept(prometheus: PrometheusServer) -> None:
    found = lines(prometheus, "odd", minutes_before_now(30, 3))
    assert found["odd,plus"] == [(point, math.inf) for point in range(3)]
    assert found["odd,minus"] == [(point, -math.inf) for point in range(3)]
    assert [math.isnan(value) for _, value in found["odd,nan"]] == [True, True, True]


@pytest.mark.parametrize(
    ("promql", "expected"),
    [
        ("sum(rate(http_requests_total[5m]))", 10.0),
        ("max_over_time(sum(rate(http_requests_total[5m]))[10m:1m])", 10.0),
        ("http_errors_total offset 10m - http_errors_total offset 20m", 30.0),
        ("1e-3 * 2", 0.002),
        ("vector(0.1)", 0.1),
        ("1e300 * 10", 1e301),
        ("count(cache_hit_rate > 0.7)", 1.0),
        (" + ".join(["memory_bytes"] * 1000), 85e9),
    ],
)
def test_a_query_gives_its_number_at_every_point(prometheus: PrometheusServer, promql: str, expected: float) -> None:
    ((_, samples),) = lines(prometheus, promql, minutes_before_now(20, 15)).items()
    assert [point for point, _ in samples] == list(range(15))
    assert [value for _, value in samples] == pytest.approx([expected] * 15, rel=1e-6)


@pytest.mark.parametrize("step", [100, 167])
def test_thirty_thousand_points_are_those_of_small_parts(gappy: PrometheusServer, step: int) -> None:
    count, size = 30_000, 2_500
    start = (START + 60) * 1000 + 7
    joined = lines(gappy, "gauge", Grid(start, step, count))
    pieces: dict[str, list[tuple[int, float]]] = {}
    for first in range(0, count, size):
        for labels, samples in lines(gappy, "gauge", Grid(start + first * step, step, size)).items():
            pieces.setdefault(labels, []).extend((first + point, value) for point, value in samples)
    assert joined == pieces
    assert 20_000 < len(joined["gauge"]) < count


def test_the_moments_are_those_of_the_grid(gappy: PrometheusServer) -> None:
    grid = Grid(START * 1000 + 123, 1_777, 12_000)
    ((_, samples),) = lines(gappy, "time()", grid).items()
    assert [point for point, _ in samples] == list(range(12_000))
    assert all(value == grid.at(point).timestamp() for point, value in samples)


@pytest.mark.parametrize(
    ("promql", "expected"),
    [
        ("sum(", "refuses the query: 1:5: parse error"),
        ("gauge[5m]", 'refuses the query: invalid expression type "range vector"'),
        ("'text'", 'refuses the query: invalid expression type "string"'),
    ],
)
def test_what_gives_no_course_is_unanswered(gappy: PrometheusServer, promql: str, expected: str) -> None:
    outcome = ask(gappy, promql, Grid(START * 1000, 30_000, 20))
    assert isinstance(outcome, Unanswered)
    assert expected in outcome.reason


def test_alerting_rules_that_are_loaded_are_told(gappy: PrometheusServer) -> None:
    question = LoadedRulesQuery("production")
    assert answer_to(gather(PrometheusSource(Connection(gappy.url)), question), question) == (
        LoadedRule("HighErrors", (("severity", "critical"), ("team", "{{ $labels.team }}"))),
        LoadedRule("Bare", ()),
    )


def test_a_server_without_rules_has_none(prometheus: PrometheusServer) -> None:
    question = LoadedRulesQuery("production")
    assert PrometheusSource(Connection(prometheus.url)).ask([question]) == {question: ()}
