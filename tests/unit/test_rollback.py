"""Back, from every status, and whatever else is broken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rollout.errors import ChangeError, UsageError
from rollout.model.changes import Change, Slot
from rollout.model.events import first_broken
from rollout.model.state import Position, Status
from rollout.operations.rollback import RollbackOutcome
from tests.fakes import ROLLOUT, nothing
from tests.small_plans import make_plan, phase, step
from tests.workbench import KilledError, full_rollout, interrupt, kill, no, workbench


def test_by_default_it_leads_to_the_nearest_earlier_step_whose_values_differ() -> None:
    made = full_rollout()
    seen = []
    for expected in ({"PERCENT": "35"}, {"PERCENT": "20"}, {"ON": "false", "PERCENT": "0"}):
        result = made.rollback()
        seen.append(result.label)
        assert (result.outcome, result.exit_code) == (RollbackOutcome.ROLLED_BACK, 0)
        assert (result.verified, result.recorded, result.left_to_do) == (True, True, ())
        assert expected.items() <= made.target.held.items()
    assert seen == ["limited/2", "limited/1", "prepare/1"]
    assert (made.state.status, made.state.position) == (Status.ROLLED_BACK, Position("prepare", 1))
    assert made.target.held["ALLOW"] == "a,,b"
    assert first_broken(ROLLOUT, made.events) is None


def test_going_back_writes_all_flags() -> None:
    made = full_rollout()
    assert [change.slot.flag for change in made.rollback().changes] == ["ON", "PERCENT", "ALLOW"]


def test_the_intent_is_recorded_before_the_first_write() -> None:
    made = full_rollout()
    recorded: list[str] = []
    made.target.before_write = lambda: recorded.extend(made.kinds)
    made.rollback(who="bob")
    assert recorded[-1] == "rollback-intended"
    assert made.kinds[-2:] == ["rollback-intended", "rolled-back"]
    assert {event.actor for event in made.events[-2:]} == {"bob"}


@pytest.mark.parametrize("level", ["emergency", "partial", ""])
def test_no_query_is_asked(level: str) -> None:
    made = full_rollout()
    made.rollback(level)
    assert made.source.asked == []


def test_a_level_sets_its_values_and_says_where_it_starts_again() -> None:
    made = full_rollout()
    result = made.rollback("partial")
    assert result.changes == (Change(Slot("PERCENT", "api", "PERCENT"), 100, 10, verified=True),)
    assert result.left_to_do == ("Open an incident",)
    assert result.exit_code == 0
    assert made.target.held["ON"] == "true"
    assert made.advance(reason="fixed").aim == Position("limited", 1)


@pytest.mark.parametrize(("level", "to"), [("back", ""), ("", "limited")])
def test_a_level_or_an_option_leads_to_a_step_and_it_starts_again_there(level: str, to: str) -> None:
    made = full_rollout()
    result = made.rollback(level, to=to)
    assert (result.label, result.exit_code) == ("limited/1", 0)
    assert made.target.held["PERCENT"] == "20"
    assert made.advance(reason="fixed").aim == Position("limited", 1)


def test_no_rollback_leads_away_from_safe() -> None:
    made = full_rollout()
    made.target.held |= {"ON": "false", "PERCENT": "5"}
    for level in ("partial", "back"):
        assert made.rollback(level).exit_code == 0
        assert (made.target.held["ON"], made.target.held["PERCENT"]) == ("false", "5")


@pytest.mark.parametrize(("level", "to"), [("nope", ""), ("", "full"), ("", "nowhere"), ("", "limited/9")])
def test_a_rollback_to_nowhere_is_a_usage_error(level: str, to: str) -> None:
    made = full_rollout()
    events = made.kinds
    with pytest.raises(UsageError):
        made.rollback(level, to=to)
    assert made.kinds == events


@pytest.mark.parametrize("steps", [0, 1, 2, 4, 5])
@pytest.mark.parametrize("level", ["", "emergency", "partial"])
def test_it_works_from_every_status(steps: int, level: str) -> None:
    made = full_rollout(steps=steps)
    for _ in range(2):
        assert made.rollback(level).exit_code == 0
        assert made.state.status is Status.ROLLED_BACK


def test_an_edited_plan_stops_no_rollback() -> None:
    made = full_rollout()
    made.difference = "-PERCENT: 35\n+PERCENT: 50"
    assert made.rollback().exit_code == 0


def test_a_value_that_drifted_is_written_over_and_recorded() -> None:
    made = full_rollout()
    made.target.held["PERCENT"] = "70"
    assert made.rollback().exit_code == 0
    assert made.target.held["PERCENT"] == "35"
    made = full_rollout()
    made.target.held["PERCENT"] = "0"  # by hand, in a hurry
    assert made.rollback().exit_code == 0
    assert made.advance(reason="fixed").exit_code == 0


def test_a_no_is_a_hold_and_changes_nothing() -> None:
    made = full_rollout()
    before, events = dict(made.target.held), made.kinds
    result = made.rollback(confirm=no)
    assert (result.outcome, result.exit_code) == (RollbackOutcome.REFUSED, 4)
    assert (made.target.held, made.kinds) == (before, events)


@pytest.mark.parametrize("level", ["", "partial", "emergency"])
def test_a_dry_run_shows_the_changes_and_makes_none(level: str) -> None:
    made = full_rollout()
    before, events = dict(made.target.held), made.kinds
    result = made.rollback(level, dry_run=True, confirm=lambda _: pytest.fail("asked"))
    assert (result.outcome, result.exit_code) == (RollbackOutcome.DRY_RUN, 0)
    assert any(change.before != change.after for change in result.changes)
    assert (made.target.held, made.kinds) == (before, events)


def test_an_interruption_before_its_end_is_recorded_leaves_the_intent_open_and_another_rollback_ends_it() -> None:
    made = full_rollout()
    made.target.after_write = lambda: setattr(made.store, "before_append", interrupt)
    with pytest.raises(ChangeError, match="interrupted") as caught:
        made.rollback("emergency")
    assert caught.value.exit_code == 8
    assert made.kinds[-1] == "rollback-intended"
    made.target.after_write = nothing
    pending = made.status().state.pending
    assert pending is not None
    assert pending.kind == "rollback"
    assert made.rollback("emergency").exit_code == 0
    assert made.state.pending is None


def test_after_an_interrupted_advance_it_leads_back_to_the_step_before() -> None:
    made = full_rollout(steps=3)
    made.target.after_write = kill
    with pytest.raises(KilledError):
        made.advance()
    made.target.after_write = nothing
    assert made.target.held["PERCENT"] == "100"
    result = made.rollback()
    assert (result.label, result.exit_code) == ("limited/2", 0)
    assert made.target.held["PERCENT"] == "35"


def test_what_was_absent_is_removed_again() -> None:
    made = workbench(make_plan(phase("one", step(ON=True, PERCENT=20))), OTHER="1").advanced(1)
    assert made.target.held == {"OTHER": "1", "ON": "true", "PERCENT": "20"}
    assert made.rollback().exit_code == 0
    assert made.target.held == {"OTHER": "1"}


def test_the_time_it_took_is_measured() -> None:
    made = full_rollout()
    made.target.after_write = lambda: made.clock.sleep(3)
    assert made.rollback("emergency").elapsed == timedelta(seconds=3)
