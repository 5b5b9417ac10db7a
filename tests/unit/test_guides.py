"""What the plan says about what fails is there when it fails: `on_fail`, and the entry of the runbook."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from rollout.model.around import Around, RunbookEntry
from rollout.model.plan import Trigger
from rollout.model.verdicts import Decision
from rollout.render import Result, write
from tests.fakes import answer
from tests.small_plans import alarm, gate, make_plan, phase, step
from tests.workbench import Workbench, workbench

HIGH = RunbookEntry("high-errors", "High error rate", ("Spike of errors",), ("Check the logs",), ("Roll back", "Ask"))
LOAD = RunbookEntry("load", "Too much load")
ERRORS = replace(gate("errors"), on_fail="Roll back to 10 %", runbook="high-errors")


def bench(*, advisory: bool = False) -> Workbench:
    """In the only step: errors and busy must hold to leave it, slow fires where it is not."""
    gates = (replace(ERRORS, advisory=advisory), replace(gate("busy"), runbook="load"), gate("plain"))
    triggers = [Trigger("slow", alarm("slow"), "emergency", runbook="high-errors")]
    plan = make_plan(replace(phase("one", step(ON=True)), gates=gates), triggers=triggers)
    plan = replace(plan, around=Around(runbook={one.id: one for one in (HIGH, LOAD)}))
    made = workbench(plan, ON="false")
    made.source.answers = {"errors": 0.0, "busy": 0.0, "plain": 0.0, "slow": 0.0}
    return made.advanced(1)


def judged(made: Workbench, **answers: float) -> Decision:
    made.source.answers.update(answers)
    return made.check().decision


def test_while_all_is_well_there_is_nothing_to_read() -> None:
    assert judged(bench()).guides == ()
    assert judged(bench(), plain=0.5).guides == ()


@pytest.mark.parametrize(
    ("answers", "guides"),
    [
        ({"errors": 0.5}, (HIGH,)),
        ({"busy": 0.5, "errors": 0.5}, (HIGH, LOAD)),
        ({"slow": 0.5}, (HIGH,)),
        ({"errors": 0.5, "slow": 0.5}, (HIGH,)),
    ],
)
def test_each_entry_is_there_once_whatever_leads_to_it(
    answers: dict[str, float], guides: tuple[RunbookEntry, ...]
) -> None:
    assert judged(bench(), **answers).guides == guides


def test_what_is_unknown_has_not_failed() -> None:
    made = bench()
    made.source.answers["errors"] = answer()
    assert made.check().decision.guides == ()


def test_what_only_advises_is_no_reason_for_its_entry() -> None:
    assert judged(bench(advisory=True), errors=0.5).guides == ()


@pytest.mark.parametrize("command", ["check-gates", "advance", "status"])
def test_every_table_says_what_to_do_about_it(command: str) -> None:
    made = bench()
    made.source.answers["errors"] = 0.5
    results: dict[str, Callable[[], Result]] = {
        "check-gates": made.check, "advance": made.advance, "status": made.status,
    }  # fmt: skip
    stream = io.StringIO()
    write(results[command](), "table", stream)
    _, _, answers = stream.getvalue().partition("NO-GO  ")
    assert answers.splitlines()[1:] == [
        "why:   errors: 50 % is not below 0.1 %",
        "       errors, the plan says: Roll back to 10 %",
        "       runbook high-errors: High error rate",
        "         look at: Check the logs",
        "         to resolve: Roll back; Ask",
        "next:  rollout rollback, if it does not recover",
    ]
