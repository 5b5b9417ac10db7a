"""When an advance may be made, in every zone and on the days when clocks are changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from rollout.engine.windows import closed, opening
from rollout.model.plan import AllowedHours, Freeze, Windows
from tests.plans.small import read_text, small

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def hours(*texts: str) -> Windows:
    plan = read_text(small(f"windows: {{allow: {list(texts)}}}")).plan
    assert plan is not None
    return plan.windows


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


SEOUL = hours("Mon-Thu 09:00-16:00 Asia/Seoul")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-03-02T00:00", "2026-03-02T00:00"),  # Monday, 09:00 in Seoul
        ("2026-03-02T06:59:59.999", "2026-03-02T06:59:59.999"),
        ("2026-03-02T07:00", "2026-03-03T00:00"),
        ("2026-03-01T23:59:59", "2026-03-02T00:00"),
        ("2026-03-05T07:00", "2026-03-09T00:00"),  # Thursday, over until Monday
    ],
)
def test_hours_open_with_their_first_second_and_close_with_their_last(now: str, opens: str) -> None:
    assert opening(SEOUL, at(now)) == at(opens)
    assert (closed(SEOUL, at(now)) is None) is (now == opens)


def test_what_is_open_in_one_of_several_is_open() -> None:
    both = hours("Mon 09:00-12:00 Europe/Berlin", "Mon-Sun 20:00-24:00 America/New_York")
    assert opening(both, at("2026-01-05T08:30")) == at("2026-01-05T08:30")
    assert opening(both, at("2026-01-05T11:00")) == at("2026-01-06T01:00")
    assert opening(both, at("2026-01-06T05:00")) == at("2026-01-07T01:00")


def test_a_window_up_to_midnight_goes_on_in_one_from_midnight() -> None:
    night = hours("Mon 22:00-24:00 UTC", "Tue 00:00-02:00 UTC")
    for now in ("2026-03-02T22:00", "2026-03-03T00:00", "2026-03-03T01:59"):
        assert opening(night, at(now)) == at(now)
    assert opening(night, at("2026-03-03T02:00")) == at("2026-03-09T22:00")


def test_a_freeze_is_whole_days_where_the_hours_are_else_in_utc() -> None:
    days = (Freeze(date(2026, 12, 21), date(2026, 12, 22), "holidays"),)
    frozen = Windows(SEOUL.allow, days)
    assert opening(frozen, at("2026-12-20T14:59")) == at("2026-12-23T00:00")  # a Wednesday, 09:00 in Seoul
    hold = closed(frozen, at("2026-12-21T01:00"))
    assert hold is not None
    assert (hold.id, hold.until) == ("window", at("2026-12-23T00:00"))
    assert hold.text.startswith("frozen 2026-12-21 to 2026-12-22: holidays; opens Wed 2026-12-23 09:00 Asia/Seoul")
    outside = closed(frozen, at("2026-12-20T14:59"))
    assert outside is not None
    assert outside.text.startswith("outside the hours for an advance, Mon-Thu 09:00-16:00 Asia/Seoul; opens Wed")
    alone = Windows(freeze=(Freeze(date(2026, 12, 21), date(2026, 12, 21)),))
    assert opening(alone, at("2026-12-20T23:59:59")) == at("2026-12-20T23:59:59")
    assert opening(alone, at("2026-12-21T00:00")) == at("2026-12-22T00:00")


def test_freezes_that_touch_are_one() -> None:
    days = (
        Freeze(date(2026, 12, 24), date(2027, 1, 5)),
        Freeze(date(2026, 12, 20), date(2026, 12, 23)),
        Freeze(date(2026, 12, 22), date(2026, 12, 31)),
    )
    assert opening(Windows(freeze=days), at("2026-12-20T12:00")) == at("2027-01-06T00:00")


def test_a_freeze_for_ever_says_so() -> None:
    never = Windows(freeze=(Freeze(date(2026, 1, 1), date.max, "cancelled"),))
    hold = closed(never, at("2026-03-01T00:00"))
    assert hold is not None
    assert (hold.until, "cancelled; never opens again" in hold.text) == (None, True)


def test_without_windows_it_is_always_open() -> None:
    assert closed(Windows(), at("2026-03-01T00:00")) is None


def first(begin: datetime, condition: Callable[[datetime], bool]) -> datetime:
    """Minute by minute."""
    while not condition(begin):
        begin += MINUTE
    return begin


def slow_openings(one: AllowedHours, days: list[date]) -> list[tuple[datetime, datetime]]:
    """Somebody looks at the clock on the wall every minute, and notes when it first shows the start, and the end."""
    zone, found = ZoneInfo(one.zone), []
    for day in days:
        midnight = datetime.combine(day, time())
        if day.weekday() not in one.weekdays:
            continue
        starts, ends = (midnight + minutes * MINUTE for minutes in (one.start, one.end))
        watched = midnight.replace(tzinfo=zone).astimezone(UTC) - timedelta(hours=3)

        def shows(moment: datetime, wall: datetime) -> bool:
            return moment.astimezone(zone).replace(tzinfo=None) >= wall

        opened = first(watched, lambda moment: shows(moment, starts))  # noqa: B023
        over = first(opened, lambda moment: shows(moment, ends))  # noqa: B023
        if opened < over:
            found.append((opened, over))
    return found


def clock_changes(zone: ZoneInfo, year: int) -> list[datetime]:
    hour = timedelta(hours=1)
    start = datetime(year, 1, 1, tzinfo=UTC)
    moments = [start + n * hour for n in range(366 * 24)]
    return [
        moment
        for moment in moments
        if moment.astimezone(zone).utcoffset() != (moment + hour).astimezone(zone).utcoffset()
    ]


@pytest.mark.parametrize("year", [2025, 2026, 2027, 2028])
@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_on_days_of_a_clock_change_a_window_opens_once_and_a_time_that_is_left_out_never(name: str, year: int) -> None:
    zone = ZoneInfo(name)
    changes = clock_changes(zone, year)
    assert changes
    for change in changes:
        middle = change.astimezone(zone).date()
        days = [middle + n * DAY for n in range(-1, 3)]
        for text in ("00:00-24:00", "01:30-02:30", "02:15-02:45", "00:15-00:45", "01:00-02:00", "02:00-03:00"):
            windows = hours(f"Mon-Sun {text} {name}")
            spans = slow_openings(windows.allow[0], days)
            for (opened, over), (following, _) in pairwise(spans):
                for moment in (opened, over - MINUTE, opened + (over - opened) / 2):
                    assert opening(windows, moment) == moment, (text, moment)
                assert opening(windows, over) == following, (text, over)
                assert opening(windows, opened - timedelta(seconds=1)) in (opened, opened - timedelta(seconds=1))


def test_a_time_that_clocks_leave_out_is_skipped_and_one_they_show_twice_opens_once() -> None:
    berlin = hours("Sun 02:15-02:45 Europe/Berlin")
    assert opening(berlin, at("2026-03-28T12:00")) == at("2026-04-05T00:15")  # 29 March has no 02:15
    assert opening(berlin, at("2026-10-25T00:15")) == at("2026-10-25T00:15")  # 02:15 for the first time
    assert opening(berlin, at("2026-10-25T01:20")) == at("2026-11-01T01:15")  # 02:20 for the second
