"""The window of time that a gate or a trigger looks at, as a grid of moments that ends now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rollout.frozen import dataclass
from rollout.gates.keys import Since
from rollout.model.evidence import Grid
from rollout.model.gate import Scope

COARSEST = 30_000
"""Milliseconds between two moments, at most: SPEC's limit, so that no breach is stepped over."""
_FINEST = 5_000
_MANY = 2_880
"""Points that a window has at least, as long as they are not finer than `_FINEST`: nobody scrapes more often than that,
and four hours of them are as much to ask for as a day at the coarsest."""

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Window:
    """`grid` is what there is of it so far, `whole` the number of its points once it has its `length`.

    A window that begins with the step or the phase has no length to reach: `grows`.
    """

    grid: Grid
    whole: int
    length: timedelta
    grows: bool = False

    @property
    def full(self) -> bool:
        return self.grid.count >= self.whole


@dataclass(frozen=True)
class Unbegun:
    """There is no window yet. `until` is when it can pass at the earliest, None where nothing tells."""

    reason: str
    until: datetime | None = None


def window_of(for_: timedelta | Since, settles: timedelta, scope: Scope) -> Window | Unbegun:
    """Of a gate: in a running rollout it begins no earlier than `scope.floor`, once that has settled."""
    if isinstance(for_, Since):
        since = scope.step_since if for_ is Since.STEP else scope.phase_since
        if since is None:
            return Unbegun(f"the {for_} has not begun")
        begin = _settled(since, settles, scope, exactly=for_ is Since.PHASE)
        if begin > scope.now:
            return Unbegun(f"the {for_} has not settled", begin)
        grid = last(scope.now - begin, scope.now)
        return Window(grid, grid.count, scope.now - begin, grows=True)
    grid = last(for_, scope.now)
    if scope.floor is None:
        return Window(grid, grid.count, for_)
    begin = _settled(scope.floor, settles, scope, exactly=True)
    if begin > scope.now:
        return Unbegun("what it looks at has not settled", begin + for_)
    points = min(grid.count, (_milliseconds(scope.now) - _milliseconds(begin)) // grid.step + 1)
    late = Grid(grid.start + (grid.count - points) * grid.step, grid.step, points)
    return Window(late, grid.count, for_)


def last(length: timedelta, now: datetime) -> Grid:
    """The `length` before now, with both ends; no point lies outside."""
    span = max(length // _MILLISECOND, 0)
    pieces = max(-(-span // COARSEST), min(_MANY, -(-span // _FINEST)))
    step = span // pieces if pieces else COARSEST
    return Grid(_milliseconds(now) - pieces * step, step, pieces + 1)


def earlier(grid: Grid, by: timedelta) -> Grid:
    """The grid with as many points more in front as lie in the `by` before its first."""
    more = (by // _MILLISECOND) // grid.step
    return Grid(grid.start - more * grid.step, grid.step, grid.count + more)


def _settled(since: datetime, settles: timedelta, scope: Scope, *, exactly: bool) -> datetime:
    """When it had settled after `since`; not `exactly`: after whatever changed later too, such as a failed advance."""
    if scope.changed_at is None:
        return since
    if exactly and scope.changed_at > since:
        return since + settles
    return max(since, scope.changed_at + settles)


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _MILLISECOND
