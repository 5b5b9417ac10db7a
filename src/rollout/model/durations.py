"""One grammar for durations: `90s`, `5m`, `2h`, `1d12h`, `2w`; the unit is mandatory."""

from __future__ import annotations

import re
from datetime import timedelta

LONGEST = timedelta(days=365)

_DURATION = re.compile(
    r"(?:(?P<weeks>[0-9]{1,9})w)?(?:(?P<days>[0-9]{1,9})d)?(?:(?P<hours>[0-9]{1,9})h)?(?:(?P<minutes>[0-9]{1,9})m(?!s))?"
    r"(?:(?P<seconds>[0-9]{1,9})s)?(?:(?P<milliseconds>[0-9]{1,9})ms)?\Z"
)


def parse_duration(text: str) -> timedelta:
    """ValueError, with the remedy, for anything but a duration of at most 365 days."""
    match = _DURATION.match(text) if text else None
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write a number and a unit, such as 90s, 5m, 2h, 1d12h or 2w")
    try:
        duration = timedelta(**{unit: int(number) for unit, number in match.groupdict().items() if number})
    except OverflowError:
        duration = timedelta.max
    if duration > LONGEST:
        raise ValueError(f"{text!r} is longer than 365 days")
    return duration


def format_duration(duration: timedelta) -> str:
    """The shortest spelling that `parse_duration` reads back, rounded up to whole seconds: `1d12h`, `47m`, `0s`."""
    seconds = -int(-duration.total_seconds() // 1)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def lasted(duration: timedelta) -> str:
    """How long something has lasted, as a person says it, rounded down: `90 s`, `47 min`, `5 h 30 min`, `2 d 4 h`."""
    return _readable(int(max(duration, timedelta()).total_seconds()), up=False)


def left(duration: timedelta) -> str:
    """How long something will take, as a person says it, rounded up."""
    return _readable(-int(-max(duration, timedelta()).total_seconds() // 1), up=True)


def _readable(seconds: int, *, up: bool) -> str:
    def whole(number: int, size: int) -> int:
        return -(-number // size) if up else number // size

    minutes, hours = whole(seconds, 60), whole(seconds, 3600)
    if seconds < 120:
        return f"{seconds} s"
    if minutes < 60:
        return f"{minutes} min"
    number, size, big, small = (minutes, 60, "h", "min") if minutes < 48 * 60 else (hours, 24, "d", "h")
    count, rest = divmod(number, size)
    return f"{count} {big} {rest} {small}" if rest else f"{count} {big}"
