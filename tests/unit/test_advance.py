"""One step forward: judged, shown, asked, written, read back, recorded; or not taken at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from rollout.model.changes import Change, Slot
from rollout.model.events import first_broken
from rollout.model.state import Position, Status
from rollout.model.values import Verbatim
from rollout.operations.advance import AdvanceOutcome
from tests.fakes import ROLLOUT, Reply, answer
from tests.small_plans import gate, make_plan, metric, phase, spike, step
from tests.workbench import DAY, checkout, two_targets, workbench, yes


def test_a_rollout_goes_from_not_started_to_complete() -> None:
    made = checkout()
    first = made.advance()
    assert (first.outcome, first.exit_code) == (AdvanceOutcome.ADVANCED, 0)
    assert (first.origin, first.aim, first.changes) == (None, Position("prepare", 1), ())
    second = made.advance()
    assert (second.origin, second.aim) == (Position("prepare", 1), Position("limited", 1))
    assert second.changes == (
        Change(Slot("ON", "api", "ON"), False, True, verified=True),
        Change(Slot("PERCENT", "api", "PERCENT"), 0, 20, verified=True),
    )
    assert made.target.held == {"ON": "true", "PERCENT": "20"}
    for percent in ("35", "100"):
        made.clock.advance(DAY)
        assert made.advance().exit_code == 0
        assert made.target.held == {"ON": "true", "PERCENT": percent}
    last = made.advance()
    assert (last.outcome, last.aim, last.exit_code) == (AdvanceOutcome.COMPLETE, None, 0)
    assert made.state.status is Status.COMPLETE
    events = len(made.events)
    again = made.advance()
    assert (again.outcome, again.exit_code, len(made.events)) == (AdvanceOutcome.COMPLETE, 0, events)
    assert len(made.target.writes) == 3
    assert first_broken(ROLLOUT, made.events) is None
    assert made.kinds == ["started", *["advance-intended", "advanced"] * 4, "completed"]


def test_the_intent_is_recorded_before_the_first_write() -> None:
    made = checkout().advanced(1)
    recorded: list[str] = []
    made.target.before_write = lambda: recorded.extend(made.kinds)
    made.advance("bob")
    assert recorded[-1] == "advance-intended"
    intent = made.events[-2]
    assert (intent.actor, intent.data["to"]) == ("bob", {"phase": "limited", "step": 1})
    assert intent.data["op"] == made.events[-1].data["op"]


def test_what_was_found_is_kept_to_the_letter() -> None:
    made = checkout(ON="FALSE", ALLOW="a,,b").advanced(2)
    found = {slot.flag: setting for slot, setting in made.state.found.items()}
    assert found == {"ON": Verbatim("FALSE"), "PERCENT": None, "ALLOW": Verbatim("a,,b")}
    assert made.target.held == {"ON": "true", "PERCENT": "20", "ALLOW": "a,,b"}


def test_bools_are_written_last_on_the_way_out_and_first_on_the_way_back() -> None:
    order: list[str] = []
    made = two_targets()
    made.plan = make_plan(
        phase("one", step(ON=True, PERCENT=20), step(ON=False, PERCENT=0)),
        flags=made.plan.flags.values(),
        targets=("web", "api"),
    )
    for name, target in made.targets.items():
        target.before_write = partial(order.append, name)
    made.advanced(2)
    assert order == ["api", "web", "web", "api"]


@pytest.mark.parametrize(
    ("answers", "exit_code", "verdict"),
    [
        ({"errors": 0.5}, 3, "NO-GO"),
        ({"errors": answer()}, 5, "UNKNOWN"),
        ({"errors": float("nan")}, 5, "UNKNOWN"),
        ({"spike": answer()}, 5, "UNKNOWN"),
        ({"spike": 0.5}, 6, "ROLLBACK"),
        ({"spike": 0.5, "errors": 0.5}, 6, "ROLLBACK"),
    ],
)
def test_a_verdict_other_than_go_changes_nothing_and_is_recorded_once(
    answers: dict[str, Reply], exit_code: int, verdict: str
) -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY)
    made.source.answers.update(answers)
    for _ in range(3):
        result = made.advance()
        assert (result.outcome, result.exit_code, result.decision.verdict) == (
            AdvanceOutcome.REFUSED,
            exit_code,
            verdict,
        )
        assert result.decision.reasons
    assert made.kinds[-2:] == ["advanced", "advance-refused"]
    assert made.state.verdict == verdict
    assert len(made.target.writes) == 1


def test_a_step_soaks_before_the_next_one() -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY - timedelta(seconds=1))
    held = made.advance()
    assert (held.exit_code, held.decision.holds[0].id) == (4, "soak")
    made.clock.advance(timedelta(seconds=1))
    assert made.advance().exit_code == 0


def test_a_gate_settles_after_a_change_even_where_nothing_soaks() -> None:
    slow = replace(gate("errors"), metric=metric("errors", reach=timedelta(minutes=5)))
    made = workbench(make_plan(phase("one", step(ON=True), step(PERCENT=5), gates=[slow])))
    made.source.answers = {"errors": 0.0}
    made.advanced(1)
    assert made.advance().exit_code == 4
    made.clock.advance(timedelta(minutes=5))
    assert made.advance().exit_code == 0


def test_an_unknown_trigger_blocks_only_once_a_flag_is_exposed() -> None:
    made = checkout()
    made.source.answers["spike"] = answer()
    made.advanced(2)
    made.clock.advance(DAY)
    assert made.advance().exit_code == 5


def test_an_unknown_trigger_does_not_block_where_the_flags_are_absent_so_far() -> None:
    made = checkout(OTHER="1")
    made.source.answers["spike"] = answer()
    made.advanced(2)


def test_a_fired_trigger_blocks_the_first_advance_too() -> None:
    made = checkout()
    made.source.answers["spike"] = 0.5
    assert made.advance().exit_code == 6
    assert (made.kinds, made.target.writes) == ([], [])


def test_a_review_holds() -> None:
    made = workbench(make_plan(phase("one", step(ON=True)), triggers=[spike("odd", review="look first")]))
    made.source.answers = {"odd": 0.5}
    result = made.advance()
    assert (result.exit_code, result.decision.reasons) == (
        4,
        ("trigger odd fired: 50 % is above 1 % (review: look first)",),
    )


def test_completing_asks_nobody_to_change_anything_but_judges_the_last_exit() -> None:
    made = workbench(make_plan(phase("one", step(ON=True), at_exit=[gate("done")])))
    made.source.answers = {"done": 0.5}
    made.advanced(1)
    assert made.advance().exit_code == 3
    made.source.answers = {"done": 0.0}
    assert made.advance(confirm=yes).outcome is AdvanceOutcome.COMPLETE
    made.source.answers = {"done": 0.5}
    assert made.advance().exit_code == 0
