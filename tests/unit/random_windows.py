"""Random gates and triggers over random series, all of them read from bytes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from rollout.gates.keys import Since
from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.gates.window import last
from rollout.model.conditions import parse_condition
from rollout.model.evidence import (
    Answer,
    Course,
    Evidence,
    Grid,
    Query,
    Question,
    RangeQuery,
    Samples,
    Series,
    Unanswered,
)
from rollout.model.gate import Scope
from rollout.model.plan import Absent, EvidenceRule, Metric, SeriesRule
from rollout.model.record import RecordedBaseline
from tests.fakes import NOON

EPOCH, MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
Labels = tuple[tuple[str, str], ...]
T = TypeVar("T")


def moments(grid: Grid) -> list[int]:
    return [grid.start + point * grid.step for point in range(grid.count)]


def milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


@dataclass(frozen=True)
class Wanted:
    """A condition: `holds` says whether a number satisfies it, given what the `baseline` was.

    `baseline` is the phase that recorded it, empty for any; None: the condition has none.
    """

    text: str
    holds: Callable[[float, float], bool]
    baseline: str | None = None


@dataclass(frozen=True)
class World:
    """What each query would say at any time: the same throughout a cell. None: nobody answers."""

    origin: int
    cell: int
    cells: int
    rows: Mapping[str, Mapping[Labels, Sequence[float | None]] | None]

    def result(self, query: str, moment: int) -> list[tuple[Labels, float]] | None:
        row = self.rows[query]
        if row is None:
            return None
        cell = (moment - self.origin) // self.cell
        return [(labels, value) for labels, values in row.items() if (value := values[cell]) is not None]

    def changed(self, query: str, cell: int, result: Mapping[Labels, float]) -> World:
        """With another result of a query in one cell."""
        row = self.rows[query] or {}
        missing = [None] * self.cells
        lines: dict[Labels, list[float | None]] = {labels: [*row.get(labels, missing)] for labels in {**row, **result}}
        for labels, values in lines.items():
            values[cell] = result.get(labels)
        return replace(self, rows={**self.rows, query: lines})

    def evidence(self, questions: Iterable[Question[object]]) -> Evidence:
        return {one: self._answer(one) for one in questions}

    def _answer(self, question: Question[object]) -> object:
        if isinstance(question, Query) and question.at is not None:
            now = self.result(question.promql, milliseconds(question.at))
            return Unanswered("nobody answers") if now is None else Answer(tuple(Series(*one) for one in now))
        assert isinstance(question, RangeQuery)
        lines: dict[Labels, dict[int, float]] = {}
        for number, moment in enumerate(moments(question.grid)):
            result = self.result(question.promql, moment)
            if result is None:
                return Unanswered("nobody answers")
            for labels, value in result:
                lines.setdefault(labels, {})[number] = value
        return Course(tuple(Samples(labels, list(line), list(line.values())) for labels, line in lines.items()))


CONDITIONS = (
    Wanted("< 2", lambda value, _: value < 2),
    Wanted("<= 2", lambda value, _: value <= 2),
    Wanted("> 2", lambda value, _: value > 2),
    Wanted(">= 2", lambda value, _: value >= 2),
    Wanted("== 2", lambda value, _: value == 2),
    Wanted("!= 2", lambda value, _: value != 2),
    Wanted(">= 1 and < 3", lambda value, _: 1 <= value < 3),
    Wanted("<= baseline + 1", lambda value, mean: value <= mean + 1, ""),
    Wanted("> baseline(before) * 2", lambda value, mean: value > mean * 2, "before"),
    Wanted(">= 1 and != baseline", lambda value, mean: value >= 1 and value != mean, ""),
)
NUMBERS = (1.0, 0.0, 2.0, 3.0, 4.0)
ODD: tuple[float | None, ...] = (None, *NUMBERS, math.nan, math.inf, -math.inf)
LABELS: tuple[Labels, ...] = ((), (("pod", "a"),), (("pod", "b"), ("zone", "c")))
SHARES = (1.0, 1.0, 0.99, 0.95, 0.9, 0.8, 0.5, 0.0)


class Tape:
    """Choices read from bytes, of which 0 is the simplest: much faster than a strategy for each."""

    def __init__(self, drawn: bytes) -> None:
        self._bytes = iter(drawn)

    def byte(self) -> int:
        return next(self._bytes, 0)

    def pick(self, *options: T) -> T:
        return options[self.byte() % len(options)]

    def values(self, cells: int) -> list[float | None]:
        usual, odd = self.pick(*NUMBERS), self.pick(256, 250, 240, 200, 100)
        drawn = (self.byte() for _ in range(cells))
        return [usual if byte < odd else ODD[byte % len(ODD)] for byte in drawn]

    def metric(self, name: str) -> Metric:
        absent = self.pick(Absent.UNKNOWN, *Absent)
        return Metric(
            name,
            name,
            "count",
            series=self.pick(SeriesRule.EVERY, *SeriesRule),
            absent=absent,
            present="" if absent is Absent.UNKNOWN else self.pick("up", "up", ""),
            reach=self.pick(0, 30) * SECOND,
        )

    def rule(self) -> EvidenceRule | None:
        name = self.pick("", "", "requests", "users")
        return EvidenceRule(name, self.pick(1.0, 2.0)) if name else None

    def recorded(self, phase: str, metric: str) -> dict[tuple[str, str], RecordedBaseline]:
        at = NOON - self.pick(1, 2, 3) * timedelta(days=1)
        means = [Series(labels, self.pick(*NUMBERS)) for labels in LABELS if self.pick(True, True, False)]
        taken = RecordedBaseline(phase, metric, at, timedelta(hours=1), tuple(means))
        return {(phase, metric): taken} if self.pick(True, False) else {}

    def case(self) -> Case:
        """Where `requests` and `users` may be the evidence of `errors`."""
        errors = replace(self.metric("errors"), evidence=self.rule())
        others = {name: self.metric(name) for name in ("requests", "users")}
        recorded = (("before", "errors"), ("early", "errors"), ("before", "users"))
        baselines = {key: value for one in recorded for key, value in self.recorded(*one).items()}
        now = NOON + timedelta(milliseconds=self.pick(0, 1, 777))
        scope = Scope("production", now, metrics={"errors": errors, **others}, baselines=baselines)
        return Case(errors, self.pick(*CONDITIONS), scope)

    def world(self, origin: int, cell: int, cells: int) -> World:
        rows: dict[str, dict[Labels, list[float | None]] | None] = {}
        for query in ("errors", "requests", "users", "up"):
            labels = self.pick(LABELS[:1], LABELS[:1], LABELS[1:], LABELS, ())
            rows[query] = {one: self.values(cells) for one in labels} if self.byte() < 250 else None
        return World(origin, cell, cells, rows)


@dataclass(frozen=True)
class Case:
    metric: Metric
    wanted: Wanted
    scope: Scope


@dataclass(frozen=True)
class Gated:
    """`grid` is what the window would be if nothing limited it."""

    gate: MetricGate
    wanted: Wanted
    scope: Scope
    grid: Grid
    world: World


def gated(drawn: bytes) -> Gated:
    tape = Tape(drawn)
    case = tape.case()
    now, length = case.scope.now, tape.pick(0, 1, 5, 7, 20, 61, 100, 333, 701) * SECOND
    windows: tuple[timedelta | Since, ...] = (length, length, length, Since.STEP, Since.PHASE)
    gate = MetricGate(
        metric=case.metric,
        require=parse_condition(case.wanted.text),
        for_=tape.pick(*windows),
        coverage=tape.pick(*SHARES),
        share=tape.pick(*SHARES),
        evidence=tape.rule(),
        settle=tape.pick(None, 0 * SECOND, 12 * SECOND, 60 * SECOND),
    )
    began = now - tape.pick(2, 0, 0.3, 0.9, 1.0, 1.01) * length - tape.pick(60, 0, 5, 12, 30) * SECOND
    changed = tape.pick(None, began, began, began - 20 * SECOND, began + 20 * SECOND)
    scope = replace(case.scope, step_since=began, phase_since=began, floor=tape.pick(None, began), changed_at=changed)
    asked = gate.needs(scope if isinstance(gate.for_, Since) else replace(scope, floor=None))
    grid = next((one.grid for one in asked if isinstance(one, RangeQuery)), Grid(0, 30_000, 1))
    return Gated(gate, case.wanted, scope, grid, tape.world(grid.start, grid.step, grid.count))


@dataclass(frozen=True)
class Watched:
    alarm: MetricAlarm
    wanted: Wanted
    scope: Scope
    world: World


def watched(drawn: bytes) -> Watched:
    tape = Tape(drawn)
    case = tape.case()
    now, length = case.scope.now, tape.pick(None, *(number * SECOND for number in (0, 5, 20, 61, 90, 100)))
    alarm = MetricAlarm(metric=case.metric, when=parse_condition(case.wanted.text), for_=length)
    track = last(tape.pick(1, 30, 61, 200, 300) * SECOND, now)
    cell = tape.pick(5_000, 30_000)
    origin = track.start - 120_000
    world = tape.world(origin, cell, (milliseconds(now) - origin) // cell + 1)
    return Watched(alarm, case.wanted, replace(case.scope, at=now, track=track), world)


SEEDS = st.integers(0, 2**24 - 1)


def tapes(size: int) -> st.SearchStrategy[bytes]:
    """So many bytes of one seed, which costs far less than so many that are drawn.

    A few are cut off, and a failing one is: what is missing is the simplest.
    """
    return st.builds(lambda seed, kept: Random(seed).randbytes(size)[:kept], SEEDS, st.integers(0, 8 * size))


GATED = tapes(500).map(gated)
WATCHED = tapes(1200).map(watched)
