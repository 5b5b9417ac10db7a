"""What an advance runs, in which order, what each command is told, and what becomes of the flags when one fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from rollout.errors import Interrupted
from rollout.model.state import Status
from rollout.operations.advance import AdvanceOutcome
from tests.small_plans import ON, PERCENT, commands, make_plan, phase, step
from tests.workbench import Workbench, busy, workbench

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


def test_before_then_flags_then_apply_once_for_each_target_then_verify_then_run() -> None:
    made = busy()
    course = watched(made)
    result = made.advance()
    assert (result.outcome, result.exit_code) == (AdvanceOutcome.ADVANCED, 0)
    assert course[:3] == ["backup", "write api", "write web"]
    assert sorted(course[3:5]) == ["restart-api", "restart-web"]
    assert course[5:] == ["health", "warm"]
    assert [ran.what for ran in result.commands] == [what for what, _ in made.runner.ran]
    assert held(made) == ("true", "20")


def test_towards_safe_the_target_with_the_bool_is_written_first() -> None:
    made = busy()
    first, second = made.plan.phases[0].steps
    back = replace(first, number=3, set={"ON": False, "PERCENT": 0}, before=(), run=())
    made.plan = replace(
        made.plan, phases=(replace(made.plan.phases[0], steps=(first, second, back)), *made.plan.phases[1:])
    )
    made.advanced(2)
    course = watched(made)
    made.advanced(1)
    assert course[:2] == ["write web", "write api"]


def test_a_target_whose_values_stay_is_neither_written_nor_brought_into_effect() -> None:
    made = busy(steps=1)
    course = watched(made)
    made.advanced(1)
    assert course == ["write api", "restart-api", "health", "warm"]


def test_one_write_for_all_flags_of_a_target() -> None:
    made = workbench(make_plan(phase("one", step(ON=True, PERCENT=20))), ON="false", PERCENT="0").advanced(1)
    assert made.target.writes == [{"ON": True, "PERCENT": 20}]


def test_several_bools_are_all_last_unless_every_one_becomes_safe() -> None:
    other = replace(ON, name="OTHER", key="OTHER", targets={"c": ""})
    flags = (replace(ON, targets={"a": ""}), replace(PERCENT, targets={"b": ""}), other)
    steps = (step(ON=True, PERCENT=20), step(ON=False, OTHER=True, PERCENT=30), step(OTHER=False, PERCENT=10))
    made = workbench(make_plan(phase("one", *steps), flags=flags, targets=("a", "b", "c")))
    made.targets["a"].held, made.targets["b"].held = {"ON": "false"}, {"PERCENT": "0"}
    made.targets["c"].held = {"OTHER": "false"}
    order: list[str] = []
    for name, target in made.targets.items():
        target.before_write = partial(order.append, name)
    made.advanced(3)
    assert order == ["b", "a", "b", "a", "c", "c", "b"]


def test_every_command_is_told_where_it_runs_and_one_id_which_the_record_has_too() -> None:
    made = busy(steps=1)
    made.advance()
    first, second = made.runner.contexts[:4], made.runner.contexts[4:]
    for contexts, number in ((first, "1"), (second, "2")):
        intent = made.events[2 * int(number) - 1]
        assert intent.kind == "advance-intended"
        expected = {
            "ROLLOUT_NAME": "checkout-v2",
            "ROLLOUT_ENVIRONMENT": "production",
            "ROLLOUT_PHASE": "one",
            "ROLLOUT_STEP": number,
            "ROLLOUT_LEVEL": "",
            "ROLLOUT_OP_ID": intent.data["op"],
        }
        assert contexts == [expected] * len(contexts)
        assert made.events[2 * int(number)].data["op"] == intent.data["op"]
    assert first[0]["ROLLOUT_OP_ID"] != second[0]["ROLLOUT_OP_ID"]


def test_what_commands_print_is_in_the_record() -> None:
    made = busy(steps=1)
    rows = made.events[-1].data["commands"]
    assert isinstance(rows, list)
    assert (rows[0]["argv"], rows[0]["exit"], rows[0]["output"]) == (["backup", "all"], 0, "backup was here")
    assert len(rows) == 4
    made = busy()
    made.runner.fails = {"warm"}
    made.advance()
    rows = made.events[-1].data["commands"]
    assert isinstance(rows, list)
    assert [row["what"] for row in rows if row["failure"]] == ["run of one/1"]


def test_a_failed_before_changes_nothing() -> None:
    made = busy(steps=1)
    made.plan = replace(
        made.plan,
        phases=tuple(
            replace(one, steps=tuple(replace(each, before=commands("backup", "never")) for each in one.steps))
            for one in made.plan.phases
        ),
    )
    made.runner.fails = {"backup"}
    course = watched(made)
    result = made.advance()
    assert (result.outcome, result.exit_code, result.restored) == (AdvanceOutcome.FAILED, 8, True)
    assert course == ["backup"]
    assert (made.kinds[-1], made.state.pending) == ("advance-failed", None)
    assert made.events[-1].data["restored"] is True
    made.runner.fails = set()
    assert made.advance().exit_code == 0


@pytest.mark.parametrize("failing", ["restart-api", "restart-web", "warm"])
@pytest.mark.parametrize("steps", [0, 1])
def test_a_command_that_fails_puts_the_flags_back_and_brings_that_into_effect(failing: str, steps: int) -> None:
    made = busy(steps=steps)
    if steps and failing == "restart-web":
        failing = "restart-api"  # the second step changes nothing at `web`
    before = held(made)
    ran = len(made.runner.ran)
    fails_once(made, failing)
    result = made.advance()
    assert (result.outcome, result.exit_code, result.restored) == (AdvanceOutcome.FAILED, 8, True)
    assert f"{failing} ended with 1" in str(result.failure)
    assert held(made) == before
    written = {"restart-api"} if steps else {"restart-api", "restart-web"}
    assert {argv[0] for _, argv in made.runner.ran[ran:][-len(written) :]} == written
    assert made.state.status is (Status.IN_PROGRESS if steps else Status.NOT_STARTED)
    assert made.advance().exit_code == 0


def fails_once(made: Workbench, failing: str) -> None:
    """The command fails, and no other time."""
    made.runner.fails = {failing}

    def later() -> None:
        made.runner.while_running[failing] = lambda: made.runner.fails.discard(failing)

    made.runner.while_running[failing] = later


def test_a_put_back_is_made_in_reverse_the_last_written_first() -> None:
    made = busy()
    made.runner.fails = {"warm"}
    course = watched(made)
    made.advance()
    assert course[course.index("warm") + 1 :][:2] == ["write web", "write api"]


def test_what_cannot_be_brought_into_effect_again_is_said_and_not_called_restored() -> None:
    made = busy(steps=1)
    made.runner.fails = {"restart-api"}
    result = made.advance()
    assert (result.exit_code, result.restored) == (8, False)
    assert held(made) == ("true", "20")
    assert result.left_to_do == ("api: apply of api: restart-api ended with 1",)
    assert made.events[-1].data["restored"] is False


def test_a_target_that_lies_on_the_way_back_is_named() -> None:
    made = busy(steps=1)
    made.runner.fails = {"warm"}
    made.runner.while_running["warm"] = lambda: setattr(made.targets["api"], "lies", True)
    result = made.advance()
    assert (result.exit_code, result.restored, held(made)) == (8, False, ("true", "50"))
    assert "PERCENT at api" in " ".join(result.left_to_do)


def test_a_step_that_changes_nothing_runs_its_commands_and_nothing_else() -> None:
    made = workbench(make_plan(phase("one", replace(step(), before=commands("look"), run=commands("tell")))))
    result = made.advance()
    assert (result.exit_code, result.changes, made.target.writes) == (0, (), [])
    assert [argv for _, argv in made.runner.ran] == [("look",), ("tell",)]


def test_instructions_are_handed_on() -> None:
    assert busy().advance().instructions == ("Link the canary",)
