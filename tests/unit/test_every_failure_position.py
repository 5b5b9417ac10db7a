"""Five targets, and something that goes wrong at any one of them: a step is never half taken and called done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rollout.errors import ConflictError
from rollout.model.plan import EMERGENCY, TargetSpec
from rollout.model.state import Status
from rollout.operations.rollback import RollbackOutcome
from tests.fakes import FakeTarget
from tests.small_plans import ON, PERCENT, commands, make_plan, phase, step
from tests.workbench import Workbench, interrupt, workbench

NAMES = ("a", "b", "c", "d", "e")
BEFORE = {"PERCENT": "0", "ON": "false"}


@pytest.fixture(name="made")
def five_targets() -> Workbench:
    """The bool is at the third one; each has a command that brings its values into effect."""
    flags = (replace(PERCENT, targets=dict.fromkeys("abde", "")), replace(ON, targets={"c": ""}))
    specs = [TargetSpec(name=name, apply=commands(f"restart-{name}")) for name in NAMES]
    made = workbench(make_plan(phase("one", step(ON=True, PERCENT=20)), flags=flags, targets=specs))
    for target in made.targets.values():
        target.held = dict(BEFORE)
    return made


def once(target: FakeTarget, deed: Callable[[], object]) -> None:
    """With the next write, and not with the one that puts back."""

    def do() -> None:
        target.before_write = lambda: target.fails.discard("write")
        deed()

    target.before_write = do


def fails_to_write(made: Workbench, name: str) -> None:
    once(made.targets[name], lambda: made.targets[name].fails.add("write"))


def holds_what_it_held(made: Workbench, name: str) -> None:
    made.targets[name].lies = True


def is_interrupted(made: Workbench, name: str) -> None:
    once(made.targets[name], interrupt)


def is_interrupted_when_written(made: Workbench, name: str) -> None:
    def first() -> None:
        made.targets[name].after_write = lambda: None
        interrupt()

    made.targets[name].after_write = first


def does_not_restart(made: Workbench, name: str) -> None:
    program = f"restart-{name}"

    def fail() -> None:
        made.runner.while_running[program] = lambda: made.runner.fails.discard(program)
        made.runner.fails.add(program)

    made.runner.while_running[program] = fail


MISHAPS = (fails_to_write, holds_what_it_held, is_interrupted, is_interrupted_when_written, does_not_restart)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mishap", MISHAPS)
def test_an_advance_that_stumbles_anywhere_puts_all_targets_back(
    made: Workbench, mishap: Callable[[Workbench, str], None], name: str
) -> None:
    mishap(made, name)
    result = made.advance()
    assert (result.exit_code, result.restored) == (8, True)
    assert [target.held for target in made.targets.values()] == [BEFORE] * 5
    assert made.kinds == ["started", "advance-intended", "advance-failed"]
    assert made.state.status is Status.NOT_STARTED
    made.targets[name].lies = False
    assert made.advance().exit_code == 0


@pytest.mark.parametrize("stuck", "abde")
@pytest.mark.parametrize("name", "ce")
def test_what_cannot_be_put_back_is_named_and_the_others_are_back(made: Workbench, name: str, stuck: str) -> None:
    """The third target, which is written last, or the one before it fails; another cannot be put back."""
    fails_to_write(made, name)
    made.targets[stuck].after_write = lambda: made.targets[stuck].fails.add("write")
    result = made.advance()
    assert result.exit_code == 8
    still = {other for other, target in made.targets.items() if target.held != BEFORE}
    assert (result.restored, still) == ((True, set()) if stuck == name else (False, {stuck}))
    assert [line.partition(":")[0] for line in result.left_to_do] == sorted(still)
    if still:
        assert stuck in made.refuses(ConflictError).message
        made.targets[stuck].fails.clear()
        assert made.rollback(EMERGENCY).exit_code == 0


@pytest.mark.parametrize("level", ["", EMERGENCY])
@pytest.mark.parametrize("name", NAMES)
def test_a_rollback_that_fails_at_one_target_reaches_all_others(made: Workbench, name: str, level: str) -> None:
    made.advanced(1)
    made.targets[name].fails.add("write")
    result = made.rollback(level)
    assert (result.outcome, result.exit_code, result.verified) == (RollbackOutcome.FAILED, 8, False)
    assert [other for other, target in made.targets.items() if target.held != BEFORE] == [name]
    assert [change.slot.target for change in result.changes if not change.verified] == [name]
    assert any(f"set-by-hand {name} " in line for line in result.left_to_do)
