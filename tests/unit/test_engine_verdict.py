"""Many outcomes, one verdict, in one order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.engine.agenda import Agenda
from rollout.engine.scopes import scopes_of
from rollout.engine.verdict import Gathered, decide
from rollout.gates.metric import MetricGate
from rollout.model.evidence import Query, Unanswered
from rollout.model.gate import Scope
from rollout.model.plan import Level, OnUnknown, Trigger
from rollout.model.state import Position, RolloutState, Status
from rollout.model.verdicts import Blocker, Decision, Stage, TriggerOutcome, Verdict
from tests.fakes import NOON, FakeSource, Reply, answer
from tests.small_plans import gate, make_plan, metric, spike

ANSWERS: dict[str, Reply] = {
    "pass": answer(0.0),
    "fail": answer(0.5),
    "unknown": answer(),
    "down": Unanswered("connection refused"),
    "waiting": answer(0.0),
    "fired": answer(0.5),
    "quiet": answer(0.0),
    "unsure": answer(),
}
SOAK = Blocker("soak", "soak of limited/1: 11 h of 24 h left", NOON + timedelta(hours=11))
WAITING = replace(gate("waiting"), metric=metric("waiting", reach=timedelta(minutes=5)))
LEVELS = (Level("partial"), Level("code"), Level("database"))


def gates(*names: str) -> list[MetricGate]:
    return [WAITING if name == "waiting" else gate(name) for name in names]


def decided(
    judged: Iterable[MetricGate] = (),
    triggers: Iterable[Trigger] = (),
    holds: Iterable[Blocker] = (),
    *,
    exposed: bool = True,
) -> Decision:
    plan = make_plan(triggers=triggers, levels=LEVELS)
    agenda = Agenda(tuple((Stage.STEP, one) for one in judged), tuple(triggers), "limited", 1)
    state = RolloutState(Status.IN_PROGRESS, Position("limited", 1), since=NOON, changed_at=NOON)
    scopes = scopes_of(plan, Scope("production", NOON), state, standing=True, phase="limited")
    questions = [question for trigger in triggers for question in trigger.alarm.needs(scopes.trigger(trigger))]
    evidence = FakeSource(ANSWERS).ask([*(Query(name, "production") for name in ANSWERS), *questions])
    gathered = Gathered(evidence, (evidence,) * (len(agenda.gates) + len(agenda.triggers)))
    return decide(plan, agenda, gathered, scopes, holds, exposed=exposed)


def test_where_nothing_stands_in_the_way_it_goes() -> None:
    assert decided().verdict is Verdict.GO
    for exposed in (True, False):
        assert decided(gates("pass"), [spike("quiet")], exposed=exposed).verdict is Verdict.GO


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("pass", Verdict.GO),
        ("fail", Verdict.NO_GO),
        ("unknown", Verdict.UNKNOWN),
        ("down", Verdict.UNKNOWN),
        ("waiting", Verdict.HOLD),
    ],
)
def test_each_outcome_of_a_gate_has_its_verdict_unless_it_is_advisory(name: str, verdict: Verdict) -> None:
    assert decided(gates(name)).verdict is verdict
    advisory = decided([replace(one, advisory=True) for one in gates(name)])
    assert advisory.verdict is Verdict.GO
    assert advisory.gates[0].required is False
    assert advisory.reasons == ()


REVIEW = spike("fired", review="look before you go on")
PARTS: dict[str, Verdict] = {
    "rollback": Verdict.ROLLBACK,
    "fail": Verdict.NO_GO,
    "unknown": Verdict.UNKNOWN,
    "unsure": Verdict.UNKNOWN,
    "waiting": Verdict.HOLD,
    "soak": Verdict.HOLD,
    "review": Verdict.HOLD,
    "pass": Verdict.GO,
}
ORDER = [Verdict.ROLLBACK, Verdict.NO_GO, Verdict.UNKNOWN, Verdict.HOLD, Verdict.GO]


def together(names: Iterable[str]) -> Decision:
    triggers = {"rollback": spike("fired"), "unsure": spike("unsure"), "review": REVIEW}
    return decided(
        gates(*(name for name in names if name in ("fail", "unknown", "waiting", "pass"))),
        [triggers[name] for name in names if name in triggers],
        [SOAK] if "soak" in names else [],
    )


@pytest.mark.parametrize("names", [pair for size in (1, 2, 3) for pair in combinations(PARTS, size)])
def test_the_worst_of_all_is_the_verdict(names: tuple[str, ...]) -> None:
    if {"rollback", "review"} <= set(names):
        names = tuple(name for name in names if name != "review")  # both watch the same answer
    assert together(names).verdict is min((PARTS[name] for name in names), key=ORDER.index)


def test_exit_codes() -> None:
    assert [verdict.exit_code for verdict in ORDER] == [6, 3, 5, 4, 0]


@pytest.mark.parametrize(
    ("on_unknown", "exposed", "verdict"),
    [
        (OnUnknown.BLOCK, True, Verdict.UNKNOWN),
        (OnUnknown.BLOCK, False, Verdict.GO),
        (OnUnknown.IGNORE, True, Verdict.GO),
        (OnUnknown.IGNORE, False, Verdict.GO),
    ],
)
def test_a_trigger_nobody_can_judge_counts_once_a_flag_is_exposed_and_is_always_shown(
    on_unknown: OnUnknown, exposed: bool, verdict: Verdict
) -> None:
    decision = decided(gates("pass"), [replace(spike("unsure"), on_unknown=on_unknown)], exposed=exposed)
    assert decision.verdict is verdict
    assert decision.triggers[0].finding.outcome is TriggerOutcome.UNKNOWN
    assert bool(decision.reasons) is (verdict is Verdict.UNKNOWN)


def test_a_trigger_nobody_can_judge_never_rolls_back_unless_the_plan_says_so_and_it_has_lasted() -> None:
    unsure = replace(spike("unsure"), on_unknown=OnUnknown.ROLLBACK, unknown_after=timedelta(minutes=10))
    for trigger in (replace(unsure, on_unknown=one) for one in (OnUnknown.BLOCK, OnUnknown.IGNORE)):
        assert decided((), [trigger]).rollback_level == ""
    assert decided((), [unsure]).verdict is Verdict.ROLLBACK
    assert decided((), [unsure], exposed=False).verdict is Verdict.GO
    # Nobody answers: that says nothing about how long it has been so.
    assert decided((), [replace(unsure, alarm=spike("down").alarm)]).verdict is Verdict.UNKNOWN
    assert decided((), [replace(unsure, alarm=spike("quiet").alarm)]).verdict is Verdict.GO


def test_a_fired_trigger_blocks_even_where_nothing_is_exposed() -> None:
    assert decided(gates("pass"), [spike("fired")], exposed=False).verdict is Verdict.ROLLBACK
    assert decided(gates("pass"), [REVIEW], exposed=False).verdict is Verdict.HOLD


@pytest.mark.parametrize(
    ("levels", "chosen"),
    [
        (["partial"], "partial"),
        (["database", "code"], "code"),
        (["database", "code", "partial"], "partial"),
        (["code", "emergency"], "emergency"),
        (["emergency", "partial"], "emergency"),
        ([], ""),
    ],
)
def test_of_several_levels_emergency_comes_first_then_the_plans_order(levels: list[str], chosen: str) -> None:
    triggers = [spike("fired", level, id=f"t{number}") for number, level in enumerate(levels)]
    assert decided((), [*triggers, REVIEW, spike("quiet", "emergency")]).rollback_level == chosen


def test_reasons_name_what_stands_in_the_way_worst_first() -> None:
    decision = decided(
        gates("waiting", "unknown", "pass", "fail"), [spike("fired"), spike("unsure"), spike("quiet")], [SOAK]
    )
    assert [reason.split(":")[0] for reason in decision.reasons] == [
        "trigger fired fired",
        "fail",
        "unknown",
        "trigger unsure cannot be judged",
        "waiting",
        "soak of limited/1",
    ]
    assert decision.reasons[0] == "trigger fired fired: 50 % is above 1 % (rollback: emergency)"
    assert decision.reasons[1] == "fail: 50 % is not below 0.1 %"


LATER: datetime = NOON + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("judged", "holds", "time"),
    [
        ([], [], None),
        ([], [SOAK], SOAK.until),
        (gates("waiting"), [], LATER),
        (gates("waiting"), [SOAK], SOAK.until),
        (gates("waiting", "pass"), [], LATER),
        (gates("waiting", "fail"), [SOAK], None),
        (gates("unknown"), [SOAK], None),
        ([], [SOAK, Blocker("rolled-back", "rolled back")], None),
        ([replace(gate("fail"), advisory=True)], [SOAK], SOAK.until),
    ],
)
def test_the_next_step_has_a_time_where_all_that_blocks_it_has_one(
    judged: list[MetricGate], holds: list[Blocker], time: datetime | None
) -> None:
    assert decided(judged, (), holds).earliest == time


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(PARTS)), unique=True))
def test_it_goes_only_where_everything_required_passes(names: list[str]) -> None:
    assert (together(names).verdict is Verdict.GO) is (set(names) <= {"pass"})
