"""The section `windows`: when an advance may be made."""

from __future__ import annotations

import re
from datetime import date

from rollout.model.plan import AllowedHours, Freeze, Windows
from rollout.shapes import Key, ListOf, Mapped, Misfit, Record, Text
from rollout.shapes.shape import matching

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"(?P<days>[A-Za-z,-]+) +(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d) +(?P<zone>[A-Za-z0-9_+/-]+)\Z")


def _allowed(text: str) -> AllowedHours:
    match = _HOURS.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not hours of weekdays in a zone, such as Mon-Thu 09:00-16:00 Asia/Seoul")
    start, end = _minutes(match["start"]), _minutes(match["end"])
    if start >= end:
        raise ValueError(f"{text!r} ends before it begins; write one window up to 24:00 and one from 00:00 on")
    return AllowedHours(_weekdays(match["days"]), start, end, _zone(match["zone"]), text)


def _weekdays(text: str) -> frozenset[int]:
    """`Mon`, `Mon-Thu`, `Fri-Mon`, `Mon,Wed,Fri-Sun`."""
    days: set[int] = set()
    for part in text.split(","):
        names = part.lower().split("-")
        if len(names) > 2 or any(name not in _DAYS for name in names):
            raise ValueError(f"{part!r} is no weekday and no range of them; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")
        first, last = _DAYS.index(names[0]), _DAYS.index(names[-1])
        days.update((first + n) % 7 for n in range((last - first) % 7 + 1))
    return frozenset(days)


def _minutes(text: str) -> int:
    hours, minutes = int(text[:2]), int(text[3:])
    if minutes > 59 or hours * 60 + minutes > 24 * 60:
        raise ValueError(f"{text} is not a time of day")
    return hours * 60 + minutes


def _zone(name: str) -> str:
    from zoneinfo import ZoneInfo, available_timezones

    from rollout.shapes import nearest

    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        hint = nearest(name, sorted(available_timezones())) or "write its IANA name, such as Asia/Seoul, or UTC"
        raise ValueError(f"{name!r} is no time zone; {hint}") from None


def _date(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ValueError(f"{text!r} is not a date such as 2026-12-20")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a date: {error}") from None


def _freeze(first: date, last: date, reason: str = "") -> Freeze:
    if first > last:
        raise Misfit("to", f"this freeze ends on {last}, before it begins on {first}")
    return Freeze(first, last, reason)


_DATE = Mapped(
    Text(expected="a date such as 2026-12-20"),
    _date,
    rules=matching("[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", "a date such as 2026-12-20"),
)

_DAY = "(?:" + "|".join("".join(f"[{letter.upper()}{letter}]" for letter in day) for day in _DAYS) + ")"
_TIME = "(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
_HOURS_RULES = matching(
    rf"{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)* +{_TIME}-{_TIME} +[A-Za-z0-9_+/-]+",
    "hours of weekdays in a zone, such as Mon-Thu 09:00-16:00 Asia/Seoul",
)

WINDOWS = Record(
    Windows,
    {
        "allow": Key(
            ListOf(Mapped(Text(), _allowed, rules=_HOURS_RULES), or_one=True),
            "Hours of weekdays, in an IANA time zone, in which an advance may be made. Without it: at any hour.",
            example=["Mon-Thu 09:00-16:00 Asia/Seoul", "Fri 09:00-12:00 Asia/Seoul"],
        ),
        "freeze": Key(
            ListOf(
                Record(
                    _freeze,
                    {
                        "from": Key(_DATE, "The first day.", example="2026-12-20", required=True, into="first"),
                        "to": Key(
                            _DATE,
                            "The last day, which is frozen too.",
                            example="2027-01-05",
                            required=True,
                            into="last",
                        ),
                        "reason": Key(
                            Text(), "Why, shown to whom it holds. Without it nothing is said.", example="holidays"
                        ),
                    },
                    what="freeze",
                )
            ),
            "Whole days on which no advance is made, in the zone of the first `allow`, else UTC. Without it: none.",
            example=[{"from": "2026-12-20", "to": "2027-01-05", "reason": "holidays"}],
        ),
    },
    what="part of windows",
)
