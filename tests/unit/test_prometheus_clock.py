"""A server whose clock is wrong is not believed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import pytest

from rollout.model.durations import parse_duration
from rollout.model.evidence import Answer, Course, Grid, LoadedRulesQuery, Query, RangeQuery, Unanswered
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.scripted_server import http, scripted_server

EMPTY = '{"status": "success", "data": {"resultType": "%s", "result": [], "groups": []}}'
QUESTIONS: dict[str, tuple[Query | RangeQuery | LoadedRulesQuery, object]] = {
    "vector": (Query("up", "production"), Answer(())),
    "matrix": (RangeQuery("up", "production", Grid(0, 1000, 2)), Course(())),
    "rules": (LoadedRulesQuery("production"), ()),
}


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def ask(kind: str, status: str = "200 OK", **headers: str) -> object:
    question, _ = QUESTIONS[kind]
    with scripted_server(http(EMPTY.replace("%s", kind), status, **headers)) as server:
        outcome = PrometheusSource(Connection(server.url)).ask([question])[question]
    return Unanswered(outcome.reason.replace(server.url, "URL")) if isinstance(outcome, Unanswered) else outcome


def ahead(**apart: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(**apart), usegmt=True)


@pytest.mark.parametrize("kind", QUESTIONS)
def test_a_clock_that_is_wrong_is_told(kind: str) -> None:
    began = monotonic()
    outcome = ask(kind, Date=ahead(seconds=420.9))
    lasted = timedelta(seconds=monotonic() - began)  # the header is made before, and has whole seconds
    assert isinstance(outcome, Unanswered)
    told = re.fullmatch(
        r"the clock of URL is (\w+) ahead of this machine's: nothing judged by it would be true", outcome.reason
    )
    assert told
    assert timedelta(seconds=420) - lasted <= parse_duration(told[1]) <= timedelta(seconds=421)


def test_a_clock_behind_is_told() -> None:
    outcome = ask("vector", Date=ahead(hours=-9, seconds=0.9))
    assert isinstance(outcome, Unanswered)
    assert outcome.reason.startswith("the clock of URL is 9h")
    assert " behind this machine's: " in outcome.reason


@pytest.mark.parametrize("kind", QUESTIONS)
@pytest.mark.parametrize("seconds", [-110, 0, 110])
def test_two_minutes_are_near_enough(kind: str, seconds: int) -> None:
    assert ask(kind, Date=ahead(seconds=seconds)) == QUESTIONS[kind][1]


@pytest.mark.parametrize("date", ["", "now", "0", "Thu, 99 Foo 2026 00:00:00 GMT", "Thu, 1 Jan 99999999999 0:0:0 GMT"])
def test_what_is_no_date_says_nothing(date: str) -> None:
    assert ask("vector", Date=date) == Answer(())


def test_a_date_without_zone_is_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Seoul")
    assert ask("vector", Date=ahead().replace("GMT", "-0000")) == Answer(())


def test_a_refusal_is_told_before_a_wrong_clock() -> None:
    assert ask("vector", "401 No", Date=ahead(hours=1)) == Unanswered(
        "URL wants credentials, or others than it was given (401)"
    )
