"""A rollout whose plan asks people, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rollout.errors import UsageError
from rollout.gates.combined import AnyAlarm, GateAlarm
from rollout.gates.person import AskAlarm, AskGate, ConfirmAlarm, ConfirmGate, named
from rollout.model.conditions import parse_condition
from rollout.model.gate import Alarm
from rollout.model.plan import Trigger
from rollout.operations.answer import Answered, answer
from tests.small_plans import alarm, gate, make_plan, phase, step
from tests.workbench import Workbench, workbench

READY = ConfirmGate(id="ready", statement="Everybody is ready")
TICKETS = AskGate(id="tickets", question="Support tickets", require=parse_condition("< 5"), unit="count")
PAGES = AskGate(id="pages", question="Page load", require=parse_condition("< 2s"), unit="ms")
SCENARIOS = ConfirmGate(id="scenarios", statement="All scenarios pass")


def trigger(id: str, condition: Alarm) -> Trigger:
    """As a plan file has it: what people answer has an id."""
    return Trigger(id, named(condition, id), "emergency")


TRIGGERS = (
    trigger("complaints", AskAlarm(question="Complaints", when=parse_condition("> 10%"), unit="%")),
    trigger("corruption", ConfirmAlarm(statement="Data corruption seen")),
    trigger("support", GateAlarm(gate=ConfirmGate(id="staffed", statement="Support is staffed"))),
    trigger("slow", AnyAlarm(parts=(alarm(), ConfirmAlarm(statement="It is slow")))),
)


def asking() -> Workbench:
    """ready enters one; pages and tickets leave it; scenarios enters two, and tickets and two.exit.1 leave it."""
    phases = (
        replace(phase("one", step(ON=True), step(PERCENT=10)), entry=(READY,), gates=(PAGES,), exit=(TICKETS,)),
        replace(
            phase("two", step(PERCENT=50)),
            entry=(SCENARIOS,),
            exit=(TICKETS, replace(SCENARIOS, id="two.exit.1"), gate("errors")),
        ),
        replace(phase("three"), entry=(replace(SCENARIOS, id="last"),)),
    )
    made = workbench(make_plan(*phases, triggers=TRIGGERS), ON="false", PERCENT="0")
    made.source.answers = {"errors": 0.0}
    return made


def say(made: Workbench, id: str, text: str = "yes", who: str = "ann", reason: str = "") -> Answered:
    return answer(made.desk(who), id, text, reason)


def forced(made: Workbench, *steps: str) -> Workbench:
    """Advanced to each, whatever its gates say."""
    for place in steps:
        gates = [gate.id for gate in made.check().decision.gates]
        assert made.advance(to=place, overrides=gates, reason="test").exit_code == 0
    return made


def outcome(made: Workbench, id: str) -> str:
    return next(one.finding.outcome.value for one in made.check().decision.gates if one.id == id)


def refusal(act: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(UsageError) as caught:
        act()
    return caught.value.message, caught.value.hint
