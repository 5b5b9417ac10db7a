"""Beginning again after a rollback, anew after an end, and what a person may leave out with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rollout.errors import ConflictError, UsageError
from rollout.model.plan import AllowedHours, Windows
from rollout.model.state import Status
from rollout.operations.advance import advance
from rollout.operations.close import close
from rollout.operations.options import Options
from tests.small_plans import gate, make_plan, metric, phase, step
from tests.workbench import DAY, Workbench, checkout, full_rollout, interrupt, workbench, yes

TEN = timedelta(minutes=10)


def closed(made: Workbench) -> Workbench:
    close(made.desk(), "not wanted")
    return made


# --from


@pytest.mark.parametrize(
    ("start", "percent"), [("prepare", "0"), ("limited", "20"), ("limited/2", "35"), ("full", "100")]
)
def test_after_a_rollback_a_person_may_begin_with_any_phase_that_was_reached(start: str, percent: str) -> None:
    made = full_rollout()
    made.rollback("emergency")
    result = made.advance(start=start, reason="fixed")
    assert (result.exit_code, result.label) == (0, start if "/" in start else f"{start}/1")
    assert made.target.held["PERCENT"] == percent
    assert made.target.held["ON"] == ("true" if percent != "0" else "false")
    assert made.events[-2].data["start"] == start


@pytest.mark.parametrize("start", ["limited/2", "full"])
def test_what_was_never_reached_is_no_place_to_begin(start: str) -> None:
    made = full_rollout(steps=2)
    made.rollback("emergency")
    events = made.kinds
    with pytest.raises(UsageError, match="never reached"):
        made.advance(start=start, reason="fixed")
    assert (made.kinds, made.target.held["ON"]) == (events, "false")


@pytest.mark.parametrize("start", ["nowhere", "limited/9"])
def test_a_place_that_there_is_not_is_a_usage_error(start: str) -> None:
    made = full_rollout()
    made.rollback("emergency")
    with pytest.raises(UsageError):
        made.advance(start=start, reason="fixed")


def test_from_is_for_one_that_was_rolled_back() -> None:
    for made in (full_rollout(steps=0), full_rollout(steps=2), full_rollout(steps=5)):
        with pytest.raises(ConflictError):
            made.advance(start="prepare", reason="fixed")


@pytest.mark.parametrize("reason", ["", " "])
def test_from_alone_does_not_start_it_again(reason: str) -> None:
    made = full_rollout()
    made.rollback("emergency")
    assert made.advance(start="limited", reason=reason).exit_code == 4
    assert made.state.status is Status.ROLLED_BACK


def test_the_entry_of_the_phase_where_it_begins_is_judged_and_no_soak() -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY)
    made.advanced(1)
    made.clock.advance(DAY)
    made.advanced(1)
    made.rollback("emergency")
    made.source.answers["ready"] = 0.5
    assert made.advance(start="full", reason="fixed").exit_code == 3
    made.source.answers["ready"], made.source.answers["errors"] = 0.0, 0.5
    assert made.advance(start="full", reason="fixed").exit_code == 0


def test_what_an_interrupted_advance_may_have_reached_was_reached() -> None:
    made = full_rollout(steps=3)
    made.target.after_write = lambda: setattr(made.store, "before_append", interrupt)
    with pytest.raises(Exception, match="interrupted"):
        made.advance()
    made.target.after_write = lambda: None
    made.rollback("emergency")
    assert made.advance(start="full", reason="fixed").exit_code == 0


# What a person leaves out.


@pytest.mark.parametrize("reason", ["", " "])
def test_leaving_anything_out_needs_a_reason(reason: str) -> None:
    made = checkout().advanced(2)
    for options in (
        Options(reason=reason, skip_soak=True),
        Options(reason=reason, overrides=["errors"]),
        Options(reason=reason, accept=True),
    ):
        with pytest.raises(UsageError, match="needs a reason"):
            advance(made.desk(), options=options, confirm=yes)


def test_a_soak_may_be_skipped_and_that_is_kept() -> None:
    made = checkout().advanced(2)
    assert made.advance().exit_code == 4
    assert made.advance(skip_soak=True, reason="hotfix").exit_code == 0
    assert (made.events[-2].data["skip_soak"], made.events[-2].data["reason"]) == (True, "hotfix")
    assert made.advance().exit_code == 4  # it counted once


def test_settling_is_not_skipped() -> None:
    slow = replace(gate("errors"), metric=metric("errors", reach=timedelta(minutes=5)))
    made = workbench(make_plan(phase("one", step(ON=True, soak=DAY), step(PERCENT=5), gates=[slow])))
    made.source.answers = {"errors": 0.0}
    made.advanced(1)
    assert made.advance(skip_soak=True, reason="hotfix").exit_code == 4
    made.clock.advance(timedelta(minutes=5))
    assert made.advance(skip_soak=True, reason="hotfix").exit_code == 0


def test_a_window_may_be_overridden_and_holds_no_rollback() -> None:
    never = AllowedHours(frozenset({6}), 0, 1, "UTC", "Sun 00:00-00:01 UTC")
    made = full_rollout(steps=2)
    made.plan = replace(made.plan, windows=Windows(allow=(never,)))
    assert made.advance().exit_code == 4
    assert made.advance(overrides=["window"], reason="hotfix").exit_code == 0
    assert made.events[-2].data["overrides"] == ["window"]
    assert made.rollback().exit_code == 0
    assert made.advance(reason="again").exit_code == 4  # a reason alone opens none


def test_an_override_does_not_reach_what_was_not_named() -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY)
    made.source.answers |= {"errors": 0.5, "spike": 0.5}
    assert made.advance(overrides=["errors"], reason="known").exit_code == 6
    assert made.advance(overrides=["spike"], reason="known").exit_code == 3
    assert made.advance(overrides=["spike", "errors"], reason="known").exit_code == 0


def test_an_override_of_what_is_not_judged_is_a_usage_error() -> None:
    made = checkout().advanced(1)
    with pytest.raises(UsageError, match="'done'"):
        made.advance(overrides=["done"], reason="known")
