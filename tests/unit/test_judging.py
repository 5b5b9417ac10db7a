"""What a verdict is made of besides the value now: the past, baselines, overrides, waiting, past moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from rollout.errors import ConflictError, StoreError, UsageError
from rollout.gates.combined import GateAlarm
from rollout.gates.http import HttpGate
from rollout.gates.metric import MetricGate
from rollout.gates.person import ConfirmAlarm
from rollout.model.conditions import parse_condition
from rollout.model.events import Draft, EventKind
from rollout.model.evidence import Query, RangeQuery, Unanswered
from rollout.model.plan import BaselineRule, OnUnknown, Trigger
from rollout.model.probes import HttpProbe, HttpReply
from rollout.model.verdicts import Outcome, Stage, TriggerOutcome, Verdict
from tests.fakes import NOON, ROLLOUT
from tests.small_plans import gate, make_plan, metric, phase, spike, step
from tests.workbench import DAY, Workbench, checkout, workbench

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def between(begin: datetime, end: datetime, inside: float, outside: float = 0.0) -> Callable[[datetime], float]:
    return lambda at: inside if begin <= at < end else outside


def reply(status: int) -> HttpReply:
    return HttpReply(address="http://app/health", quote=str, status=status)


def soaked() -> Workbench:
    """In limited/1 for a day, so that only what is judged stands in the way."""
    made = checkout().advanced(2)
    made.clock.advance(DAY)
    return made


def test_a_trigger_that_had_fired_since_the_step_began_holds_the_advance() -> None:
    made = soaked()
    made.source.answers["spike"] = between(NOON + HOUR, NOON + HOUR + MINUTE, inside=0.5)
    result = made.advance()
    assert result.exit_code == 4
    (trigger,) = result.decision.triggers
    assert trigger.finding.outcome is TriggerOutcome.QUIET
    assert trigger.fired_at is not None
    assert NOON + HOUR <= trigger.fired_at < NOON + HOUR + MINUTE
    assert "had fired since the step began" in result.decision.reasons[0]
    assert "--override spike --reason TEXT" in result.decision.reasons[0]


def test_a_trigger_that_fired_before_the_step_began_is_over() -> None:
    made = soaked()
    made.source.answers["spike"] = between(NOON - HOUR, NOON - MINUTE, inside=0.5)
    assert made.advance().exit_code == 0


def test_a_trigger_whose_past_cannot_be_told_is_unknown() -> None:
    made = soaked()

    class Forgetful(type(made.source)):  # type: ignore[misc]
        def _answer(self, question: object) -> object:
            return Unanswered("too many samples") if isinstance(question, RangeQuery) else super()._answer(question)

    made.source = Forgetful(made.source.answers, clock=made.clock)
    result = made.advance()
    assert result.exit_code == 5
    assert "it is unknown whether it fired since the step began: too many samples" in result.decision.reasons[0]


def test_what_a_refused_advance_saw_firing_is_remembered_where_nothing_else_tells() -> None:
    probe = HttpProbe("production", "http://app/health")
    down = Trigger("down", GateAlarm(gate=HttpGate(id="health", url="http://app/health")), rollback="emergency")
    made = workbench(make_plan(phase("one", step(ON=True)), phase("two"), triggers=[down]))
    made.source.others = {probe: reply(200)}
    made.advanced(1)
    made.source.others = {probe: reply(500)}
    assert made.advance().exit_code == 6
    made.source.others = {probe: reply(200)}
    assert made.advance().exit_code == 4
    assert made.advance(overrides=["down"], reason="the load balancer was restarted").exit_code == 0


def test_an_override_takes_a_gate_or_trigger_out_of_one_advance_and_is_recorded() -> None:
    made = soaked()
    made.source.answers.update({"errors": 0.5, "spike": 0.5})
    assert made.advance(overrides=["spike"], reason="false alarm").exit_code == 3
    result = made.advance(overrides=["spike", "errors"], reason="false alarm")
    assert result.exit_code == 0
    assert {one.id for one in result.decision.gates if one.overridden} == {"errors"}
    intent = next(event for event in reversed(made.events) if event.kind == "advance-intended")
    assert (intent.data["overrides"], intent.data["reason"]) == (["errors", "spike"], "false alarm")
    made.clock.advance(DAY)
    assert made.advance().exit_code == 6


def test_an_override_needs_a_reason_and_something_that_is_judged() -> None:
    made = soaked()
    with pytest.raises(UsageError, match="needs a reason"):
        made.advance(overrides=["spike"])
    with pytest.raises(UsageError, match="'ready'"):
        made.advance(overrides=["ready"], reason="it is of a later phase")


def test_an_override_is_no_way_past_the_soak() -> None:
    made = checkout().advanced(2)
    assert made.advance(overrides=["errors", "spike"], reason="hurry").exit_code == 4


def compared() -> Workbench:
    """prepare records errors at its exit, over an hour; one compares with that."""
    require = parse_condition("<= baseline + 0.1%")
    worse = MetricGate(id="no-worse", metric=metric("errors"), require=require)
    prepare = replace(phase("prepare"), baseline=(BaselineRule("errors"),))
    plan = make_plan(prepare, phase("one", step(ON=True), gates=[worse]), phase("two"))
    made = workbench(replace(plan, metrics={"errors": metric("errors")}))
    made.source.answers = {"errors": 0.002}
    return made


def test_a_baseline_is_recorded_when_its_phase_ends_and_compared_with_later() -> None:
    made = compared().advanced(1)
    assert not made.state.baselines
    made.clock.advance(DAY)
    leaving = made.advance()
    assert leaving.exit_code == 0
    assert [one.id for one in leaving.decision.gates] == ["baseline.prepare.errors"]
    recorded = made.state.baselines["prepare", "errors"]
    assert recorded.means[0].value == pytest.approx(0.002)
    assert recorded.over == HOUR
    made.source.answers = {"errors": 0.003}
    assert made.check().decision.verdict is Verdict.GO
    made.source.answers = {"errors": 0.0031}
    result = made.advance()
    assert result.exit_code == 3
    assert (
        result.decision.reasons == ("no-worse: 0.31 % is not at most 0.3 % (<= baseline + 0.1%)",)
        or "baseline" in result.decision.reasons[0]
    )


def test_a_phase_whose_baseline_cannot_be_taken_does_not_end() -> None:
    made = compared().advanced(1)
    made.source.answers = {"errors": lambda _: None}
    result = made.advance()
    assert (result.exit_code, result.decision.gates[0].finding.outcome) == (5, Outcome.UNKNOWN)
    assert "cannot be taken" in result.decision.reasons[0]


def test_the_mean_of_a_minute_is_no_baseline_of_an_hour() -> None:
    made = compared().advanced(1)
    made.source.answers = {"errors": lambda at: 0.002 if at > made.clock.now() - MINUTE else None}
    result = made.advance()
    assert result.exit_code == 5
    assert "only 1.664 % of it has data" in result.decision.reasons[0]


def test_a_baseline_that_was_never_recorded_names_its_phase() -> None:
    made = compared()
    finding = made.check("one").decision.gates[0].finding
    assert finding.outcome is Outcome.UNKNOWN
    assert finding.reason == "no baseline of errors has been recorded in prepare"


def test_the_earliest_baseline_of_a_run_counts() -> None:
    made = compared().advanced(1)
    made.clock.advance(DAY)
    made.advanced(1)
    made.rollback(to="prepare")
    made.source.answers = {"errors": 0.9}
    assert made.advance(reason="again").exit_code == 0  # prepare again
    assert made.check().decision.gates == ()
    assert made.advance().exit_code == 0
    assert made.state.baselines["prepare", "errors"].means[0].value == pytest.approx(0.002)


def test_a_baseline_at_the_entry_of_a_phase_is_recorded_by_the_advance_that_enters_it() -> None:
    made = compared()
    first, *others = made.plan.phases
    entering = replace(first, baseline=(BaselineRule("errors", at=Stage.ENTRY),))
    made.plan = replace(made.plan, phases=(entering, *others))
    assert made.advance().exit_code == 0
    assert ("prepare", "errors") in made.state.baselines


def test_metrics_that_a_phase_observes_are_shown_and_not_judged() -> None:
    observing = replace(phase("one", step(), gates=[gate("errors")]), observe=("load", "silent"))
    plan = make_plan(observing)
    made = workbench(replace(plan, metrics={name: metric(name, "number") for name in ("load", "silent")}))
    made.source.answers = {"errors": 0.0, "load": 0.7, "silent": lambda _: None}
    decision = made.check("one").decision
    assert decision.verdict is Verdict.GO
    assert [(one.metric, [s.value for s in one.series], one.reason) for one in decision.observed] == [
        ("load", [0.7], ""),
        ("silent", [], "no data"),
    ]


def test_a_past_moment_is_judged_by_the_record_and_the_data_of_then() -> None:
    made = soaked()
    made.source.answers["errors"] = between(NOON + HOUR, NOON + 2 * HOUR, inside=0.5)
    then = made.check(at=NOON + HOUR)
    assert (then.decision.verdict, then.evaluated_at, then.phase) == (Verdict.NO_GO, NOON + HOUR, "limited")
    assert Query("errors", "production", NOON + HOUR) in made.source.asked
    assert made.check().decision.verdict is Verdict.GO
    before = made.check(at=NOON - HOUR)
    assert (before.phase, before.decision.verdict) == ("prepare", Verdict.GO)
    with pytest.raises(UsageError, match="not in the past"):
        made.check(at=NOON + 9 * DAY)


def test_waiting_ends_with_the_verdict() -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY - 10 * MINUTE)
    assert made.check(wait=2 * DAY).decision.verdict is Verdict.GO
    assert made.clock.now() == NOON + DAY
    assert any("soak" in text for text in made.said)


def test_waiting_ends_when_its_time_is_over() -> None:
    made = checkout().advanced(2)
    assert made.check(wait=HOUR).decision.verdict is Verdict.HOLD
    assert made.clock.now() == NOON + HOUR


@pytest.mark.parametrize(("name", "verdict"), [("errors", Verdict.NO_GO), ("spike", Verdict.ROLLBACK)])
def test_what_has_failed_or_fired_is_not_waited_for(name: str, verdict: Verdict) -> None:
    made = checkout().advanced(2)
    made.source.answers[name] = 0.5
    assert made.check(wait=DAY).decision.verdict is verdict
    assert made.clock.now() == NOON


def test_an_advance_waits_too_and_takes_the_step_then() -> None:
    made = checkout().advanced(2)
    made.clock.advance(DAY - 10 * MINUTE)
    assert made.advance(wait=2 * DAY).exit_code == 0
    assert made.clock.now() == NOON + DAY


def test_an_advance_that_waits_gives_way_to_whoever_went_on_meanwhile() -> None:
    made = checkout().advanced(2)
    made.source.answers["errors"] = lambda at: None if at < NOON + HOUR else 0.0
    other = replace(made)

    def somebody_rolls_back() -> None:
        made.source.while_asked = lambda: None
        other.rollback(to="prepare")

    made.source.while_asked = somebody_rolls_back
    with pytest.raises(ConflictError, match=r"was faster|went on"):
        made.advance(wait=2 * DAY)


def test_a_gate_is_probed_as_often_as_it_says_a_second_apart_until_it_passes() -> None:
    def answer_next(made: Workbench, left: Iterator[int]) -> None:
        made.source.others = {HttpProbe("production", "http://app/health"): reply(next(left))}

    made = workbench(make_plan(phase("one", step())))
    replies = [500, 500, 200]
    for attempts, outcome in ((1, Outcome.FAIL), (2, Outcome.FAIL), (3, Outcome.PASS), (9, Outcome.PASS)):
        health = HttpGate(id="health", url="http://app/health", attempts=attempts)
        made.plan = make_plan(replace(phase("one", step()), gates=(health,)))
        made.source.while_asked = partial(answer_next, made, iter(replies))
        began = made.clock.now()
        assert made.check("one").decision.gates[0].finding.outcome is outcome
        assert made.clock.now() - began == timedelta(seconds=min(attempts, 3) - 1)


def test_a_trigger_on_a_gate_fires_when_no_probe_passes() -> None:
    health = HttpGate(id="health", url="http://app/health")
    probe = HttpProbe("production", "http://app/health")
    down = Trigger("down", GateAlarm(gate=health, times=3), rollback="emergency")
    made = workbench(make_plan(phase("one", step()), triggers=[down]))
    made.source.others = {probe: reply(500)}
    assert made.check("one").decision.verdict is Verdict.ROLLBACK
    assert made.clock.now() == NOON + timedelta(seconds=2)
    made.source.others = {probe: Unanswered("the name cannot be resolved")}
    assert made.check("one").decision.verdict is Verdict.UNKNOWN


def test_what_one_condition_asks_again_is_nobody_elses_evidence() -> None:
    health = HttpGate(id="health", url="http://app/health")
    down = Trigger("down", GateAlarm(gate=health, times=3), rollback="emergency")
    made = workbench(make_plan(replace(phase("one", step()), gates=(health,)), triggers=[down]))
    left = iter([500, 200])

    def answer_next() -> None:
        made.source.others = {HttpProbe("production", "http://app/health"): reply(next(left))}

    made.source.while_asked = answer_next
    decision = made.check("one").decision
    assert decision.triggers[0].finding.outcome is TriggerOutcome.QUIET
    assert (decision.gates[0].finding.outcome, decision.verdict) == (Outcome.FAIL, Verdict.NO_GO)


def test_nothing_is_asked_again_that_cannot_end_otherwise() -> None:
    health = HttpGate(id="health", url="http://${NO}/", attempts=100)
    made = workbench(make_plan(replace(phase("one", step()), gates=(health,))))
    made.source.others = {HttpProbe("production", "http://${NO}/"): Unanswered("NO is not set", unset="NO")}
    assert made.check("one").decision.unset == ("NO",)
    assert made.check("one", at=NOON).decision.verdict is Verdict.UNKNOWN
    assert made.clock.now() == NOON


def test_a_trigger_that_was_seen_firing_is_not_forgotten_when_nobody_can_tell_any_more() -> None:
    made = soaked()
    made.plan = replace(made.plan, triggers={"spike": replace(spike("spike"), on_unknown=OnUnknown.IGNORE)})
    made.source.answers["spike"] = 0.5
    assert made.advance().exit_code == 6
    made.source.answers["spike"] = Unanswered("connection refused")
    assert made.advance().exit_code == 4


def test_what_fired_before_the_first_step_is_not_held_against_it() -> None:
    made = checkout()
    made.source.answers["spike"] = 0.5
    made.store.append(ROLLOUT, [Draft(EventKind.ANSWERED, {"id": "x", "value": 1})], after=0, at=NOON, actor="ann")
    assert made.advance().exit_code == 6
    made.source.answers["spike"] = 0.0
    assert made.advance().exit_code == 0


def test_an_answer_that_stood_for_a_moment_is_seen_whenever_one_looks() -> None:
    corruption = Trigger("corruption", ConfirmAlarm(id="corruption", statement="Corrupt"), rollback="emergency")
    made = workbench(make_plan(phase("one", step(ON=True)), phase("two"), triggers=[corruption])).advanced(1)
    for minutes, value in ((10.0, True), (10.2, False)):
        at = NOON + minutes * MINUTE
        draft = Draft(EventKind.ANSWERED, {"id": "corruption", "value": value})
        made.store.append(ROLLOUT, [draft], after=len(made.events), at=at, actor="ann")
    made.clock.advance(11 * MINUTE)
    for _ in range(30):
        assert made.check().decision.verdict is Verdict.HOLD
        made.clock.sleep(7)


def test_a_retry_of_a_step_that_was_taken_asks_for_nothing_but_triggers() -> None:
    made = checkout().advanced(2)
    made.source.asked.clear()
    with pytest.raises(ConflictError, match="is not the next step"):
        made.advance(to="limited/1")
    assert {question.promql for question in made.source.asked if isinstance(question, Query)} == {"spike"}


def test_a_record_whose_times_cannot_be_read_is_a_sentence() -> None:
    made = checkout().advanced(1)
    made.store.chains[ROLLOUT] = [replace(event, at="2026-03-02T12:00:00") for event in made.events]
    with pytest.raises(StoreError, match="has no time"):
        made.check(at=NOON)


def test_a_window_of_an_exit_gate_begins_with_its_phase() -> None:
    steady = replace(gate("errors"), for_=48 * HOUR)
    plan = make_plan(phase("zero"), phase("one", step(ON=True), step(PERCENT=20), at_exit=[steady]), phase("two"))
    made = workbench(plan)
    made.source.answers = {"errors": between(NOON - 9 * DAY, NOON - HOUR, inside=0.5)}
    made.advanced(1)
    made.clock.advance(HOUR)
    made.advanced(1)
    made.clock.advance(HOUR)
    made.advanced(1)
    waiting = made.advance()
    assert waiting.exit_code == 4
    (finding,) = (one.finding for one in waiting.decision.gates)
    assert (finding.outcome, finding.held) == (Outcome.WAITING, HOUR)
    assert finding.earliest_pass == NOON + 49 * HOUR
    made.clock.advance(47 * HOUR)
    assert made.advance().exit_code == 0


def test_an_entry_gate_looks_back_as_far_as_it_says() -> None:
    steady = replace(gate("errors"), for_=48 * HOUR)
    made = workbench(make_plan(phase("zero"), phase("one", step(ON=True), entry=[steady])))
    made.source.answers = {"errors": between(NOON - 9 * DAY, NOON - HOUR, inside=0.5)}
    made.advanced(1)
    assert made.advance().exit_code == 3
    made.source.answers = {"errors": 0.0}
    assert made.advance().exit_code == 0
