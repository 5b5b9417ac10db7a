"""What only a person knows: waiting until somebody has said it, and then judged by what was said."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rollout.gates.combined import AllAlarm, AnyAlarm, GateAlarm
from rollout.gates.person import AskAlarm, AskGate, ConfirmAlarm, ConfirmGate, asked_in, named
from rollout.model.conditions import parse_condition
from rollout.model.evidence import Grid
from rollout.model.gate import Alarm, Scope
from rollout.model.record import Said
from rollout.model.verdicts import Outcome, TriggerOutcome
from tests.fakes import NOON
from tests.small_plans import alarm

HOUR = timedelta(hours=1)
TICKETS = AskGate(id="tickets", question="Support tickets", require=parse_condition("< 5"), unit="count")
DAILY = AskGate(id="tickets", question="Tickets", require=parse_condition("< 5"), unit="count", valid_for=24 * HOUR)
SCENARIOS = ConfirmGate(id="scenarios", statement="All scenarios pass")
COMPLAINTS = AskAlarm(id="complaints", question="Who complains", when=parse_condition("> 10%"), unit="ratio")
CORRUPTION = ConfirmAlarm(id="corruption", statement="Data corruption seen")


def said(value: float | bool, ago: timedelta = HOUR, by: str = "ann") -> Said:
    return Said(value, by, NOON - ago)


def scope(
    id: str = "", *answers: Said, at: datetime | None = None, since: datetime | None = None, track: Grid | None = None
) -> Scope:
    return Scope("production", at or NOON, at=at, answers={id: answers}, answers_since=since, track=track)


def test_nothing_is_asked_of_a_server() -> None:
    for condition in (TICKETS, SCENARIOS, COMPLAINTS, CORRUPTION):
        assert condition.needs(scope()) == ()


def test_until_somebody_has_answered_a_gate_waits_and_says_how_to_answer() -> None:
    finding = TICKETS.judge({}, scope())
    assert (finding.outcome, finding.observed, finding.require) == (Outcome.WAITING, None, "< 5")
    assert finding.reason == "nobody has answered: Support tickets (rollout answer tickets VALUE)"
    finding = SCENARIOS.judge({}, scope())
    assert finding.outcome is Outcome.WAITING
    assert finding.reason == "nobody has confirmed: All scenarios pass (rollout tick scenarios)"


@pytest.mark.parametrize(
    ("value", "outcome", "reason"),
    [
        (3.0, Outcome.PASS, "3 is below 5, said by ann 2 h ago"),
        (0.0, Outcome.PASS, "0 is below 5, said by ann 2 h ago"),
        (5.0, Outcome.FAIL, "5 is not below 5, said by ann 2 h ago"),
        (-1.0, Outcome.PASS, "-1 is below 5, said by ann 2 h ago"),
    ],
)
def test_a_number_is_judged_with_who_said_it_and_when(value: float, outcome: Outcome, reason: str) -> None:
    finding = TICKETS.judge({}, scope("tickets", said(value, 2 * HOUR)))
    assert (finding.outcome, finding.reason, finding.observed, finding.unit) == (outcome, reason, value, "count")


def test_a_confirmation_passes_and_a_no_fails() -> None:
    finding = SCENARIOS.judge({}, scope("scenarios", said(True)))
    assert (finding.outcome, finding.reason) == (Outcome.PASS, "All scenarios pass: yes, said by ann 1 h ago")
    finding = SCENARIOS.judge({}, scope("scenarios", said(True), said(False, by="bob")))
    assert (finding.outcome, finding.reason) == (Outcome.FAIL, "All scenarios pass: no, said by bob 1 h ago")


def test_the_last_answer_counts() -> None:
    assert TICKETS.judge({}, scope("tickets", said(9.0), said(3.0))).outcome is Outcome.PASS
    assert TICKETS.judge({}, scope("tickets", said(3.0), said(9.0))).outcome is Outcome.FAIL


def test_answers_to_something_else_do_not_count() -> None:
    assert TICKETS.judge({}, scope("scenarios", said(3.0))).outcome is Outcome.WAITING
    assert TICKETS.judge({}, scope("tickets", said(True))).outcome is Outcome.WAITING
    assert SCENARIOS.judge({}, scope("scenarios", said(1.0))).outcome is Outcome.WAITING


@pytest.mark.parametrize(("ago", "counts"), [(HOUR, True), (2 * HOUR, True), (3 * HOUR, False)])
def test_an_answer_of_an_earlier_visit_does_not_count(ago: timedelta, counts: bool) -> None:
    finding = TICKETS.judge({}, scope("tickets", said(3.0, ago), since=NOON - 2 * HOUR))
    assert (finding.outcome is Outcome.PASS) is counts


def test_an_answer_is_valid_for_so_long() -> None:
    assert DAILY.judge({}, scope("tickets", said(3.0, 24 * HOUR))).outcome is Outcome.PASS
    finding = DAILY.judge({}, scope("tickets", said(2.0, 30 * HOUR), said(3.0, 26 * HOUR)))
    assert (finding.outcome, finding.observed) == (Outcome.WAITING, None)
    assert finding.reason == "the answer of ann (3) is 26 h old, it counts for 1d"
    gate = ConfirmGate(id="done", statement="Done", valid_for=HOUR)
    assert gate.judge({}, scope("done", said(True, 2 * HOUR))).reason == (
        "the answer of ann (yes) is 2 h old, it counts for 1h"
    )


def test_as_of_a_past_moment_what_was_said_later_does_not_count() -> None:
    answers = said(9.0, 4 * HOUR), said(3.0, HOUR)
    assert TICKETS.judge({}, scope("tickets", *answers, at=NOON - 2 * HOUR)).outcome is Outcome.FAIL
    assert TICKETS.judge({}, scope("tickets", *answers)).outcome is Outcome.PASS
    assert CORRUPTION.judge({}, scope("corruption", said(True), at=NOON - 2 * HOUR)).outcome is TriggerOutcome.QUIET


def test_now_an_answer_counts_even_if_its_clock_was_fast() -> None:
    finding = CORRUPTION.judge({}, scope("corruption", said(True, -HOUR)))
    assert (finding.outcome, finding.reason) == (
        TriggerOutcome.FIRED,
        "Data corruption seen: yes, said by ann 0 s ago",
    )


def test_a_trigger_is_quiet_until_it_is_answered() -> None:
    finding = COMPLAINTS.judge({}, scope())
    assert (finding.outcome, finding.when) == (TriggerOutcome.QUIET, "> 10%")
    assert finding.reason == "nobody has answered: Who complains (rollout answer complaints VALUE)"
    finding = CORRUPTION.judge({}, scope())
    assert finding.outcome is TriggerOutcome.QUIET
    assert finding.reason == "nobody has said so: Data corruption seen (rollout answer corruption yes)"


def test_a_trigger_fires_by_the_last_answer_which_stands_until_it_is_changed() -> None:
    finding = COMPLAINTS.judge({}, scope("complaints", said(0.02), said(0.12, 999 * HOUR), since=NOON))
    assert (finding.outcome, finding.observed, finding.unit) == (TriggerOutcome.FIRED, 0.12, "ratio")
    assert finding.reason == "12 % is above 10 %, said by ann 41 d 15 h ago"
    assert COMPLAINTS.judge({}, scope("complaints", said(0.12), said(0.1))).outcome is TriggerOutcome.QUIET
    assert CORRUPTION.judge({}, scope("corruption", said(True), said(False))).outcome is TriggerOutcome.QUIET


def test_the_course_of_a_trigger_is_what_stood_at_each_moment() -> None:
    start = NOON - timedelta(minutes=4)
    track = Grid(int(start.timestamp() * 1000), 60_000, 5)
    answers = said(True, timedelta(minutes=3)), said(False, timedelta(minutes=1))
    outcomes = CORRUPTION.past({}, scope("corruption", *answers, track=track))
    assert [outcome.value for outcome in outcomes] == ["quiet", "fired", "fired", "quiet", "quiet"]
    assert COMPLAINTS.past({}, scope("complaints", said(0.5), track=track)) == (TriggerOutcome.FIRED,) * 5
    assert COMPLAINTS.past({}, scope("complaints", said(0.5))) == (TriggerOutcome.FIRED,)


def ids(condition: Alarm) -> list[str]:
    return [part.id for part in asked_in(condition)]


def test_the_only_question_of_a_trigger_is_answered_by_its_name() -> None:
    ask, confirm = AskAlarm(question="Load", when=parse_condition("> 3")), ConfirmAlarm(statement="It is slow")
    assert ids(named(ask, "slow")) == ["slow"]
    assert ids(named(AnyAlarm(parts=(alarm(), AllAlarm(parts=(confirm, alarm())))), "slow")) == ["slow"]
    assert ids(named(alarm(), "slow")) == []


def test_several_questions_of_a_trigger_are_answered_by_its_name_with_their_numbers() -> None:
    ask, confirm = AskAlarm(question="Load", when=parse_condition("> 3")), ConfirmAlarm(statement="It is slow")
    several = named(AnyAlarm(parts=(ask, alarm(), AllAlarm(parts=(confirm, ask)))), "slow")
    assert ids(several) == ["slow.1", "slow.2", "slow.3"]
    assert ids(named(several, "slow")) == ids(several)


def test_a_gate_that_a_trigger_looks_at_keeps_its_own_name() -> None:
    assert ids(named(AnyAlarm(parts=(GateAlarm(gate=TICKETS), CORRUPTION)), "bad")) == ["tickets", "bad"]
