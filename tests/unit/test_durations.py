"""One grammar for durations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.model.durations import LONGEST, format_duration, parse_duration


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
