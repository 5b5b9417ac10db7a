"""One grammar for durations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.model.durations import LONGEST, format_duration, lasted, left, parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("5m", timedelta(minutes=5)),
        ("5ms", timedelta(milliseconds=5)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("2w", timedelta(weeks=2)),
        ("1d12h", timedelta(days=1, hours=12)),
        ("1w2d3h4m5s6ms", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5, milliseconds=6)),
        ("0s", timedelta()),
        ("365d", LONGEST),
    ],
)
def test_durations_are_read(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    ["", "5", "5 m", " 5m", "5m ", "5m\n", "1.5h", "-5m", "+5m", "12h1d", "1h1h", "1:30", "5M", "5min", "1_0s", "1e3s"],
)
def test_anything_else_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="number and a unit, such as 90s"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["366d", "53w", "8761h", "999999999w"])
def test_a_duration_ends_after_a_year(text: str) -> None:
    with pytest.raises(ValueError, match="longer than 365 days"):
        parse_duration(text)


@settings(deadline=None)
@given(st.integers(0, int(LONGEST.total_seconds())))
def test_what_is_shown_can_be_read_back(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration


def test_what_is_left_is_never_shown_as_nothing() -> None:
    assert format_duration(timedelta(milliseconds=1)) == "1s"
    assert format_duration(timedelta(minutes=46, seconds=59, milliseconds=500)) == "47m"


HOUR, DAY = 3600, 86400
SIZES = {"s": 1, "min": 60, "h": HOUR, "d": DAY}


def seconds_of(text: str) -> int:
    """`2 d 4 h` as a person reads it."""
    words = text.split(" ")
    return sum(int(count) * SIZES[unit] for count, unit in zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize(
    ("seconds", "before", "after"),
    [
        (0, "0 s", "0 s"),
        (0.4, "0 s", "1 s"),
        (119, "119 s", "119 s"),
        (119.5, "119 s", "2 min"),
        (120, "2 min", "2 min"),
        (121, "2 min", "3 min"),
        (47 * 60, "47 min", "47 min"),
        (HOUR - 1, "59 min", "1 h"),
        (HOUR, "1 h", "1 h"),
        (HOUR + 1, "1 h", "1 h 1 min"),
        (5 * HOUR + 30 * 60, "5 h 30 min", "5 h 30 min"),
        (2 * DAY - 61, "47 h 58 min", "47 h 59 min"),
        (2 * DAY - 1, "47 h 59 min", "2 d"),
        (2 * DAY, "2 d", "2 d"),
        (2 * DAY + 1, "2 d", "2 d 1 h"),
        (999 * HOUR, "41 d 15 h", "41 d 15 h"),
    ],
)
def test_what_has_lasted_is_rounded_down_and_what_is_left_is_rounded_up(
    seconds: float, before: str, after: str
) -> None:
    duration = timedelta(seconds=seconds)
    assert (lasted(duration), left(duration)) == (before, after)


def test_what_has_not_begun_has_lasted_nothing_and_what_is_over_has_nothing_left() -> None:
    assert (lasted(timedelta(hours=-1)), left(timedelta(hours=-1))) == ("0 s", "0 s")


@settings(deadline=None)
@given(st.timedeltas(timedelta(), 2 * LONGEST))
def test_nothing_is_said_to_have_lasted_longer_or_to_take_less_than_it_does(duration: timedelta) -> None:
    before, after = seconds_of(lasted(duration)), seconds_of(left(duration))
    assert before <= duration.total_seconds() <= after
    exact = 1 if duration < timedelta(minutes=2) else 60 if duration < timedelta(days=2) else HOUR
    assert after - before <= exact
