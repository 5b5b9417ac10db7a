"""What to do next about a verdict: a command that does it, of which a shell reads every word as it is meant."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import timedelta

import pytest
from typer.main import get_group

from rollout.cli.app import app
from rollout.engine.following import following
from rollout.model.plan import Level, SignOff, Trigger
from rollout.model.verdicts import Verdict
from rollout.operations.close import close
from rollout.operations.pause import pause
from tests.asking import asking, forced
from tests.fakes import answer
from tests.small_plans import alarm, gate, make_plan, phase, spike, step
from tests.ticking import bench as with_tasks
from tests.ticking import in_one, plan, signed, ticked
from tests.workbench import DAY, Workbench, checkout, workbench

COMMANDS = get_group(app).commands


def next_of(made: Workbench, verdict: Verdict = Verdict.HOLD) -> str:
    """Of `check-gates`; what `advance` says is the same, and so is what `status` says."""
    decision = made.check().decision
    assert decision.verdict is verdict
    found = following(decision)
    step = made.status().next
    assert (step.command if step else found) == found
    return found


def gated(promql: str = "errors", *, entry: bool = False, trigger: Trigger | None = None) -> Workbench:
    """In the first of two phases: leaving it, or entering the second, depends on what `promql` comes to."""
    gates = (gate(promql),)
    first, second = phase("one", step(ON=True)), phase("two", step(PERCENT=50))
    phases = (first, replace(second, entry=gates)) if entry else (replace(first, gates=gates), second)
    made = workbench(make_plan(*phases, triggers=[trigger] if trigger else []), ON="false", PERCENT="0")
    made.source.answers = {"errors": 0.0, "spike": 0.0}
    return made.advanced(1)


def test_go_leads_to_an_advance() -> None:
    assert next_of(gated(), Verdict.GO) == "rollout advance"


def test_what_soaks_is_advanced_later_and_it_says_from_when() -> None:
    made = checkout().advanced(2)
    assert next_of(made) == "rollout advance"
    assert made.check().decision.earliest == made.clock.now() + DAY


@pytest.mark.parametrize("everything", [False, True])
def test_a_pause_ends_by_a_resume(everything: bool) -> None:
    made = checkout().advanced(2)
    pause(made.desk("bob"), "lunch", everything=everything)
    assert next_of(made) == "rollout resume"


@pytest.mark.parametrize("was_paused", [False, True])
def test_after_a_rollback_a_reason_is_wanted(was_paused: bool) -> None:
    made = checkout().advanced(2)
    if was_paused:
        pause(made.desk("bob"))
    made.rollback("emergency")
    assert next_of(made) == "rollout advance --reason TEXT"
    assert made.advance(reason="it was the cache").exit_code == 0


def test_what_is_closed_starts_anew() -> None:
    made = checkout().advanced(2)
    close(made.desk(), "cancelled")
    assert following(made.check().decision) == "rollout advance --new"


def test_people_are_asked_one_after_the_other() -> None:
    assert next_of(with_tasks()) == "rollout tick backup"
    made = in_one()
    assert next_of(made) == "rollout tick runbook"
    ticked(made, "runbook")
    assert next_of(made) == "rollout sign --as 'Engineering Lead'"
    signed(made, "Engineering Lead")
    assert next_of(made) == "rollout tick told"


def test_a_question_is_answered_and_a_confirmation_ticked_as_their_own_sentences_say() -> None:
    made = forced(asking(), "one/1", "one/2")
    reasons = made.check().decision.reasons
    assert next_of(made) == "rollout answer pages VALUE"
    assert "(rollout answer pages VALUE)" in " ".join(reasons)
    fresh = asking()
    assert next_of(fresh) == "rollout tick ready"
    assert "(rollout tick ready)" in " ".join(fresh.check().decision.reasons)


@pytest.mark.parametrize(("level", "words"), [("emergency", "--emergency"), ("partial", "--level partial")])
def test_a_fired_trigger_leads_to_its_level(level: str, words: str) -> None:
    made = gated(trigger=spike(rollback=level))
    made.source.answers["spike"] = 0.5
    assert next_of(made, Verdict.ROLLBACK) == f"rollout rollback {words}"


@pytest.mark.parametrize(
    ("done", "wanted", "command"),
    [
        ("emergency", "emergency", "rollout advance --reason TEXT, once it has recovered"),
        ("emergency", "partial", "rollout advance --reason TEXT, once it has recovered"),
        ("partial", "partial", "rollout advance --reason TEXT, once it has recovered"),
        ("partial", "emergency", "rollout rollback --emergency"),
    ],
)
def test_what_has_been_rolled_back_is_not_rolled_back_once_more(done: str, wanted: str, command: str) -> None:
    plan = make_plan(
        phase("one", step(PERCENT=50)), triggers=[spike(rollback=wanted)], levels=[Level("partial", set={"PERCENT": 5})]
    )
    made = workbench(plan, PERCENT="0")
    made.source.answers = {"spike": 0.0}
    made.advanced(1)
    made.source.answers["spike"] = 0.5
    assert next_of(made, Verdict.ROLLBACK).startswith("rollout rollback ")
    made.rollback(done)
    assert next_of(made, Verdict.ROLLBACK) == command


def test_a_review_wants_somebody_to_look_before_it_is_overridden() -> None:
    made = gated(trigger=Trigger("odd logins", alarm("spike"), review="look"))
    made.source.answers["spike"] = 0.5
    assert next_of(made) == "look at it, then rollout advance --override 'odd logins' --reason TEXT"


def test_what_fails_is_taken_back_only_where_something_runs() -> None:
    made = gated()
    made.source.answers["errors"] = 0.5
    assert next_of(made, Verdict.NO_GO) == "rollout rollback, if it does not recover"
    made = gated(entry=True)
    made.source.answers["errors"] = 0.5
    assert next_of(made, Verdict.NO_GO) == "rollout advance, once it has recovered"


def test_what_fails_after_a_rollback_is_not_taken_back_again() -> None:
    first = replace(phase("one", step(ON=True)), entry=(gate(),))
    made = workbench(make_plan(first), ON="false")
    made.source.answers = {"errors": 0.0}
    made.advanced(1).rollback("emergency")
    made.source.answers["errors"] = 0.5
    assert next_of(made, Verdict.NO_GO) == "rollout advance --reason TEXT, once it has recovered"


def test_where_nothing_is_known_no_command_helps() -> None:
    made = gated()
    made.source.answers["errors"] = answer()
    assert not next_of(made, Verdict.UNKNOWN).startswith("rollout")


def test_every_command_that_it_names_can_be_typed_so() -> None:
    """However an author of plans calls things."""
    role = "Lead; rm -rf $HOME `id` 'x'"
    made = with_tasks(replace(plan(), phases=(replace(plan().phases[0], checklist=(), sign_off=(SignOff(role),)),)))
    made.advanced(2)
    made.clock.advance(timedelta(days=1))
    words = shlex.split(next_of(made))
    assert words[:1] == ["rollout"]
    params = COMMANDS[words[1]].make_context(words[1], words[2:]).params
    assert params["role"] == role
