"""Clocks that run backwards, years that do not fit into 32 bits, seconds that no day should have."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from rollout.model.state import Status
from rollout.model.verdicts import Verdict
from tests.fakes import FakeClock
from tests.workbench import DAY, checkout

LAST_OF_32_BITS = datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC)


@pytest.mark.parametrize("year", [2037, 2106, 9000])
def test_a_rollout_goes_on_beyond_the_end_of_small_numbers(year: int) -> None:
    made = checkout()
    made.clock = made.source.clock = FakeClock(LAST_OF_32_BITS.replace(year=year))
    made.advanced(2)
    assert made.advance().decision.verdict is Verdict.HOLD
    made.clock.advance(DAY)
    made.advanced(1)
    assert [event.seq for event in made.events] == list(range(1, len(made.events) + 1))


def test_a_clock_that_is_set_back_ends_no_soak_early_and_the_order_of_events_is_that_of_the_record() -> None:
    made = checkout().advanced(2)
    made.clock.advance(-timedelta(hours=5))
    assert made.advance().decision.verdict is Verdict.HOLD
    made.clock.advance(DAY)
    assert made.advance().decision.verdict is Verdict.HOLD
    made.clock.advance(timedelta(hours=5))
    made.advanced(1)
    made.clock.advance(-timedelta(days=30))
    assert made.rollback("emergency").exit_code == 0
    assert made.state.status is Status.ROLLED_BACK
    assert [event.kind for event in made.events][-1] == "rolled-back"


@pytest.mark.parametrize("moment", ["2016-12-31T23:59:60Z", "99999-01-01T00:00Z", "2026-02-30T00:00Z", "1e9"])
def test_a_time_that_is_none_is_a_usage_error(moment: str) -> None:
    command = [sys.executable, "-m", "rollout", "check-gates", "--at", moment]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "is not a time" in done.stderr) == (2, True)
