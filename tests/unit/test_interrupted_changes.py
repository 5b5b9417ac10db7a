"""An interruption, an emergency or a refusal in the middle of an advance."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rollout.errors import ChangeError, ConflictError, Interrupted
from rollout.model.state import Status
from rollout.operations.advance import Advance, AdvanceOutcome
from rollout.ports import Fate
from tests.fakes import nothing
from tests.workbench import Workbench, busy, checkout, interrupt

Course = list[str]
"""What happened, in order: writes, commands and looks at the targets."""


def watched(made: Workbench) -> Course:
    course: Course = []

    def note(text: str) -> Callable[[], None]:
        return lambda: course.append(text)

    for name, target in made.targets.items():
        target.after_write = note(f"write {name}")
    for name in ("backup", "warm", "restart-web", "restart-api", "kill-web", "cool"):
        made.runner.while_running[name] = note(name)
    made.source.while_asked = note("health")
    return course


def held(made: Workbench) -> tuple[str, str]:
    return made.targets["web"].held["ON"], made.targets["api"].held["PERCENT"]


def terminated() -> None:
    raise Interrupted(143)


@pytest.mark.parametrize("interruption", [interrupt, terminated])
@pytest.mark.parametrize("place", ["backup", "restart-api", "warm", "before write", "after write", "health"])
def test_an_interruption_anywhere_puts_everything_back(place: str, interruption: Callable[[], None]) -> None:
    made = busy(steps=0)
    at(made, place, once(made, place, interruption))
    result = made.advance()
    assert (result.outcome, result.exit_code, result.restored) == (AdvanceOutcome.FAILED, 8, True)
    assert "interrupted" in str(result.failure)
    assert held(made) == ("false", "0")
    assert (made.kinds[-1], made.state.status) == ("advance-failed", Status.NOT_STARTED)
    assert any("once more" in line for line in made.said)


def at(made: Workbench, place: str, hook: Callable[[], None]) -> None:
    match place:
        case "before write":
            made.targets["web"].before_write = hook
        case "after write":
            made.targets["api"].after_write = hook
        case "health":
            made.source.while_asked = hook
        case command:
            made.runner.while_running[command] = hook


def once(made: Workbench, place: str, happens: Callable[[], None]) -> Callable[[], None]:
    def hook() -> None:
        at(made, place, nothing)
        happens()

    return hook


@pytest.mark.parametrize("place", ["restart-api", "after write"])
def test_interrupted_twice_it_stops_at_once_and_the_intent_stays_open(place: str) -> None:
    made = busy(steps=1)
    at(made, place, interrupt)  # on the way out, and again on the way back
    with pytest.raises(ChangeError, match="interrupted") as caught:
        made.advance()
    assert (caught.value.exit_code, made.kinds[-1]) == (8, "advance-intended")
    at(made, place, nothing)
    assert made.recover().exit_code == 0
    assert (held(made), made.state.pending) == (("true", "20"), None)


def test_a_step_that_cannot_be_recorded_keeps_its_intent_and_recover_takes_it_back() -> None:
    made = busy(steps=1)
    made.runner.while_running["warm"] = lambda: made.store.fails.add("append")
    with pytest.raises(ChangeError, match="could not be recorded"):
        made.advance()
    made.store.fails.clear()
    assert made.recover().exit_code == 0
    assert held(made) == ("true", "20")


def test_an_interruption_at_the_question_runs_nothing() -> None:
    made = busy()

    def at_the_question(_: Advance) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made.advance(confirm=at_the_question)
    assert (made.runner.ran, made.kinds, made.keepsakes.cards) == ([], [], [])


def test_nothing_is_run_for_a_dry_run_or_a_no() -> None:
    made = busy()
    assert made.advance(dry_run=True).exit_code == 0
    assert made.advance(confirm=lambda _: False).exit_code == 4
    assert (made.runner.ran, made.kinds, made.keepsakes.cards) == ([], [], [])


def test_an_emergency_during_a_command_stops_every_command_after_it() -> None:
    made = busy(steps=1)

    def meanwhile() -> None:
        made.runner.while_running.clear()
        assert made.rollback("emergency", "bob").exit_code == 0

    made.runner.while_running["restart-api"] = meanwhile
    with pytest.raises(ChangeError, match="bob was faster"):
        made.advance()
    assert "warm 2" not in [" ".join(argv) for _, argv in made.runner.ran]
    assert (held(made), made.state.status) == (("false", "0"), Status.ROLLED_BACK)


def test_an_emergency_during_the_commands_before_lets_nothing_be_written() -> None:
    made = busy()

    def meanwhile() -> None:
        made.runner.while_running.clear()
        assert made.rollback("emergency", "bob").exit_code == 0

    made.runner.while_running["backup"] = meanwhile
    with pytest.raises(ConflictError, match="bob was faster"):
        made.advance()
    assert all(write.get("ON") is not True for write in made.targets["web"].writes)
    assert (held(made), made.state.status) == (("false", "0"), Status.ROLLED_BACK)


def test_an_advance_that_is_refused_meanwhile_does_not_overtake_one_that_is_under_way() -> None:
    made = checkout().advanced(1)
    refused: list[int] = []

    def a_pipeline_asks() -> None:
        made.target.before_write = nothing
        made.machine.fates = {1: Fate.ALIVE}
        made.source.answers["spike"] = 0.5
        refused.append(made.advance("eve").exit_code)

    made.target.before_write = a_pipeline_asks
    assert made.advance("bob").exit_code == 0
    assert (refused, made.kinds[-1]) == ([6], "advanced")
    assert made.target.held == {"ON": "true", "PERCENT": "20"}
