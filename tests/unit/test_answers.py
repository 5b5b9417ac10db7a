"""answer and tick: people say what a plan asks them, where it counts, and the record knows who and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from rollout.errors import ConflictError, StoreError
from rollout.model.events import Event
from rollout.operations.answer import answer, tick
from tests.asking import TICKETS, TRIGGERS, asking, forced, outcome, refusal, say
from tests.fakes import NOON, MemoryStore
from tests.small_plans import make_plan, phase
from tests.workbench import workbench


class BusyStore(MemoryStore):
    """Somebody else is always faster."""

    def append(self, *_: object, **__: object) -> Sequence[Event]:
        raise ConflictError("eve was faster")


def test_an_answer_is_recorded_with_who_when_and_why() -> None:
    made = forced(asking(), "one/1")
    result = say(made, "pages", "1.5 s", "bob", "measured by hand")
    (given,) = result.answers
    assert (given.id, given.value, given.unit, given.by, given.at) == ("pages", 1500.0, "ms", "bob", NOON)
    assert (given.outcome, given.reason) == ("pass", "1.5 s is below 2 s, said by bob 0 s ago")
    event = made.events[-1]
    assert (event.actor, event.kind, result.head) == ("bob", "answered", event.hash)
    assert event.data == {
        "id": "pages",
        "value": 1500.0,
        "unit": "ms",
        "phase": "one",
        "reason": "measured by hand",
    }
    assert outcome(made, "pages") == "pass"


def test_an_answer_that_fails_is_an_answer() -> None:
    made = forced(asking(), "one/1")
    assert say(made, "pages", "9s").answers[0].outcome == "fail"
    assert outcome(made, "pages") == "fail"
    assert say(made, "pages", "1s").answers[0].outcome == "pass"
    assert outcome(made, "pages") == "pass"


@pytest.mark.parametrize(
    ("id", "text", "value"),
    [
        ("pages", "3", 3.0),
        ("pages", " 1.5h ", 5_400_000.0),
        ("pages", "-.5", -0.5),
        ("pages", "1e3", 1000.0),
        ("complaints", "12%", 12.0),
        ("complaints", "0.12 ratio", 12.0),
        ("corruption", "Yes", True),
        ("corruption", "y", True),
        ("corruption", "true", True),
        ("corruption", "done", True),
        ("corruption", "NO", False),
        ("corruption", "n", False),
        ("corruption", "false", False),
    ],
)
def test_what_is_typed_is_understood_in_the_unit_that_is_asked_for(id: str, text: str, value: float | bool) -> None:
    assert say(forced(asking(), "one/1"), id, text).answers[0].value == value


@pytest.mark.parametrize(
    ("id", "text", "why"),
    [
        ("pages", "fast", "it is not a number"),
        ("pages", "", "it is not a number"),
        ("pages", "1,5", "it is not a number"),
        ("pages", "nan", "it is not a number"),
        ("pages", "inf", "it is not a number"),
        ("pages", "< 3", "it is not a number"),
        ("pages", "3 and < 5", "it is not a number"),
        ("pages", "3 parsecs", "'parsecs' is not a unit; known are s, us, ms"),
        ("pages", "3%", "% (a share) cannot be compared with ms (a time)"),
        ("pages", "yes", "it is not a number"),
        ("corruption", "1", "'1' is no answer to 'corruption'"),
        ("corruption", "maybe", "'maybe' is no answer to 'corruption'"),
        ("corruption", "", "'' is no answer to 'corruption'"),
    ],
)
def test_anything_else_is_refused_and_nothing_is_recorded(id: str, text: str, why: str) -> None:
    made = forced(asking(), "one/1")
    before = made.kinds
    message, hint = refusal(lambda: say(made, id, text))
    assert why in message
    assert "\n" not in message
    assert hint
    assert made.kinds == before


def test_who_is_not_asked_for_is_told_the_nearest_name() -> None:
    made = asking()
    assert refusal(lambda: say(made, "tikcets", "3")) == (
        "the plan asks nobody for 'tikcets'",
        "did you mean 'tickets'?",
    )
    message, hint = refusal(lambda: say(made, "errors"))
    assert "'errors'" in message
    assert hint == (
        "people are asked for ready, pages, tickets, scenarios, two.exit.1, last, complaints, corruption, staffed, slow"
    )
    assert refusal(lambda: say(workbench(make_plan(phase("one"))), "x"))[1] == "it asks people nothing"


def test_what_one_name_asks_twice_in_different_ways_cannot_be_answered() -> None:
    both = make_plan(replace(phase("one"), exit=(replace(TICKETS, id="corruption"),)), triggers=TRIGGERS)
    message, _ = refusal(lambda: say(workbench(both), "corruption"))
    assert message == "'corruption' is asked for a number (count) and yes or no"


def test_before_the_start_only_what_enters_the_first_phase_and_triggers_are_answered() -> None:
    made = asking()
    for id in ("ready", "corruption", "staffed", "slow"):
        say(made, id, "no")
    assert refusal(lambda: say(made, "tickets", "3"))[0] == (
        "'tickets' is not asked now (not-started): an answer counts only when it is given during one or during two"
    )
    assert refusal(lambda: tick(made.desk(), ["scenarios"]))[0].endswith("given during one, to enter two")
    tick(made.desk(), ["ready"])
    assert outcome(made, "ready") == "pass"


def test_in_a_phase_everything_of_it_and_what_enters_the_next_one_is_answered() -> None:
    made = forced(asking(), "one/1")
    say(made, "pages", "1s")
    say(made, "tickets", "3")
    tick(made.desk(), ["ready", "scenarios"])
    assert "(one)" in refusal(lambda: say(made, "two.exit.1"))[0]
    assert refusal(lambda: say(made, "last"))[0].endswith("given during two, to enter three")
    forced(made, "one/2")
    assert (outcome(made, "tickets"), outcome(made, "scenarios")) == ("pass", "pass")
    forced(made, "two")
    assert refusal(lambda: say(made, "ready"))[0].endswith("given before the start")
    assert outcome(made, "tickets") == "waiting"
    tick(made.desk(), ["two.exit.1", "last"])


def test_after_a_rollback_what_enters_the_phase_of_the_restart_is_answered_anew() -> None:
    made = asking()
    tick(made.desk(), ["ready"])
    forced(made, "one/1")
    say(made, "tickets", "3")
    made.rollback("emergency")
    assert outcome(made, "ready") == "waiting"
    assert "(rolled-back)" in refusal(lambda: say(made, "tickets", "3"))[0]
    tick(made.desk(), ["ready"])
    assert outcome(made, "ready") == "pass"
    made.clock.sleep(60)
    forced(made, "one/1", "one/2")
    assert outcome(made, "tickets") == "waiting"


def test_several_are_ticked_at_once_or_none() -> None:
    made = forced(asking(), "one/1")
    before = made.kinds
    assert "'nothing'" in refusal(lambda: tick(made.desk(), ["scenarios", "nothing"]))[0]
    assert made.kinds == before
    result = tick(made.desk("bob"), ["scenarios", "staffed", "scenarios"])
    assert [(one.id, one.value, one.by, one.outcome) for one in result.answers] == [
        ("scenarios", True, "bob", "pass"),
        ("staffed", True, "bob", "pass"),
    ]
    assert made.kinds == [*before, "answered", "answered"]


def test_a_tick_is_no_number_and_raises_no_alarm() -> None:
    made = forced(asking(), "one/1")
    assert refusal(lambda: tick(made.desk(), ["tickets"]))[1] == "rollout answer tickets VALUE"
    assert refusal(lambda: tick(made.desk(), ["corruption"]))[1].startswith("`rollout answer corruption yes` does")


def test_a_trigger_is_raised_by_an_answer_and_stands_until_it_is_taken_back() -> None:
    made = forced(asking(), "one/1")
    (given,) = say(made, "corruption").answers
    assert (given.outcome, given.reason) == ("fired", "Data corruption seen: yes, said by ann 0 s ago")
    assert made.check().decision.rollback_level == "emergency"
    assert made.advance().exit_code == 6
    made.rollback("emergency")
    tick(made.desk(), ["ready"])
    assert made.check().decision.verdict == "ROLLBACK"
    assert say(made, "corruption", "no").answers[0].outcome == "quiet"
    assert made.advance(reason="it was the test data").exit_code == 0


def test_an_open_change_and_an_edited_plan_stop_no_answer() -> None:
    made = forced(asking(), "one/1")
    made.difference = "-errors: 1\n+errors: 2"
    made.target.after_write = lambda: say(made, "corruption", "no")
    made.rollback("emergency")
    assert made.kinds[-3:] == ["rollback-intended", "answered", "rolled-back"]


def test_somebody_else_who_records_meanwhile_is_no_conflict() -> None:
    made = forced(asking(), "one/1")
    desk = made.desk()
    say(made, "tickets", "4", "bob")
    made.store.before_append = lambda: tick(made.desk("eve"), ["scenarios"])
    (given,) = answer(desk, "tickets", "3").answers
    assert (given.value, given.by) == (3.0, "ann")
    assert [event.actor for event in made.events[-3:]] == ["bob", "eve", "ann"]
    assert [one.by for one in made.state.answers["tickets"]] == ["bob", "ann"]


def test_an_answer_that_somebody_has_gone_past_meanwhile_is_refused() -> None:
    made = forced(asking(), "one/1")
    desk = made.desk()
    forced(made, "one/2", "two")
    assert "given during one" in refusal(lambda: answer(desk, "pages", "1s"))[0]


def test_a_record_that_cannot_be_written_or_never_rests_is_an_error() -> None:
    made = forced(asking(), "one/1")
    made.store.fails.add("append")
    with pytest.raises(StoreError):
        say(made, "tickets", "3")
    made.store = BusyStore()
    with pytest.raises(ConflictError):
        say(made, "corruption")


def test_valid_for_is_told_by_the_gate_that_waits_again() -> None:
    plan = make_plan(replace(phase("one"), exit=(replace(TICKETS, valid_for=timedelta(days=1)),)))
    made = workbench(plan).advanced(1)
    say(made, "tickets", "3")
    assert outcome(made, "tickets") == "pass"
    made.clock.advance(timedelta(hours=25))
    assert outcome(made, "tickets") == "waiting"
    assert made.advance().exit_code == 4
    say(made, "tickets", "2")
    assert made.advance().exit_code == 0
