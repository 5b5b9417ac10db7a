"""What has to be judged, and what holds an advance besides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rollout.engine.agenda import Agenda, for_advance, for_phase
from rollout.engine.holds import holds
from rollout.engine.path import path
from rollout.model.state import Position, RolloutState, Status
from tests.fakes import NOON
from tests.small_plans import gate, make_plan, phase, spike, step

WATCHED = (
    spike("always"),
    replace(spike("late"), from_phase="limited"),
    replace(spike("once"), phases=("limited",)),
    replace(spike("last"), phases=("full", "nowhere")),
)
PLAN = make_plan(
    phase("prepare", at_exit=[gate("prepared")]),
    phase(
        "limited",
        step(gates=[gate("first")], soak=timedelta(days=1)),
        step(),
        entry=[gate("ready")],
        gates=[gate("steady")],
        at_exit=[gate("done")],
    ),
    phase("full", step(), step(), entry=[gate("all-ready")]),
    triggers=WATCHED,
)
STOPS = path(PLAN, "production")


def at(phase: str, step: int, status: Status = Status.IN_PROGRESS) -> RolloutState:
    return RolloutState(status, Position(phase, step), since=NOON)


def gates(agenda: Agenda) -> list[str]:
    return [f"{stage.value} {gate.id}" for stage, gate in agenda.gates]


@pytest.mark.parametrize(
    ("state", "needed", "index"),
    [
        (RolloutState(), [], 0),
        (at("prepare", 1), ["exit prepared", "entry ready"], 1),
        (at("limited", 1), ["step first", "step steady"], 2),
        (at("limited", 2), ["step steady", "exit done", "entry all-ready"], 3),
        (at("full", 1), [], 4),  # entry is judged once, to enter
        (at("full", 2), [], 5),
        (at("limited", 1, Status.PAUSED), ["step first", "step steady"], 2),
        (at("full", 2, Status.COMPLETE), [], 5),
    ],
)
def test_leaving_a_step_needs_its_gates_the_phases_and_the_next_phases_entry(
    state: RolloutState, needed: list[str], index: int
) -> None:
    agenda = for_advance(PLAN, STOPS, state)
    assert (gates(agenda), agenda.index) == (needed, index)


def test_the_first_advance_needs_the_entry_of_the_first_phase() -> None:
    plan = make_plan(phase("only", step(), step(), entry=[gate("ready")], at_exit=[gate("done")]))
    stops = path(plan, "production")
    assert gates(for_advance(plan, stops, RolloutState())) == ["entry ready"]
    assert gates(for_advance(plan, stops, at("only", 1))) == []
    assert gates(for_advance(plan, stops, at("only", 2))) == ["exit done"]


@pytest.mark.parametrize(
    ("restart", "needed", "index"),
    [(None, [], 0), (Position("limited", 2), ["entry ready"], 2), (Position("full", 1), ["entry all-ready"], 3)],
)
def test_a_restart_needs_only_the_entry_of_the_phase_it_returns_to(
    restart: Position | None, needed: list[str], index: int
) -> None:
    state = replace(at("full", 1, Status.ROLLED_BACK), restart=restart)
    agenda = for_advance(PLAN, STOPS, state)
    assert (gates(agenda), agenda.index) == (needed, index)


def test_a_gate_that_step_and_phase_both_name_is_judged_once() -> None:
    plan = make_plan(phase("only", step(gates=[gate("steady")]), gates=[gate("steady")], at_exit=[gate("steady")]))
    agenda = for_advance(plan, path(plan, "production"), at("only", 1))
    assert gates(agenda) == ["step steady", "exit steady"]


@pytest.mark.parametrize(
    ("stage", "needed", "watched"),
    [
        ("entry", ["entry ready"], 0),
        ("step", ["step first", "step steady"], 0),
        ("exit", ["exit done"], 0),
        ("triggers", [], 3),
        ("all", ["entry ready", "step first", "step steady", "exit done"], 3),
    ],
)
def test_a_phase_can_be_asked_for_by_stage_whether_started_or_not(stage: str, needed: list[str], watched: int) -> None:
    agenda = for_phase(PLAN, STOPS, PLAN.phases[1], stage)
    assert (gates(agenda), len(agenda.triggers), agenda.phase) == (needed, watched, "limited")


@pytest.mark.parametrize(
    ("state", "live"),
    [
        (RolloutState(), ["always"]),
        (at("prepare", 1), ["always"]),
        (at("limited", 1), ["always", "late", "once"]),
        (at("full", 1), ["always", "late", "last"]),
        (replace(at("full", 1, Status.ROLLED_BACK), restart=Position("limited", 1)), ["always", "late", "once"]),
    ],
)
def test_triggers_are_live_in_their_phases(state: RolloutState, live: list[str]) -> None:
    assert [trigger.id for trigger in for_advance(PLAN, STOPS, state).triggers] == live


def test_a_step_soaks_before_the_next_one() -> None:
    (hold,) = holds(PLAN, STOPS, at("limited", 1), NOON + timedelta(hours=13))
    assert (hold.id, hold.until) == ("soak", NOON + timedelta(days=1))
    assert hold.text == "soak of limited/1: 11 h of 24 h left"
    assert holds(PLAN, STOPS, at("limited", 1), NOON + timedelta(days=1)) == ()
    assert holds(PLAN, STOPS, at("limited", 1), NOON + timedelta(days=1, seconds=-1))
    assert holds(PLAN, STOPS, at("limited", 2), NOON) == ()
    assert holds(PLAN, STOPS, RolloutState(), NOON) == ()


def test_after_a_rollback_nothing_goes_on_by_itself_and_no_soak_counts() -> None:
    state = replace(at("limited", 1, Status.ROLLED_BACK), level="emergency")
    (hold,) = holds(PLAN, STOPS, state, NOON + timedelta(days=9))
    assert (hold.id, hold.until) == ("rolled-back", None)
    assert hold.text == "rolled back by emergency: `rollout advance --reason TEXT` starts again"
    assert holds(PLAN, STOPS, state, NOON, restarting=True) == ()
