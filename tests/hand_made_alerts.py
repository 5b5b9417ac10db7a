"""Evidence of alerts made by hand: when each of them fired, and when somebody watched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from rollout.model.evidence import (
    Answer,
    Course,
    Evidence,
    Grid,
    LoadedRule,
    LoadedRulesQuery,
    Query,
    Question,
    RangeQuery,
    Samples,
    Series,
    Unanswered,
)
from rollout.model.gate import Scope
from tests.fakes import NOON

Labels = tuple[tuple[str, str], ...]
When = Callable[[datetime], bool]

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SCOPE = Scope("production", NOON)
CRITICAL = {"severity": "critical"}
RULES = (LoadedRule("HighErrors", (("severity", "critical"),)), LoadedRule("Slow", (("severity", "warning"),)))
NOTHING: Mapping[Labels, When] = {}


def alert(name: str = "HighErrors", **more: str) -> Labels:
    own = {"__name__": "ALERTS", "alertname": name, "alertstate": "firing", "severity": "critical"} | more
    return tuple(sorted(own.items()))


def never(_: datetime) -> bool:
    return False


def always(_: datetime) -> bool:
    return True


def between(begin: timedelta, end: timedelta) -> When:
    """Both before noon, the first the longer ago."""
    return lambda at: NOON - begin <= at <= NOON - end


def outside(begin: timedelta, end: timedelta) -> When:
    return lambda at: not between(begin, end)(at)


def course(grid: Grid, series: Mapping[Labels, When], warnings: tuple[str, ...] = ()) -> Course:
    samples = []
    for labels, when in series.items():
        points = [point for point in range(grid.count) if when(grid.at(point))]
        if points:
            samples.append(Samples(labels, points, [1.0] * len(points)))
    return Course(tuple(samples), warnings)


def evidence(
    questions: Iterable[Question[object]],
    firing: Mapping[Labels, When] | Unanswered,
    up: When | Unanswered = always,
    rules: Sequence[LoadedRule] | Unanswered = RULES,
    warned: str = "",
) -> Evidence:
    """`warned` is a part of the query whose answer has a warning."""
    answers: dict[Question[object], object] = {}
    for question in questions:
        if isinstance(question, LoadedRulesQuery):
            answers[question] = rules if isinstance(rules, Unanswered) else tuple(rules)
            continue
        assert isinstance(question, Query | RangeQuery)
        series: Mapping[Labels, When] | Unanswered = up if isinstance(up, Unanswered) else {(): up}
        if "ALERTS" in question.promql:
            series = firing
        if isinstance(series, Unanswered):
            answers[question] = series
            continue
        warnings = ("a store is down",) if warned and warned in question.promql else ()
        if isinstance(question, RangeQuery):
            answers[question] = course(question.grid, series, warnings)
        else:
            answers[question] = Answer(
                tuple(Series(labels, 1.0) for labels, when in series.items() if when(NOON)), warnings
            )
    return answers
