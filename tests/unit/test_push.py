"""Writing to every target at once, in time bounds, whatever becomes of any."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from threading import Event, Lock
from time import monotonic

from rollout.errors import ConflictError
from rollout.model.changes import Change
from rollout.operations.apply import Applied
from rollout.operations.commanding import Crew
from rollout.operations.push import push
from tests.fakes import FakeTarget
from tests.small_plans import slot
from tests.workbench import Workbench, busy, three_targets


def pushed(made: Workbench, *, emergency: bool = False) -> Applied:
    changes = [
        Change(slot("PERCENT", "a"), 20, 0),
        Change(slot("PERCENT", "c"), 20, 5),
        Change(slot("ON", "b"), True, False),
    ]
    desk = made.desk()
    return push(desk, changes, Crew(desk, "op", None), bools_first=True, emergency=emergency)


def test_all_are_written_and_read_back_in_the_order_they_were_given() -> None:
    made = three_targets()
    applied = pushed(made)
    assert applied.verified
    assert [(change.slot.target, change.after, change.verified) for change in applied.changes] == [
        ("a", 0, True),
        ("c", 5, True),
        ("b", False, True),
    ]
    assert applied.touched == {"a", "b", "c"}


def test_what_others_have_put_there_is_written_over() -> None:
    made = three_targets()
    made.targets["a"].held = {"PERCENT": "77"}
    assert pushed(made).verified


def test_the_rest_begins_when_the_bools_are_done_or_after_a_second() -> None:
    made = three_targets()
    release = Event()
    times: dict[str, float] = {}

    def note(name: str, target: FakeTarget) -> None:
        target.before_write = lambda: times.setdefault(name, monotonic())

    for name in ("a", "c"):
        note(name, made.targets[name])
    made.targets["b"].before_write = lambda: release.wait(2)
    began = monotonic()
    assert pushed(made).verified
    assert all(0.9 <= at - began < 1.9 for at in times.values())


def test_targets_of_one_kind_are_written_side_by_side() -> None:
    made = three_targets()
    both, lock, there = Event(), Lock(), set[str]()

    def meet(name: str) -> None:
        with lock:
            there.add(name)
            if len(there) == 2:
                both.set()
        assert both.wait(5)

    for name in ("a", "c"):
        made.targets[name].before_write = partial(meet, name)
    assert pushed(made).verified


def test_whatever_a_target_raises_of_ours_is_a_failure_of_it_alone() -> None:
    made = three_targets()

    def refuse() -> None:
        raise ConflictError("it is another cluster")

    made.targets["b"].before_write = refuse
    applied = pushed(made)
    assert [(name, str(error)) for name, error in applied.failures] == [("b", "it is another cluster")]
    assert [change.verified for change in applied.changes] == [True, True, False]
    assert not applied.verified


def test_a_target_that_failed_and_holds_the_value_all_the_same_is_read_back() -> None:
    made = three_targets()
    made.targets["a"].held = {"PERCENT": "0"}
    made.targets["a"].fails = {"write"}
    applied = pushed(made)
    assert ([change.verified for change in applied.changes], applied.verified) == ([True, True, True], False)


def test_only_an_emergency_takes_the_commands_for_it() -> None:
    for emergency, expected in ((False, "restart-web"), (True, "kill-web")):
        made = busy(steps=1)
        desk = made.desk()
        crew = Crew(desk, "op", None, longest=timedelta(seconds=1))
        push(desk, [Change(slot("ON", "web"), True, False)], crew, bools_first=True, emergency=emergency)
        assert made.runner.ran[-1] == ("apply of web", (expected,))


def test_nothing_to_write_is_done_at_once() -> None:
    made = three_targets()
    desk = made.desk()
    assert push(desk, [], Crew(desk, "op", None), bools_first=True).verified
