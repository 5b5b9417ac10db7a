"""A rollback, whichever door it comes through: `--level LEVEL` or `--emergency`, of a level with the same keys."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from io import StringIO
from threading import Event, Thread
from time import monotonic

import pytest

from rollout.model.events import Event as Recorded
from rollout.model.plan import EMERGENCY, Level, TargetSpec
from rollout.model.state import Status
from rollout.operations.rollback import Rollback, RollbackOutcome
from rollout.render import write
from tests.small_plans import ON, PERCENT, commands, gate, make_plan, phase, step
from tests.workbench import Workbench, workbench

DOORS = ("normal", EMERGENCY)
LEVEL = Level(
    "",
    set={"ON": False, "PERCENT": 0},
    objective=timedelta(minutes=5),
    run=commands("purge all", "tell"),
    verify=("quick",),
    then=commands("scale 0"),
    instructions=("Open an incident",),
)
HANDS = {"a": "set-by-hand a PERCENT=0", "b": "set-by-hand b ON=false", "c": "set-by-hand c PERCENT=0"}


def exposed(level: Level = LEVEL) -> Workbench:
    """A bool at `b`, percents at `a` and `c`, exposed by a second step; both doors lead to the same level."""
    flags = (replace(PERCENT, targets={"a": "", "c": ""}), replace(ON, targets={"b": ""}))
    out = replace(step(ON=True, PERCENT=20), undo=(*commands("undo 1"), "unlink the canary"))
    further = replace(step(PERCENT=50), undo=(*commands("undo 2"), "tell the sellers"))
    made = workbench(
        make_plan(
            phase("zero"),
            phase("one", out, further),
            flags=flags,
            targets=[spec(name) for name in ("a", "b", "c")],
            gates=[gate("health"), gate("quick")],
            levels=[replace(level, name=name) for name in DOORS],
        )
    )
    for name, target in made.targets.items():
        target.held = {"ON": "false"} if name == "b" else {"PERCENT": "0"}
    made.source.answers = {"health": 0.0, "quick": 0.0}
    made.advanced(3)
    made.runner.ran.clear()
    return made


def spec(name: str) -> TargetSpec:
    return TargetSpec(name=name, apply=commands(f"apply-{name}"), verify=("health",))


def held(made: Workbench) -> list[str | None]:
    return [target.held.get("ON" if name == "b" else "PERCENT") for name, target in made.targets.items()]


def argvs(made: Workbench) -> list[str]:
    """Without what brings values into effect: that runs for all targets at once."""
    return [" ".join(argv) for _, argv in made.runner.ran if not argv[0].startswith("apply")]


def last(made: Workbench) -> Recorded:
    return made.events[-1]


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_value_is_set_every_command_run_and_all_of_it_recorded(door: str) -> None:
    made = exposed()
    result = made.rollback(door, "bob", reason="broken")
    assert (result.outcome, result.exit_code) == (RollbackOutcome.ROLLED_BACK, 0)
    assert (result.verified, result.recorded, result.failures) == (True, True, ())
    assert held(made) == ["0", "false", "0"]
    assert argvs(made)[-3:] == ["purge all", "tell", "scale 0"]
    assert sorted(argv[0] for _, argv in made.runner.ran if argv[0].startswith("apply")) == [
        "apply-a",
        "apply-b",
        "apply-c",
    ]
    assert result.left_to_do[-1] == "Open an incident"
    assert made.kinds[-2:] == ["rollback-intended", "rolled-back"]
    assert (last(made).actor, last(made).data["level"], last(made).data["reason"]) == ("bob", door, "broken")
    rows = last(made).data["changes"]
    assert isinstance(rows, list)
    assert all(row["verified"] for row in rows)
    assert made.state.status is Status.ROLLED_BACK
    assert {slot.target: value for slot, value in made.state.settings.items()} == {"a": 0, "b": False, "c": 0}


def test_every_command_is_told_the_same_change(door: str) -> None:
    made = exposed()
    made.runner.contexts.clear()
    made.rollback(door)
    op = last(made).data["op"]
    assert {context["ROLLOUT_OP_ID"] for context in made.runner.contexts} == {op}
    assert {context["ROLLOUT_LEVEL"] for context in made.runner.contexts} == {door}
    assert made.events[-2].data["op"] == op


def test_bools_come_first(door: str) -> None:
    made = exposed()
    order: list[str] = []
    for name, target in made.targets.items():
        target.before_write = partial(order.append, name)
    made.rollback(door)
    assert order[0] == "b"
    assert sorted(order) == ["a", "b", "c"]


@pytest.mark.parametrize("broken", ["a", "b", "c"])
def test_a_target_that_fails_stops_no_other_and_nothing_that_comes_after(door: str, broken: str) -> None:
    made = exposed()
    made.targets[broken].fails = {"write"}
    result = made.rollback(door)
    assert (result.outcome, result.exit_code, result.verified) == (RollbackOutcome.FAILED, 8, False)
    expected = ["0", "false", "0"]
    expected["abc".index(broken)] = "true" if broken == "b" else "50"
    assert held(made) == expected
    assert result.left_to_do[:2] == (HANDS[broken], f"apply-{broken}")
    assert "when all is confirmed: scale 0" in result.left_to_do
    assert argvs(made)[-2:] == ["purge all", "tell"]
    assert result.failures == (f"{broken}: {broken}: write failed",)
    assert (last(made).kind, last(made).data["errors"]) == ("rollback-failed", list(result.failures))
    assert [change.slot.target for change in made.status().drift] == [broken]
    made.targets[broken].fails = set()
    assert made.rollback(door).exit_code == 0


@pytest.mark.parametrize("lying", ["a", "b", "c"])
def test_a_target_that_accepts_and_does_not_hold_is_left_to_a_person(door: str, lying: str) -> None:
    made = exposed()
    made.targets[lying].lies = True
    result = made.rollback(door)
    assert result.exit_code == 8
    assert result.left_to_do[:2] == (HANDS[lying], f"apply-{lying}")
    assert [change.slot.target for change in result.changes if not change.verified] == [lying]
    assert "scale 0" not in argvs(made)


@pytest.mark.parametrize("blind", ["a", "b", "c"])
def test_what_cannot_be_read_back_is_not_believed(door: str, blind: str) -> None:
    made = exposed()
    target = made.targets[blind]
    target.after_write = lambda: target.fails.add("read")
    result = made.rollback(door)
    assert (result.exit_code, held(made)) == (8, ["0", "false", "0"])
    assert result.left_to_do[:2] == (HANDS[blind], f"apply-{blind}")


def test_a_command_that_brings_values_into_effect_and_fails_is_left_to_a_person(door: str) -> None:
    made = exposed()
    made.runner.fails = {"apply-a"}
    result = made.rollback(door)
    assert (result.exit_code, held(made)) == (8, ["0", "false", "0"])
    assert result.left_to_do[0] == "apply-a"
    assert not any("by-hand" in line for line in result.left_to_do)
    assert "apply-a ended with 1" in result.failures[0]


@pytest.mark.parametrize("failing", ["purge", "tell"])
def test_a_run_that_fails_stops_no_other_command(door: str, failing: str) -> None:
    made = exposed()
    made.runner.fails = {failing}
    result = made.rollback(door)
    assert (result.outcome, result.exit_code, result.verified) == (RollbackOutcome.FAILED, 8, False)
    assert held(made) == ["0", "false", "0"]
    assert argvs(made)[:2] == ["purge all", "tell"] or argvs(made)[-3:-1] == ["purge all", "tell"]
    assert {"purge": "purge all", "tell": "tell"}[failing] in result.left_to_do
    assert made.status().drift == ()


def test_then_waits_for_the_gates_that_verify(door: str) -> None:
    made = exposed()
    made.source.answers["quick"] = 0.5
    result = made.rollback(door)
    assert (result.exit_code, held(made)) == (8, ["0", "false", "0"])
    assert "scale 0" not in argvs(made)
    assert {"when all is confirmed: scale 0", "see that the gate quick passes"} <= set(result.left_to_do)
    assert result.elapsed >= timedelta(minutes=5)


def test_the_gates_of_the_targets_verify_a_rollback_too(door: str) -> None:
    made = exposed()
    made.source.answers["health"] = 0.5
    assert made.rollback(door).exit_code == 8
    assert "scale 0" not in argvs(made)


def test_a_then_that_fails_is_left_to_a_person(door: str) -> None:
    made = exposed()
    made.runner.fails = {"scale"}
    result = made.rollback(door)
    assert (result.exit_code, "scale 0" in result.left_to_do) == (8, True)


def test_going_back_over_steps_undoes_them_the_last_one_first(door: str) -> None:
    made = exposed(Level("", to="zero", objective=timedelta(minutes=5)))
    result = made.rollback(door)
    assert (result.exit_code, result.label) == (0, "zero/1")
    assert held(made) == ["0", "false", "0"]
    assert argvs(made) == ["undo 2", "undo 1"]
    assert result.left_to_do == ("one/2: tell the sellers", "one/1: unlink the canary")
    assert (str(made.state.position), str(made.state.restart)) == ("zero/1", "zero/1")


def test_an_undo_that_fails_stops_no_other(door: str) -> None:
    made = exposed(Level("", to="zero"))
    made.runner.while_running["undo"] = lambda: made.runner.fails.symmetric_difference_update({"undo"})
    result = made.rollback(door)
    assert (result.exit_code, argvs(made)) == (8, ["undo 2", "undo 1"])
    assert "undo 2" in result.left_to_do


@pytest.mark.parametrize(
    ("restart", "expected"), [("", "None"), ("first", "None"), ("here", "one/2"), ("one", "one/1")]
)
def test_it_begins_again_where_the_level_says(door: str, restart: str, expected: str) -> None:
    made = exposed(replace(LEVEL, restart=restart))
    made.rollback(door)
    assert str(made.state.restart) == expected


def test_nothing_is_written_further_from_safe(door: str) -> None:
    made = exposed(Level("", set={"ON": True, "PERCENT": 30}))
    made.targets["b"].held, made.targets["a"].held = {"ON": "false"}, {"PERCENT": "5"}
    assert made.rollback(door).exit_code == 0
    assert held(made) == ["5", "false", "30"]


def test_a_dry_run_runs_nothing_and_shows_all(door: str) -> None:
    made = exposed()
    events = made.kinds
    result = made.rollback(door, dry_run=True)
    assert (result.outcome, result.exit_code, made.kinds, made.runner.ran) == (RollbackOutcome.DRY_RUN, 0, events, [])
    assert [change.after for change in result.changes] == [0, 0, False]


def test_its_document_has_the_same_keys(door: str) -> None:
    keys = set(document(exposed().rollback(door)))
    assert keys >= {"outcome", "level", "changes", "verified", "recorded", "left_to_do", "elapsed_seconds"}
    assert keys == set(document(exposed().rollback("normal")))
    shown = document(exposed().rollback(door))
    assert (shown["outcome"], shown["level"], shown["objective_seconds"]) == ("rolled-back", door, 300)


def document(result: Rollback) -> dict[str, object]:
    stream = StringIO()
    write(result, "json", stream)
    loaded = json.loads(stream.getvalue())
    assert isinstance(loaded, dict)
    return loaded


def test_what_hangs_is_given_up_after_a_while_and_stops_no_other() -> None:
    """All of them at once, because each takes five seconds. An emergency does not wait for a look at it either."""
    release = Event()
    cases = [*((door, what) for door in DOORS for what in ("write", "read-back")), (EMERGENCY, "look")]
    results: dict[tuple[str, str], tuple[Rollback, list[str | None]]] = {}

    def roll_back(door: str, what: str) -> None:
        made = exposed()
        target = made.targets["b"]

        def hang() -> None:
            release.wait(60)

        match what:
            case "write":
                target.before_write = hang
            case "read-back":
                target.after_write = lambda: setattr(target, "before_read", hang)
            case _:
                target.before_read = hang
        results[door, what] = made.rollback(door), held(made)

    threads = [Thread(target=roll_back, args=case, daemon=True) for case in cases]
    began = monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(began + 12 - monotonic(), 0))
    release.set()
    assert set(results) == set(cases)
    for (_, what), (result, values) in results.items():
        assert (result.exit_code, values) == (8, ["0", "true" if what == "write" else "false", "0"])
        assert result.left_to_do[:2] == (HANDS["b"], "apply-b")
        assert "has not ended in time" in result.failures[0]
        assert ("writing" if what == "write" else "reading back") in result.failures[0]
