"""Where a rollout stands, what blocks it, and what check-gates says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rollout.errors import ConflictError, UsageError
from rollout.model.evidence import Query, Unanswered
from rollout.model.state import Position, Status
from rollout.model.verdicts import TriggerOutcome, Verdict
from tests.fakes import NOON, answer
from tests.small_plans import PERCENT, gate, make_plan, phase, spike, step
from tests.workbench import DAY, Workbench, with_pending, workbench


def bench(**held: str) -> Workbench:
    plan = make_plan(
        phase("prepare"),
        phase("limited", step(ON=True, PERCENT=20, soak=DAY), gates=[gate("errors")], at_exit=[gate("done")]),
        phase("full", step(PERCENT=100), entry=[gate("ready")]),
        triggers=[spike("spike"), replace(spike("late"), from_phase="full")],
    )
    made = workbench(plan, **(held or {"ON": "false", "PERCENT": "0", "ALLOW": "a"}))
    made.source.answers = {"errors": 0.0, "done": 0.0, "ready": 0.0, "spike": 0.0, "late": 0.0}
    return made


def test_before_the_start_it_shows_what_is_there_and_where_it_begins() -> None:
    report = bench().status()
    assert (report.state.status, report.state.position) == (Status.NOT_STARTED, None)
    assert report.values == {"ON": False, "PERCENT": 0, "ALLOW": ("a",)}
    assert report.plan_sha256 == "f" * 64
    assert report.next is not None
    assert (report.next.position, report.next.blockers) == (Position("prepare", 1), ())
    assert report.next.values == {"ON": False, "PERCENT": 0, "ALLOW": ("a",)}


def test_on_the_way_it_shows_the_next_step_and_from_when_it_is_possible() -> None:
    made = bench().advanced(2)
    made.clock.advance(timedelta(hours=1))
    report = made.status()
    assert (report.state.status, report.state.position, report.state.since) == (
        Status.IN_PROGRESS,
        Position("limited", 1),
        NOON,
    )
    assert report.values == {"ON": True, "PERCENT": 20, "ALLOW": ("a",)}
    assert report.next is not None
    assert (report.next.position, report.next.earliest) == (Position("full", 1), NOON + DAY)
    assert report.next.values == {"ON": True, "PERCENT": 100, "ALLOW": ("a",)}
    assert report.next.blockers == ("soak of limited/1: 23 h of 24 h left",)


def test_what_blocks_the_next_step_is_said() -> None:
    made = bench().advanced(2)
    made.clock.advance(DAY)
    made.source.answers["errors"] = 0.5
    made.difference = "+PERCENT: 50"
    made.target.held["PERCENT"] = "70"
    report = made.status()
    assert report.next is not None
    assert report.next.earliest is None
    text = "\n".join(report.next.blockers)
    for part in ("errors: 50 % is not below 0.1 %", "plan has been edited", "PERCENT at api is not as recorded"):
        assert part in text
    assert report.plan_changed
    assert [(change.slot.flag, change.before, change.after) for change in report.drift] == [("PERCENT", 20, 70)]


def test_the_last_step_leads_to_completion_and_a_complete_rollout_nowhere() -> None:
    made = bench().advanced(2)
    made.clock.advance(DAY)
    made.advanced(1)
    last = made.status().next
    assert last is not None
    assert (last.position, last.label) == (None, "complete")
    made.advanced(1)
    report = made.status()
    assert (report.state.status, report.next, report.verdict) == (Status.COMPLETE, None, Verdict.GO)


def test_a_target_that_cannot_be_read_is_said_and_shows_what_is_recorded() -> None:
    flags = (replace(PERCENT, targets={"web": ""}), replace(PERCENT, name="SHARE", targets={"api": ""}))
    plan = make_plan(phase("one", step(PERCENT=20, SHARE=30)), flags=flags, targets=("web", "api"))
    made = workbench(plan).advanced(1)
    made.targets["web"].fails = {"read"}
    report = made.status()
    assert report.values == {"PERCENT": 20, "SHARE": 30}
    assert report.unreadable == ("web: read failed",)
    assert report.drift == ()


def test_a_dead_prometheus_stops_no_status() -> None:
    made = bench().advanced(2)
    made.source.answers = dict.fromkeys(made.source.answers, Unanswered("connection refused"))
    report = made.status()
    assert report.decision is not None
    assert report.decision.verdict is Verdict.UNKNOWN
    assert report.values["PERCENT"] == 20


def test_an_interrupted_change_is_shown() -> None:
    made = with_pending(bench().advanced(1))
    report = made.status()
    assert report.state.pending is not None
    assert report.next is not None
    assert "that bob began" in report.next.blockers[0]


def test_a_rolled_back_rollout_shows_where_it_starts_again() -> None:
    made = bench().advanced(2)
    made.rollback("emergency")
    report = made.status()
    assert report.state.status is Status.ROLLED_BACK
    assert report.next is not None
    assert report.next.position == Position("prepare", 1)
    assert "--reason" in report.next.blockers[0]


def test_showing_writes_and_records_nothing() -> None:
    made = bench().advanced(2)
    events, writes = made.kinds, len(made.target.writes)
    made.status()
    made.check()
    made.check("full")
    assert (made.kinds, len(made.target.writes)) == (events, writes)


def test_check_gates_judges_what_advance_would_need() -> None:
    made = bench().advanced(2)
    check = made.check()
    assert (check.phase, check.stage, check.decision.verdict) == ("limited", "", Verdict.HOLD)
    assert [one.id for one in check.decision.gates] == ["errors", "done", "ready"]
    made.clock.advance(DAY)
    assert made.check().decision.verdict is Verdict.GO
    made.source.answers["ready"] = 0.5
    assert made.check().decision.verdict is Verdict.NO_GO
    assert made.check().evaluated_at == NOON + DAY


def test_check_gates_of_a_complete_rollout_judges_its_last_exit() -> None:
    made = workbench(make_plan(phase("one", step(ON=True), at_exit=[gate("done")])))
    made.source.answers = {"done": 0.0}
    made.advanced(2)
    made.source.answers = {"done": 0.5}
    assert made.check().decision.verdict is Verdict.NO_GO


@pytest.mark.parametrize(
    ("phase_id", "stage", "gates", "triggers"),
    [
        ("limited", "", ["errors", "done"], ["spike"]),
        ("limited", "all", ["errors", "done"], ["spike"]),
        ("full", "entry", ["ready"], []),
        ("limited", "step", ["errors"], []),
        ("limited", "exit", ["done"], []),
        ("full", "triggers", [], ["spike", "late"]),
    ],
)
def test_check_gates_judges_any_phase_and_stage_without_soak(
    phase_id: str, stage: str, gates: list[str], triggers: list[str]
) -> None:
    check = bench().advanced(2).check(phase_id, stage)
    assert [one.id for one in check.decision.gates] == gates
    assert [one.id for one in check.decision.triggers] == triggers
    assert (check.decision.verdict, check.stage) == (Verdict.GO, stage or "all")


def test_of_a_phase_an_unknown_trigger_counts_even_before_the_start() -> None:
    made = bench()
    made.source.answers["spike"] = answer()
    assert made.check("limited").decision.verdict is Verdict.UNKNOWN
    shown = made.check().decision
    assert (shown.verdict, shown.triggers[0].finding.outcome) == (Verdict.GO, TriggerOutcome.UNKNOWN)
    made.advanced(2)
    made.clock.advance(DAY)
    assert made.check().decision.verdict is Verdict.UNKNOWN


def test_check_gates_names_an_unknown_phase() -> None:
    with pytest.raises(UsageError, match="nowhere"):
        bench().check("nowhere")


def test_a_fired_trigger_comes_before_a_conflict_and_that_before_the_verdict() -> None:
    made = bench().advanced(2)
    made.clock.advance(DAY)
    made.source.answers.update({"errors": 0.5, "spike": 0.5})
    made.difference = "+PERCENT: 50"
    decision = made.check().decision
    assert (decision.verdict, decision.rollback_level) == (Verdict.ROLLBACK, "emergency")
    made.source.answers["spike"] = 0.0
    with pytest.raises(ConflictError, match="PERCENT: 50"):
        made.check()
    assert made.check("limited").decision.verdict is Verdict.NO_GO  # of the file given, not of the rollout


def test_each_query_is_asked_once() -> None:
    made = workbench(
        make_plan(phase("one", step(), gates=[gate("a"), gate("a", "> -1", id="b")]), triggers=[spike("a")])
    )
    made.source.answers = {"a": 0.0}
    made.advanced(1)
    made.source.asked.clear()
    made.check()
    assert [question for question in made.source.asked if isinstance(question, Query)] == [Query("a", "production")]
    assert len(made.source.asked) == len(set(made.source.asked))
