"""Windows of random series, judged by gates and triggers and by a slow and obvious judge, and what they never do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.model.evidence import Answer, Course, Evidence, RangeQuery
from rollout.model.gate import Scope
from rollout.model.plan import Absent
from rollout.model.verdicts import Finding, Outcome, TriggerOutcome
from tests.faults.rig import LONG
from tests.unit import slow_windows as slow
from tests.unit.random_windows import (
    EPOCH,
    GATED,
    LABELS,
    MILLISECOND,
    NUMBERS,
    SECOND,
    SEEDS,
    WATCHED,
    Gated,
    Labels,
    Watched,
    World,
    milliseconds,
    moments,
)
from tests.unit.slow_windows import Point

PASS, FIRED = Outcome.PASS, TriggerOutcome.FIRED
SOME = 3_000 if LONG else 150
CELLS = st.integers(0, 40)


def found(gate: MetricGate, world: World, scope: Scope) -> Finding:
    return gate.judge(world.evidence(gate.needs(scope)), scope)


def judged(one: Gated, world: World) -> Outcome:
    return found(one.gate, world, one.scope).outcome


def watched(alarm: MetricAlarm, world: World, scope: Scope) -> TriggerOutcome:
    return alarm.judge(world.evidence(alarm.needs(scope)), scope).outcome


@settings(deadline=None, max_examples=20_000 if LONG else 800)
@given(GATED)
def test_a_window_is_judged_as_one_moment_after_the_other_would_be(one: Gated) -> None:
    finding = found(one.gate, one.world, one.scope)
    expected = slow.judged(one.gate, one.wanted, one.world, one.scope, moments(one.grid))
    assert (finding.outcome, finding.held, finding.earliest_pass) == (
        expected.outcome,
        expected.held,
        expected.earliest,
    )
    assert finding.reason


@settings(deadline=None, max_examples=10_000 if LONG else 400)
@given(WATCHED)
def test_a_trigger_is_judged_as_one_moment_after_the_other_would_be_now_and_in_the_past(one: Watched) -> None:
    alarm, scope = one.alarm, one.scope
    finding = alarm.judge(one.world.evidence(alarm.needs(scope)), scope)
    asked = alarm.needs(replace(scope, track=None))[0]
    now = moments(asked.grid) if isinstance(asked, RangeQuery) else [milliseconds(scope.now)]
    point = slow.points_of(alarm, one.wanted, one.world, scope)
    assert finding.outcome is slow.fired([*map(point, now)])
    assert finding.reason
    assert scope.track is not None
    windows = [back(at, scope.track.step, alarm.for_ or timedelta()) for at in moments(scope.track)]
    course = alarm.past(one.world.evidence(alarm.needs(scope)), scope)
    assert course == tuple(slow.fired([*map(point, window)]) for window in windows)


def back(at: int, step: int, length: timedelta) -> list[int]:
    """The moments that lie no further back than this."""
    window = [at]
    while at - (window[-1] - step) <= length / MILLISECOND:
        window.append(window[-1] - step)
    return window


@settings(deadline=None, max_examples=SOME)
@given(GATED, CELLS, st.sampled_from(NUMBERS), st.sampled_from(LABELS))
def test_a_breach_never_makes_a_pass(one: Gated, cell: int, number: float, labels: Labels) -> None:
    """Where a share of breaches is allowed, only in the place of a judged number: a missing one may be missed more."""
    cell %= one.grid.count
    result = dict(one.world.result("errors", one.grid.start + cell * one.grid.step) or ())
    worse = one.world.changed("errors", cell, result | {labels: number})
    before, after = (point_of(one, world, cell) for world in (one.world, worse))
    if after is Point.NO and (one.gate.share == 1 or before in (Point.YES, Point.NO)):
        assert judged(one, worse) is not PASS or judged(one, one.world) is PASS


def point_of(one: Gated, world: World, cell: int) -> Point:
    rules = [rule for rule in (one.gate.metric.evidence, one.gate.evidence) if rule]
    return slow.point(one.gate.metric, one.wanted, Point.NO, rules, world, one.scope, moments(one.grid)[cell])


@settings(deadline=None, max_examples=SOME)
@given(GATED, st.sampled_from(("errors", "requests", "users")), st.sets(CELLS, min_size=1))
def test_what_is_missing_never_makes_a_pass(one: Gated, query: str, cells: set[int]) -> None:
    """Where a share may be missing, nothing bad may be taken away with it."""
    metrics = {name: replace(metric, absent=Absent.UNKNOWN) for name, metric in one.scope.metrics.items()}
    gate = replace(one.gate, metric=replace(one.gate.metric, absent=Absent.UNKNOWN))
    one = replace(one, gate=gate, scope=replace(one.scope, metrics=metrics))
    less = one.world
    for cell in {cell % one.grid.count for cell in cells}:
        if one.gate.coverage == 1 or point_of(one, one.world, cell) is not Point.NO:
            less = less.changed(query, cell, {})
    assert judged(one, less) is not PASS or judged(one, one.world) is PASS


@settings(deadline=None, max_examples=SOME)
@given(WATCHED, st.sampled_from(("errors", "requests")), st.sets(st.integers(0, 90), min_size=1))
def test_what_is_missing_never_fires(one: Watched, query: str, cells: set[int]) -> None:
    """Zeros that are filled in may."""
    metrics = {name: replace(metric, absent=Absent.UNKNOWN) for name, metric in one.scope.metrics.items()}
    alarm = replace(one.alarm, metric=replace(one.alarm.metric, absent=Absent.UNKNOWN))
    scope, less = replace(one.scope, metrics=metrics), one.world
    for cell in cells:
        less = less.changed(query, cell % one.world.cells, {})
    if watched(alarm, less, scope) is FIRED:
        assert watched(alarm, one.world, scope) is FIRED


@settings(deadline=None, max_examples=SOME)
@given(GATED, WATCHED)
def test_a_window_of_one_moment_is_judged_like_that_moment(one: Gated, other: Watched) -> None:
    now = EPOCH + moments(one.grid)[-1] * MILLISECOND
    scope = replace(one.scope, now=now, at=now, floor=None)
    gate = replace(one.gate, for_=None, coverage=1, share=1)
    instant, window = (found(gate, one.world, scope) for gate in (gate, replace(gate, for_=0 * SECOND)))
    assert (window.outcome, window.observed, window.series) == (instant.outcome, instant.observed, instant.series)
    momentary = (replace(other.alarm, for_=length) for length in (None, 0 * SECOND))
    assert len({watched(alarm, other.world, other.scope) for alarm in momentary}) == 1


@settings(deadline=None, max_examples=SOME)
@given(GATED, WATCHED, SEEDS.map(Random))
def test_the_order_of_series_makes_no_difference(one: Gated, other: Watched, random: Random) -> None:
    evidence = one.world.evidence(one.gate.needs(one.scope))
    assert one.gate.judge(evidence, one.scope) == one.gate.judge(shuffled(evidence, random), one.scope)
    evidence = other.world.evidence(other.alarm.needs(other.scope))
    assert other.alarm.judge(evidence, other.scope) == other.alarm.judge(shuffled(evidence, random), other.scope)


@settings(deadline=None, max_examples=SOME)
@given(GATED)
def test_the_order_of_labels_makes_no_difference(one: Gated) -> None:
    rows = one.world.rows.items()
    turned = {query: row and {labels[::-1]: values for labels, values in row.items()} for query, row in rows}
    before, after = (found(one.gate, world, one.scope) for world in (one.world, replace(one.world, rows=turned)))
    assert replace(after, reason="", series=()) == replace(before, reason="", series=())


def shuffled(evidence: Evidence, random: Random) -> Evidence:
    return {question: _shuffled(answer, random) for question, answer in evidence.items()}


def _shuffled(answer: object, random: Random) -> object:
    match answer:
        case Course():
            return replace(answer, series=tuple(random.sample(answer.series, len(answer.series))))
        case Answer():
            return replace(answer, series=tuple(random.sample(answer.series, len(answer.series))))
        case _:
            return answer
