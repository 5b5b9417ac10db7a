"""Going on by a plan that was edited: accepted with a reason, judged from then on, and still taken back as a whole."""

from __future__ import annotations

import pytest

from rollout.errors import ConflictError, StoreError, TargetError, UsageError
from rollout.model.plan import Phase, Plan
from rollout.model.state import Position, Status
from rollout.model.values import Flag, FlagType
from tests.fakes import nothing
from tests.small_plans import ALLOW, ON, PERCENT, gate, make_plan, phase, step
from tests.workbench import KilledError, Workbench, kill, workbench

NEW = Flag("NEW", FlagType.INT)
BEFORE = (phase("one", step(ON=True, PERCENT=20), step(PERCENT=50)), phase("two"))


def running(steps: int = 1, **held: str) -> Workbench:
    made = workbench(make_plan(*BEFORE), **(held or {"ON": "false", "PERCENT": "0", "NEW": "7"}))
    return made.advanced(steps)


def edited(made: Workbench, *phases: Phase, flags: tuple[Flag, ...] = (ON, PERCENT, ALLOW)) -> Workbench:
    """The desk of a command that accepts has the edited plan already."""
    made.plan = make_plan(*phases, flags=flags)
    made.difference = "-old\n+new"
    return made


def accepted(made: Workbench) -> Workbench:
    result = made.advance(accept=True, reason="more")
    assert result.exit_code == 0
    made.difference = ""
    return made


def test_an_accepted_plan_is_what_counts_from_then_on() -> None:
    made = accepted(edited(running(), phase("one", step(ON=True, PERCENT=20), step(PERCENT=35)), phase("two")))
    assert made.target.held["PERCENT"] == "35"
    assert made.kinds[-3:] == ["plan-accepted", "advance-intended", "advanced"]
    data = made.events[-3].data
    assert (data["reason"], data["difference"], data["plan_text"]) == ("more", "-old\n+new", "rollout: 1\n")
    assert made.state.pinned is not None
    assert made.state.pinned.sha256 == "f" * 64
    assert not made.status().plan_changed


def test_it_is_judged_by_the_edited_gates() -> None:
    made = running()
    made.source.answers = {"errors": 0.5}
    edited(made, phase("one", step(ON=True, PERCENT=20), step(PERCENT=50), gates=[gate("errors")]), phase("two"))
    assert made.advance(accept=True, reason="stricter").exit_code == 3
    assert "plan-accepted" in made.kinds
    assert made.target.held["PERCENT"] == "20"


def test_without_the_option_an_edited_plan_is_a_conflict() -> None:
    made = edited(running(), *BEFORE)
    assert made.refuses(ConflictError).exit_code == 7


@pytest.mark.parametrize("reason", ["", "  "])
def test_accepting_needs_a_reason(reason: str) -> None:
    made = edited(running(), *BEFORE)
    events = made.kinds
    with pytest.raises(UsageError, match="--accept-plan-change needs a reason"):
        made.advance(accept=True, reason=reason)
    assert made.kinds == events


def test_where_nothing_was_edited_nothing_is_recorded_for_it() -> None:
    made = running()
    assert made.advance(accept=True, reason="just in case").exit_code == 0
    assert "plan-accepted" not in made.kinds


def test_a_dry_run_records_nothing_and_shows_the_edited_step() -> None:
    made = edited(running(), phase("one", step(ON=True, PERCENT=20), step(PERCENT=35)), phase("two"))
    events = made.kinds
    result = made.advance(accept=True, reason="more", dry_run=True)
    assert (result.exit_code, made.kinds, made.target.held["PERCENT"]) == (0, events, "20")
    assert [(change.slot.flag, change.after) for change in result.changes] == [("PERCENT", 35)]


def test_a_new_flag_that_stands_there_already_is_not_removed_by_the_next_step() -> None:
    made = accepted(edited(running(), *BEFORE, flags=(ON, PERCENT, ALLOW, NEW)))
    assert made.target.held == {"ON": "true", "PERCENT": "50", "NEW": "7"}
    found = {slot.flag: value for slot, value in made.state.found.items()}
    assert (found["NEW"], found["PERCENT"]) == (7, 0)


def test_a_dry_run_shows_no_removal_of_a_new_flag_that_stands_there_already() -> None:
    made = edited(running(), *BEFORE, flags=(ON, PERCENT, ALLOW, NEW))
    result = made.advance(accept=True, reason="more", dry_run=True)
    assert [change.slot.flag for change in result.changes] == ["PERCENT"]


def test_after_it_a_rollback_leads_back_to_all_that_was_found() -> None:
    made = edited(
        running(), phase("one", step(ON=True, PERCENT=20), step(PERCENT=50, NEW=9)), flags=(ON, PERCENT, ALLOW, NEW)
    )
    accepted(made)
    assert made.target.held["NEW"] == "9"
    assert made.rollback().exit_code == 0
    assert made.rollback().exit_code == 0
    assert made.target.held == {"ON": "false", "PERCENT": "0", "NEW": "7"}


def test_a_plan_that_has_lost_the_step_where_it_stands_is_refused() -> None:
    made = edited(running(2), phase("one", step(ON=True, PERCENT=20)), phase("two"))
    events = made.kinds
    with pytest.raises(UsageError, match="no step one/2"):
        made.advance(accept=True, reason="fewer")
    assert made.kinds == events


def test_a_plan_that_has_lost_a_step_ahead_is_not() -> None:
    assert accepted(
        edited(running(), phase("one", step(ON=True, PERCENT=20)), phase("two"))
    ).state.position == Position("two", 1)


def test_one_that_was_rolled_back_may_lose_the_step_where_it_stood() -> None:
    made = running(2)
    made.rollback("emergency")
    edited(made, phase("one", step(ON=True, PERCENT=20)), phase("two"))
    assert accepted(made).state.position == Position("one", 1)


@pytest.mark.parametrize(
    "flags",
    [(ON, ALLOW), (ON, ALLOW, Flag("PERCENT", FlagType.PERCENT, safe=0, key="OTHER"))],
)
def test_a_plan_that_has_lost_a_flag_that_was_changed_is_refused(flags: tuple[Flag, ...]) -> None:
    made = edited(running(), phase("one", step(ON=True), step()), flags=flags)
    with pytest.raises(UsageError, match="PERCENT at api"):
        made.advance(accept=True, reason="fewer")
    assert made.rollback("emergency").exit_code == 0 or flags


def test_a_plan_that_has_lost_a_flag_that_was_not_changed_is_not() -> None:
    made = edited(running(), phase("one", step(ON=True, PERCENT=20), step(PERCENT=50)), flags=(ON, PERCENT))
    assert accepted(made).target.held["PERCENT"] == "50"


def test_nothing_is_accepted_while_a_change_is_open() -> None:
    made = running()
    made.target.before_write = kill
    with pytest.raises(KilledError):
        made.advance()
    made.target.before_write = nothing
    edited(made, *BEFORE)
    with pytest.raises(ConflictError) as caught:
        made.advance(accept=True, reason="more")
    assert "recover" in caught.value.hint
    assert "plan-accepted" not in made.kinds


def test_nothing_is_accepted_where_a_target_cannot_be_read_or_the_record_written() -> None:
    for trouble in (TargetError, StoreError):
        made = edited(running(), *BEFORE)
        if trouble is TargetError:
            made.target.fails = {"read"}
        else:
            made.store.fails = {"append"}
        with pytest.raises(trouble):
            made.advance(accept=True, reason="more")
        assert "plan-accepted" not in made.kinds


def test_a_wrong_step_is_a_usage_error_before_anything_is_accepted() -> None:
    made = edited(running(), *BEFORE)
    with pytest.raises(UsageError):
        made.advance(accept=True, reason="more", to="nowhere")
    assert "plan-accepted" not in made.kinds


def test_an_edited_plan_may_be_accepted_for_a_restart() -> None:
    made = running(2)
    made.rollback("emergency")
    plan: Plan = edited(made, phase("one", step(ON=True, PERCENT=5)), phase("two")).plan
    assert plan is made.plan
    assert accepted(made).target.held["PERCENT"] == "5"
    assert made.state.status is Status.IN_PROGRESS
