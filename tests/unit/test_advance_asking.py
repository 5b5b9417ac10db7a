"""What is shown before anything changes, and what a person may answer; and starting again after a rollback."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rollout.model.changes import Change, Slot
from rollout.model.state import Position, Status
from rollout.operations.advance import Advance, AdvanceOutcome
from tests.fakes import Reply, answer
from tests.small_plans import ALLOW, ON, PERCENT, make_plan, phase, step
from tests.workbench import DAY, checkout, no, workbench


def test_a_no_is_a_hold_and_changes_nothing() -> None:
    made = checkout().advanced(1)
    events = made.kinds
    result = made.advance(confirm=no)
    assert (result.outcome, result.declined, result.exit_code) == (AdvanceOutcome.REFUSED, True, 4)
    assert (made.kinds, made.target.writes) == (events, [])


@pytest.mark.parametrize(("errors", "exit_code"), [(0.0, 0), (0.5, 3), (answer(), 5)])
def test_a_dry_run_shows_the_change_asks_nobody_and_records_nothing(errors: Reply, exit_code: int) -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY)
    made.source.answers["errors"] = errors
    events, writes = made.kinds, len(made.target.writes)
    result = made.advance(dry_run=True, confirm=lambda _: pytest.fail("asked"))
    assert result.exit_code == exit_code
    if exit_code == 0:
        assert result.outcome is AdvanceOutcome.DRY_RUN
        assert result.changes == (Change(Slot("PERCENT", "api", "PERCENT"), 20, 35),)
    assert (made.kinds, len(made.target.writes)) == (events, writes)


def test_a_dry_run_of_the_last_advance_completes_nothing() -> None:
    made = workbench(make_plan(phase("one", step(ON=True)))).advanced(1)
    assert made.advance(dry_run=True).outcome is AdvanceOutcome.DRY_RUN
    assert made.state.status is Status.IN_PROGRESS


@pytest.mark.parametrize(("thought", "asked_again"), [(60, False), (61, True)])
def test_evidence_older_than_a_minute_when_the_prompt_is_answered_is_judged_again(
    thought: int, asked_again: bool
) -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY)
    before = len(made.source.asked)

    def think(_: Advance) -> bool:
        made.clock.sleep(thought)
        made.source.answers["errors"] = 0.5
        return True

    result = made.advance(confirm=think)
    assert (result.exit_code, len(made.source.asked) - before) == ((3, 6) if asked_again else (0, 3))
    assert made.kinds[-1] == ("advance-refused" if asked_again else "advanced")


def test_evidence_is_as_old_as_its_questions() -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY)
    made.source.while_asked = lambda: made.clock.sleep(40)

    def think(_: Advance) -> bool:
        made.clock.sleep(40)
        made.source.answers["errors"] = 0.5
        return True

    assert made.advance(confirm=think).exit_code == 3


def test_after_a_rollback_it_takes_a_reason_and_starts_again() -> None:
    made = checkout().advanced(2)
    assert made.rollback("emergency").exit_code == 0
    held = made.advance()
    assert (held.exit_code, held.decision.holds[0].id) == (4, "rolled-back")
    again = made.advance(reason="fixed the query")
    assert (again.exit_code, again.aim) == (0, Position("prepare", 1))
    assert made.events[-2].data["reason"] == "fixed the query"
    assert made.advance().exit_code == 0
    assert made.target.held == {"ON": "true", "PERCENT": "20"}


def test_a_restart_writes_all_flags_and_returns_what_only_the_rollback_changed() -> None:
    plan = make_plan(phase("one", step(ON=True, PERCENT=20)), flags=(ON, PERCENT, replace(ALLOW, safe=())))
    made = workbench(plan, ON="false", ALLOW="a,b").advanced(1)
    made.rollback("emergency")
    assert made.target.held == {"ON": "false", "PERCENT": "0", "ALLOW": ""}
    result = made.advance(reason="again")
    assert [(change.slot.flag, change.before, change.after) for change in result.changes] == [
        ("ON", False, True),
        ("PERCENT", 0, 20),
        ("ALLOW", (), ("a", "b")),
    ]
    assert made.target.held == {"ON": "true", "PERCENT": "20", "ALLOW": "a,b"}


def test_a_restart_at_a_step_without_values_removes_what_was_absent() -> None:
    made = checkout(OTHER="1").advanced(2)
    made.rollback("emergency")
    assert made.target.held == {"OTHER": "1", "ON": "false", "PERCENT": "0"}
    assert made.advance(reason="again").exit_code == 0
    assert made.target.held == {"OTHER": "1"}
