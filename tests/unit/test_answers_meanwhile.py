"""What people say while a change is under way stops it as little as the change stops them."""

from __future__ import annotations

import pytest

from rollout.errors import ConflictError
from tests.asking import asking, forced, say
from tests.workbench import Workbench


def speaking(where: str) -> Workbench:
    """Somebody answers while the next step is written."""
    made = forced(asking(), "one/1")
    setattr(made.target, where, lambda: say(made, "corruption", "no", "bob"))
    return made


def test_an_answer_given_before_a_write_lets_the_advance_go_on() -> None:
    made = forced(speaking("before_write"), "one/2")
    assert made.kinds[-3:] == ["advance-intended", "answered", "advanced"]
    assert (str(made.state.position), made.target.held["PERCENT"]) == ("one/2", "10")


def test_an_answer_given_after_a_write_lets_the_advance_go_on() -> None:
    made = forced(speaking("after_write"), "one/2")
    assert made.kinds[-3:] == ["advance-intended", "answered", "advanced"]
    assert made.state.answers["corruption"][0].by == "bob"


def test_an_advance_that_fails_after_an_answer_still_says_so() -> None:
    made = speaking("after_write")
    made.target.lies = True
    gates = [gate.id for gate in made.check().decision.gates]
    assert made.advance(overrides=gates, reason="test").exit_code == 8
    assert made.kinds[-3:] == ["advance-intended", "answered", "advance-failed"]
    assert made.target.held["PERCENT"] == "0"


def test_a_rollback_still_overtakes_an_advance_that_people_speak_over() -> None:
    made = forced(asking(), "one/1")

    def meanwhile() -> None:
        made.target.before_write = lambda: None
        say(made, "corruption", "yes", "bob")
        made.rollback("emergency", "eve")

    made.target.before_write = meanwhile
    gates = [gate.id for gate in made.check().decision.gates]
    with pytest.raises(ConflictError, match="eve was faster"):
        made.advance(overrides=gates, reason="test")
    assert made.state.status == "rolled-back"
    assert (made.target.held["ON"], made.target.held["PERCENT"]) == ("false", "0")
