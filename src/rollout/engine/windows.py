"""When an advance may be made: allowed hours of weekdays, and days on which nothing is.

A window is open from when the clock on the wall first reaches its start until it first reaches its end. So where clocks
are put forward over all of it there is none, and where they are put back it opens once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from rollout.frozen import dataclass
from rollout.model.plan import AllowedHours, Freeze, Windows
from rollout.model.verdicts import Blocker

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ID = "window"

_DAY = timedelta(days=1)
_NEVER = datetime.max.replace(tzinfo=UTC)
_AHEAD = 15
"""Days within which every window opens again, also one that a change of clocks leaves out once."""


@dataclass(frozen=True)
class _Span:
    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def closed(windows: Windows, now: datetime) -> Blocker | None:
    """What holds an advance at `now`, and until when; None where it may be made."""
    if not windows.allow and not windows.freeze:
        return None
    opens = opening(windows, now)
    if opens == now:
        return None
    zone = _zone(windows.allow[0].zone if windows.allow else "UTC")
    frozen = next((freeze for freeze in windows.freeze if _days(freeze, zone).holds(now)), None)
    if frozen is not None:
        days = f"{frozen.first}" if frozen.first == frozen.last else f"{frozen.first} to {frozen.last}"
        why = f"frozen {days}" + (f": {frozen.reason}" if frozen.reason else "")
    else:
        why = f"outside the hours for an advance, {' and '.join(hours.text for hours in windows.allow)}"
    when = f"opens {opens.astimezone(zone):%a %Y-%m-%d %H:%M} {zone.key}" if opens else "never opens again"
    return Blocker(ID, f"{why}; {when} (--override {ID} --reason TEXT goes on without)", opens)


def opening(windows: Windows, moment: datetime) -> datetime | None:
    """The first time from `moment` on at which an advance may be made; None where there is none."""
    zone = _zone(windows.allow[0].zone if windows.allow else "UTC")
    frozen = [_days(freeze, zone) for freeze in windows.freeze]
    found = moment
    while True:
        allowed = _next_allowed(windows.allow, found) if windows.allow else found
        if allowed is None:
            return None
        thawed = max((span.end for span in frozen if span.holds(allowed)), default=allowed)
        if thawed == allowed:
            return allowed
        if thawed == _NEVER:
            return None
        found = thawed


def _next_allowed(hours: tuple[AllowedHours, ...], moment: datetime) -> datetime | None:
    firsts = (next((span for span in _openings(one, moment) if span.end > moment), None) for one in hours)
    return min((max(span.start, moment) for span in firsts if span is not None), default=None)


def _openings(hours: AllowedHours, moment: datetime) -> Iterator[_Span]:
    zone = _zone(hours.zone)
    today = moment.astimezone(zone).date()
    for n in range(-1, _AHEAD):
        day = today + n * _DAY
        if day.weekday() in hours.weekdays:
            span = _Span(*(_reached(zone, day, minute) for minute in (hours.start, hours.end)))
            if span.start < span.end:
                yield span


def _days(freeze: Freeze, zone: ZoneInfo) -> _Span:
    if freeze.last == date.max:
        return _Span(_reached(zone, freeze.first, 0), _NEVER)
    return _Span(_reached(zone, freeze.first, 0), _reached(zone, freeze.last + _DAY, 0))


def _zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo  # most plans have no windows

    return ZoneInfo(name)


def _reached(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """When the clock first shows this time of the day, or a later one where it never shows it."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # It is left out, so `first` is counted from before the clocks were put forward, and the other from after.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    seconds = range(int((first - before).total_seconds()) + 1)

    def reached(second: int) -> bool:
        return (before + timedelta(seconds=second)).astimezone(zone).replace(tzinfo=None) >= wall

    return before + timedelta(seconds=bisect_left(seconds, True, key=reached))
