"""What each moment of a metric comes to against a condition, before anybody counts them.

An instant is a window of one moment, so that no rule is written twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from functools import reduce
from itertools import compress, count, filterfalse, repeat
from operator import and_, eq, ge, gt, le, lt, ne, not_

from rollout.frozen import dataclass, field
from rollout.model.conditions import Condition, Op
from rollout.model.evidence import Samples


class Mark(IntEnum):
    """Where series differ the highest counts. `DECISIVE` is a breach for a gate, and for a trigger what it fires at."""

    HOLE = 0
    THIN = 1
    HARMLESS = 2
    STRANGE = 3
    DECISIVE = 4


Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Extreme:
    """The sample of a series that comes nearest to being decisive, or goes furthest in it."""

    labels: Labels
    point: int
    value: float
    decisive: bool


@dataclass(frozen=True)
class Marked:
    """A mark for each point. `why` is the first reason for each sort of moment that cannot be judged.

    `extremes` has one for every series with a finite value, the one that is shown first.
    """

    marks: bytearray
    extremes: tuple[Extreme, ...] = ()
    why: Mapping[Mark, str] = field(default_factory=dict)

    def count(self, *marks: Mark) -> int:
        return sum(self.marks.count(mark) for mark in marks)


def satisfied(condition: Condition, unit: str, values: Sequence[float]) -> bytes:
    """Whether each of the numbers, which are of `unit`, satisfies the condition: 1 or 0."""
    each = (map(_COMPARE[one.op], values, repeat(one.limit(unit))) for one in condition.comparisons)
    return bytes(reduce(lambda found, more: map(and_, found, more), each))


def mark_series(
    marks: bytearray, one: Samples, weak: bytearray, satisfying: bytes, *, decisive: bool, highest: bool
) -> Extreme | None:
    """Puts a series' marks where they count more than what stands there.

    A number is decisive when satisfying the condition is what `decisive` says. `weak` has another mark than 0 where
    numbers say nothing. `highest`: the highest number is the extreme one.
    """
    if not one.points:
        return None
    own = bytearray(satisfying.translate(_MARKS[decisive]))
    for place in compress(count(), map(not_, map(math.isfinite, one.values))):
        own[place] = Mark.STRANGE
    if any(weak):
        for place, point in enumerate(one.points):
            own[place] = weak[point] or own[place]
    put(marks, one.points, own)
    for mark in (Mark.DECISIVE, Mark.HARMLESS):
        if mark in own:
            which = own.translate(_IS[mark])
            value = (max if highest else min)(compress(one.values, which))
            point = next(
                point for point, number in compress(zip(one.points, one.values, strict=True), which) if number == value
            )
            return Extreme(one.labels, point, value, decisive=mark is Mark.DECISIVE)
    return None


def put(marks: bytearray, points: Sequence[int], own: bytes | bytearray) -> None:
    """At each of the points its own mark, where that counts more than what stands there."""
    if not points:
        return
    first, last = points[0], points[-1]
    if last - first + 1 > len(points):
        for point, mark in zip(points, own, strict=True):
            marks[point] = max(marks[point], mark)
    elif (there := marks[first : last + 1]) != own:
        marks[first : last + 1] = bytes(map(max, there, own)) if any(there) else own


def first_strange(series: Sequence[Samples]) -> tuple[Samples, float] | None:
    """The first series that has a number which is none, with that."""
    for one in series:
        for value in filterfalse(math.isfinite, one.values):
            return one, value
    return None


def table(marks: Mapping[int, int], rest: int = 0) -> bytes:
    """For `translate`: what becomes of each mark."""
    return bytes(marks.get(mark, rest) for mark in range(256))


_MARKS = {decisive: table({decisive: Mark.DECISIVE, not decisive: Mark.HARMLESS}) for decisive in (False, True)}
_IS = {mark: table({mark: 1}) for mark in (Mark.DECISIVE, Mark.HARMLESS)}
_COMPARE: Mapping[Op, Callable[[float, float], bool]] = {
    Op.LT: lt,
    Op.LE: le,
    Op.GT: gt,
    Op.GE: ge,
    Op.EQ: eq,
    Op.NE: ne,
}
