"""Values, times and foreign text as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from rollout.model.durations import lasted, left
from rollout.model.values import Setting, Verbatim, words

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_FOR_A_CI = re.compile(r"^\s*:(?=:)|#(?=#\w*\[)", re.MULTILINE)


def harmless(text: str) -> str:
    """Lines of which none is a command to a CI that reads along (`::error::…`, `##[group]`): it gets a blank."""
    return _FOR_A_CI.sub(r"\g<0> ", text)


def clean(text: str) -> str:
    """Without what could steer a terminal: escapes, carriage returns, direction marks."""
    return _CONTROL.sub("\ufffd", text.replace("\t", " "))


def counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def shown(setting: Setting) -> str:
    if setting is None:
        return "(absent)"
    if isinstance(setting, Verbatim):
        held = setting.held
        return clean(held if isinstance(held, str) else words(held))
    return clean(words(setting))


def shown_values(settings: Mapping[str, Setting]) -> str:
    return ", ".join(f"{flag}={shown(value)}" for flag, value in settings.items())


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, as JSON and the record have it."""
    if at is None:
        return None
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00").removesuffix(".000") + "Z"


def local(at: datetime, now: datetime) -> str:
    """`14:05 KST`, with the date when it is not the day of `now`, in the reader's own zone."""
    here, today = at.astimezone(), now.astimezone()
    day = "" if here.date() == today.date() else f"{here:%a %Y-%m-%d} "
    return f"{day}{here:%H:%M} {here.tzname()}"


def until(at: datetime, now: datetime) -> str:
    """`47 min (14:05 KST)`: how long, and when that is. The minute is one in which it is over already."""
    if at <= now:
        return "now"
    over = at if not at.second and not at.microsecond else at + timedelta(minutes=1)
    return f"{left(at - now)} ({local(over, now)})"


def ago(at: datetime, now: datetime) -> str:
    return f"{lasted(now - at)} ago"
