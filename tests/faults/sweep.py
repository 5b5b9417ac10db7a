"""Changes that are tried again and again, each time with a fault at another writing system call."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from tests.faults.rig import LONG, Place, Standing
from tests.faults.strace import MissedError, Point, killed_at, writing_calls
from tests.warm.running import Command

T = TypeVar("T")

ADVANCE = ("advance", "--yes")


@dataclass(frozen=True)
class Change:
    """`before`: commands that lead there; `cut`: the last of them is killed when the flags have just been written."""

    command: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    cut: bool = False


CHANGES = {
    "first advance": Change(ADVANCE),
    "advance": Change(ADVANCE, (ADVANCE,)),
    "rollback": Change(("rollback", "--yes"), (ADVANCE, ADVANCE)),
    "emergency": Change(("rollback", "--emergency"), (ADVANCE, ADVANCE)),
    "emergency after a cut advance": Change(("rollback", "--emergency"), (ADVANCE, ADVANCE), cut=True),
    "recover an advance": Change(("recover",), (ADVANCE, ADVANCE), cut=True),
    "recover a rollback": Change(("recover",), (ADVANCE, ADVANCE, ("rollback", "--yes")), cut=True),
    "recover an emergency": Change(("recover",), (ADVANCE, ADVANCE, ("rollback", "--emergency")), cut=True),
}


@dataclass(frozen=True)
class Rig:
    """A place where a change can be tried again and again. `allowed` is how it may stand in the end."""

    place: Place
    change: Change
    points: Sequence[Point]
    allowed: tuple[Standing, ...]

    def command(self) -> Command:
        self.place.restore("start")
        return self.place.start(*self.change.command, stopped=True)

    def check(self, *, thoroughly: bool, safe: bool) -> None:
        """`safe`: that is how it must stand, whatever the change itself would have led to."""
        self.place.must("recover")
        if thoroughly:
            self.place.must("recover")
        standing = self.place.assert_consistent(history=thoroughly)
        if safe:
            self.place.assert_safe()
        else:
            assert standing in self.allowed, f"{standing}, allowed: {self.allowed}"
        if thoroughly:
            self.place.assert_goes_on()


def rig(place: Place, change: Change) -> Rig:
    for command in change.before[:-1] if change.cut else change.before:
        place.must(*command)
    allowed = [place.assert_consistent(history=False)]
    log = place.folder / "trace"
    if change.cut:
        place.save("cut")
        points, _ = writing_calls(place.start(*change.before[-1], stopped=True), log)
        allowed.append(place.assert_consistent(history=False))
        place.restore("cut")
        assert killed_at(place.start(*change.before[-1], stopped=True), after_the_rename(points), log).code == -9
    place.save("start")
    points, ended = writing_calls(place.start(*change.command, stopped=True), log)
    assert ended.code == 0, ended.out + ended.err
    return Rig(place, change, points, (*allowed, place.assert_consistent(history=False)))


def after_the_rename(points: Sequence[Point]) -> Point:
    """The folder is about to be synced: the file is new, and nothing is read back or in effect."""
    renamed = next(n for n, point in enumerate(points) if point.name.startswith("rename") and "/app>" in point.line)
    return next(point for point in points[renamed:] if point.name == "fsync")


Fault = Callable[[Rig, Point], None]
"""Makes the fault, and asserts whatever is true of this one only."""


@dataclass(frozen=True)
class Swept:
    points: int
    tried: int
    bad: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        return f"{self.points} writing calls, {self.tried} tried, {len(self.bad)} bad, {self.seconds:.0f} s"


def sweep(rigs: Sequence[Rig], size: int, fault: Fault, *, ends_safe: bool = False, thoroughly: bool = False) -> Swept:
    """At `size` points, evenly spread, the last one among them; in a long run at every one. Each rig has its share."""

    def share(number: int) -> tuple[int, list[str]]:
        rigged, bad = rigs[number], []
        mine = sample(rigged.points, size)[number :: len(rigs)]
        missed = 0
        for n, point in enumerate(mine):
            try:
                fault(rigged, point)
                rigged.check(thoroughly=(thoroughly and LONG) or n == number == 0, safe=ends_safe)
            except MissedError:
                missed += 1
            except AssertionError as error:
                bad.append(f"{point}\n    {error}")
        return len(mine) - missed, bad

    began_at = time.monotonic()
    with ThreadPoolExecutor(len(rigs)) as pool:
        shares = list(pool.map(share, range(len(rigs))))
    bad = tuple(one for _, bad in shares for one in bad)
    return Swept(len(rigs[0].points), sum(tried for tried, _ in shares), bad, time.monotonic() - began_at)


def sample(points: Sequence[T], size: int) -> Sequence[T]:
    if LONG or len(points) <= size:
        return points
    return [points[(n + 1) * len(points) // size - 1] for n in range(size)]
