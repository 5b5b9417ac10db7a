"""Checklists and sign-offs stand in the way of an advance until people have said so in the visit that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from rollout.engine.agenda import for_advance
from rollout.model.plan import ChecklistItem, Freeze, Plan, Windows
from rollout.model.state import Position
from rollout.model.verdicts import Stage, Verdict
from rollout.operations.answer import answer, tick, untick
from rollout.operations.checklist import Checklist, checklist, sign
from rollout.operations.close import close
from tests.asking import READY, refusal
from tests.fakes import NOON
from tests.plans.small import read_text, small
from tests.small_plans import gate, make_plan, phase, step
from tests.ticking import LOAD, bench, in_one, signed, ticked
from tests.workbench import DAY, Workbench, workbench


def in_two() -> Workbench:
    made = ticked(in_one(), "runbook", "told")
    signed(made, "Engineering Lead")
    signed(made, "Product Owner")
    return made.advanced(1)


def blockers(made: Workbench) -> Sequence[str]:
    decision = made.check().decision
    assert decision.verdict is (Verdict.HOLD if decision.reasons else Verdict.GO)
    return decision.reasons


def listed(made: Workbench) -> Checklist:
    return checklist(made.desk())


RUNBOOK_OPEN = "runbook is not ticked: Runbook reviewed (rollout tick runbook)"


def test_an_item_before_the_entry_holds_the_start_until_it_is_ticked() -> None:
    made = bench()
    assert blockers(made) == ("backup is not ticked: Backup taken (rollout tick backup)",)
    assert made.advance().exit_code == 4
    assert blockers(ticked(made, "backup")) == ()
    made.advanced(1)


def test_items_and_signatures_are_wanted_with_the_last_step_of_their_phase() -> None:
    made = in_one(1)
    assert blockers(made) == ()
    made.advanced(1)
    assert blockers(made) == (
        RUNBOOK_OPEN,
        "nobody has signed as Engineering Lead (rollout sign --as 'Engineering Lead')",
        "told is not ticked: Support is told (rollout tick told)",
        "nobody has signed as Product Owner (rollout sign --as 'Product Owner')",
    )
    ticked(made, "runbook")
    signed(made, "Engineering Lead")
    signed(made, "Product Owner")
    assert blockers(made) == ("told is not ticked: Support is told (rollout tick told)",)
    ticked(made, "told").advanced(1)
    assert blockers(made) == (RUNBOOK_OPEN,)


def test_a_missing_tick_has_no_time_of_its_own() -> None:
    made = in_one()
    following = made.status().next
    assert following is not None
    assert (following.earliest, following.blockers) == (None, blockers(made))
    assert made.status().verdict is Verdict.HOLD


def test_what_was_ticked_in_one_visit_does_not_count_in_the_next_phase() -> None:
    made = in_two()
    assert blockers(made) == (RUNBOOK_OPEN,)
    assert blockers(ticked(made, "runbook")) == ()


def test_what_was_ticked_in_the_first_step_counts_for_the_whole_visit() -> None:
    made = ticked(in_one(1), "runbook", "told").advanced(1)
    assert [one.split()[0] for one in blockers(made)] == ["nobody", "nobody"]


def test_after_a_rollback_everything_is_ticked_and_signed_anew() -> None:
    made = ticked(in_one(), "runbook", "told")
    signed(made, "Engineering Lead")
    made.clock.sleep(60)
    made.rollback("emergency")
    made.clock.sleep(60)
    held = made.advance(reason="fixed")
    assert (held.exit_code, held.decision.reasons) == (4, ("backup is not ticked: Backup taken (rollout tick backup)",))
    ticked(made, "backup")
    assert made.advance(reason="fixed").exit_code == 0
    made.advanced(1)
    assert len(blockers(made)) == 4


def test_a_restart_in_a_later_phase_wants_the_entry_of_that_phase() -> None:
    made = in_two()
    made.clock.sleep(60)
    made.rollback("emergency")
    agenda = for_advance(made.plan, made.desk().stops, made.state, Position("two", 1))
    assert [task.id for task in agenda.tasks] == ["told", "Product Owner"]
    ticked(made, "told")
    signed(made, "Product Owner")
    assert "(rolled-back)" in refusal(lambda: tick(made.desk(), ["runbook"]))[0]


def test_a_signature_is_recorded_with_who_when_and_for_which_phase() -> None:
    made = in_one()
    result = sign(made.desk("bob"), "Engineering Lead", "read it all")
    event = made.events[-1]
    assert (event.kind, event.actor) == ("signed", "bob")
    assert event.data == {"role": "Engineering Lead", "phase": "one", "reason": "read it all"}
    assert (result.role, result.phase, result.by, result.head) == ("Engineering Lead", "one", "bob", event.hash)
    assert signed(made, "Product Owner").phase == "two"
    (lead, owner) = listed(made).sign_off
    assert (lead.id, lead.done, lead.by, owner.done, owner.phase) == ("Engineering Lead", True, "bob", True, "two")


def test_only_roles_that_are_asked_for_now_sign() -> None:
    made = bench()
    message, hint = refusal(lambda: signed(made, "Product Owner"))
    assert message == "nobody is asked to sign as 'Product Owner' now (not-started)"
    assert hint == "no signature is asked for now"
    made = in_one()
    assert refusal(lambda: signed(made, "Lead"))[1] == "asked for now: Engineering Lead, Product Owner"
    assert refusal(lambda: signed(in_two(), "Product Owner"))[1] == "no signature is asked for now"
    assert made.kinds.count("signed") == 0


def test_an_item_with_a_gate_is_open_until_the_gate_passes() -> None:
    made = ticked(in_one(), "runbook", "told")
    signed(made, "Engineering Lead")
    signed(made, "Product Owner")
    assert [(one.id, one.stage) for one in made.check().decision.gates] == [("load", Stage.EXIT)]
    made.source.answers["load"] = 0.5
    decision = made.check().decision
    assert (decision.verdict, len(decision.reasons)) == (Verdict.NO_GO, 2)
    assert decision.reasons[1] == "load-tested is open: Load tested (ticked by its gate load)"
    assert [one.done for one in listed(made).items if one.gate] == [False]
    assert made.advance(overrides=["load"], reason="test").exit_code == 0


def test_an_item_with_a_gate_is_ticked_by_nobody_else() -> None:
    made = in_one()
    why = ("'load-tested' is ticked by its gate 'load' alone", "`rollout check-gates` judges it")
    assert refusal(lambda: tick(made.desk(), ["load-tested"])) == why
    assert refusal(lambda: untick(made.desk(), ["load-tested"])) == why
    assert "its gate 'load'" in refusal(lambda: answer(made.desk(), "load-tested", "yes"))[0]


def test_a_gate_that_a_phase_judges_anyway_is_judged_once_for_its_item() -> None:
    one = replace(phase("one", step(ON=True), at_exit=[gate("load")]), checklist=(LOAD,))
    made = bench(replace(make_plan(one), gates={"load": gate("load")})).advanced(1)
    check = made.check()
    assert ([one.id for one in check.decision.gates], check.decision.verdict) == (["load"], Verdict.GO)
    assert made.check("one", "exit").decision.tasks == ()


def test_a_gate_that_people_answer_ticks_its_item() -> None:
    one = replace(phase("one", step(ON=True)), checklist=(ChecklistItem("ready-item", "Ready", gate="ready"),))
    made = bench(replace(make_plan(one), gates={"ready": READY})).advanced(1)
    assert made.check().decision.verdict is Verdict.HOLD
    assert [one.id for one in listed(made).gates] == ["ready"]
    assert blockers(ticked(made, "ready")) == ()


def test_a_tick_is_taken_back() -> None:
    made = ticked(in_one(), "runbook")
    assert RUNBOOK_OPEN not in blockers(made)
    result = untick(made.desk("bob"), ["runbook", "told"])
    assert [(one.id, one.value, one.outcome, one.by) for one in result.answers] == [
        ("runbook", False, "waiting", "bob")
    ]
    assert result.unchanged == ("told",)
    assert RUNBOOK_OPEN in blockers(made)
    before = made.kinds
    again = untick(made.desk(), ["runbook"])
    assert (again.answers, again.unchanged, again.head) == ((), ("runbook",), made.events[-1].hash)
    assert made.kinds == before
    assert refusal(lambda: untick(made.desk(), ["nothing"]))[0].startswith("the plan asks nobody")


def test_a_confirmation_is_taken_back_too() -> None:
    one = replace(phase("one", step(ON=True)), exit=(READY,))
    made = ticked(bench(make_plan(one)).advanced(1), "ready")
    assert blockers(made) == ()
    untick(made.desk(), ["ready"])
    assert made.check().decision.verdict is Verdict.NO_GO


def test_an_item_is_answered_with_yes_and_no() -> None:
    made = in_one()
    assert answer(made.desk(), "runbook", "yes").answers[0].outcome == "pass"
    assert answer(made.desk(), "runbook", "no").answers[0].outcome == "waiting"
    assert RUNBOOK_OPEN in blockers(made)


def test_two_who_tick_at_once_are_both_heard() -> None:
    made = in_one()
    desk = made.desk()
    made.store.before_append = lambda: tick(made.desk("eve"), ["told"])
    tick(desk, ["runbook"])
    assert [(event.actor, event.data["id"]) for event in made.events[-2:]] == [("eve", "told"), ("ann", "runbook")]
    desk = made.desk()
    made.store.before_append = lambda: sign(made.desk("eve"), "Product Owner")
    sign(desk, "Engineering Lead")
    assert blockers(made) == ()


def test_a_tick_that_an_advance_has_gone_past_is_refused() -> None:
    made = in_one()
    desk = made.desk()
    ticked(made, "runbook", "told")
    signed(made, "Engineering Lead")
    signed(made, "Product Owner")
    made.advanced(1)
    assert refusal(lambda: tick(desk, ["told"]))[0].endswith("given during one, to enter two")
    assert refusal(lambda: tick(made.desk(), ["backup"]))[0].endswith("given before the start")


def test_the_list_is_of_the_present_phase_and_the_next_entry() -> None:
    made = bench()
    before = listed(made)
    assert (before.phase, [one.id for one in before.items], before.done, before.total) == ("one", ["backup"], 0, 1)
    made = ticked(in_one(1), "runbook", who="bob")
    result = listed(made)
    assert [(one.id, one.done, one.by, one.at, one.stage.value, one.phase) for one in result.items] == [
        ("backup", True, "ann", NOON + timedelta(minutes=1), "entry", "one"),
        ("runbook", True, "bob", NOON + timedelta(minutes=3), "exit", "one"),
        ("load-tested", True, "", None, "exit", "one"),
        ("told", False, "", None, "entry", "two"),
    ]
    assert (result.done, result.total, result.head) == (3, 6, made.events[-1].hash)
    status = made.status()
    assert (status.checklist.done, status.checklist.total) == (3, 6)


def test_of_a_complete_rollout_the_last_phase_is_listed() -> None:
    made = ticked(in_two(), "runbook").advanced(1)
    assert made.state.status == "complete"
    result = listed(made)
    assert [(one.id, one.done) for one in (*result.items, *result.sign_off)] == [
        ("told", True),
        ("runbook", True),
        ("Product Owner", True),
    ]
    assert blockers(made) == ()


def test_what_enters_the_next_run_is_given_once_the_last_one_is_over() -> None:
    made = ticked(in_two(), "runbook").advanced(1)
    assert tick(made.desk(), ["backup"]).answers[0].outcome == "pass"
    assert blockers(made) == ()


def test_as_of_a_past_moment_what_was_said_later_does_not_count() -> None:
    made = in_one()
    then = made.clock.now()
    ticked(made, "runbook")
    made.clock.sleep(60)
    assert RUNBOOK_OPEN in made.check(at=then).decision.reasons
    assert RUNBOOK_OPEN not in made.check().decision.reasons


def test_a_window_holds_an_advance_and_says_from_when_it_may_be_made() -> None:
    frozen = Windows(freeze=(Freeze(NOON.date(), NOON.date(), "launch of something else"),))
    made = workbench(replace(make_plan(phase("one", step(ON=True, soak=DAY / 24)), phase("two")), windows=frozen))
    (reason,) = blockers(made)
    assert reason.startswith("frozen 2026-03-02: launch of something else; opens Tue 2026-03-03 00:00 UTC")
    assert made.advance().exit_code == 4
    assert made.advance(overrides=["window"], reason="agreed").exit_code == 0
    following = made.status().next
    assert following is not None
    assert [one.split()[0] for one in following.blockers] == ["soak", "frozen"]
    assert following.earliest == NOON + DAY / 2
    assert made.rollback("emergency").exit_code == 0


def test_a_soak_that_ends_outside_the_hours_ends_with_the_next_opening() -> None:
    hours = replace(plan_with_hours(), phases=(phase("one", step(ON=True, soak=DAY / 2)), phase("two")))
    made = workbench(hours, ON="false", PERCENT="0").advanced(1)
    following = made.status().next
    assert following is not None
    assert following.earliest == NOON + timedelta(hours=21)


def plan_with_hours() -> Plan:
    read = read_text(small("windows: {allow: ['Mon-Fri 09:00-16:00 UTC']}")).plan
    assert read is not None
    return replace(make_plan(), windows=read.windows)


def test_a_first_advance_that_failed_keeps_what_was_ticked_before_it() -> None:
    made = ticked(bench(), "backup")
    made.target.fails.add("write")
    assert made.advance().exit_code == 8
    made.target.fails.clear()
    assert blockers(made) == ()


def test_what_was_given_for_the_next_phase_does_not_outlive_a_rollback() -> None:
    made = ticked(in_one(), "told")
    signed(made, "Product Owner")
    made.clock.sleep(60)
    made.rollback(to="one/1")
    ticked(made, "backup")
    made.clock.sleep(60)
    assert made.advance(reason="again").exit_code == 0
    made.advanced(1)
    assert [one.split()[0] for one in blockers(made)] == ["runbook", "nobody", "told", "nobody"]
    assert [one.done for one in listed(made).items] == [True, False, True, False]


def test_of_a_closed_rollout_nothing_is_asked_and_the_next_run_may_be_prepared() -> None:
    made = in_one()
    close(made.desk(), "over")
    made.clock.sleep(60)
    assert (listed(made).phase, listed(made).total) == ("", 0)
    assert tick(made.desk(), ["backup"]).answers[0].outcome == "pass"
    assert refusal(lambda: tick(made.desk(), ["runbook"]))[0].startswith("'runbook' is not asked now (closed)")


def test_a_closed_rollout_is_asked_for_nothing_by_an_advance() -> None:
    made = in_one()
    made.source.answers["load"] = 0.5
    close(made.desk(), "over")
    assert blockers(made) == ("closed: `rollout advance --new` starts another run",)
    assert made.advance().exit_code == 4
