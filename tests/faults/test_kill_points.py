"""kill -9 at every writing system call of a change: `recover` makes flags and record one again."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Rigs, Say
from tests.faults.strace import MissedError, Point, killed_at
from tests.faults.sweep import ADVANCE, CHANGES, Change, Rig, sweep


def kill(rigged: Rig, point: Point) -> None:
    ended = killed_at(rigged.command(), point, rigged.place.folder / "trace")
    if ended.code == 0 and point.name == "openat":
        raise MissedError(point)
    gave_up = "--emergency" in rigged.change.command and ended.code == 0  # on its record, in time
    assert ended.code == -9 or gave_up, f"it was not killed: {ended}"


@pytest.mark.parametrize("name", CHANGES)
def test_a_kill_at_any_writing_call_leaves_nothing_that_recover_cannot_mend(rigs: Rigs, name: str, say: Say) -> None:
    swept = sweep(rigs(CHANGES[name]), 2, kill, thoroughly=True)
    say(f"kill -9, {name}: {swept}")
    assert not swept.bad, "\n".join(swept.bad)


def test_an_emergency_that_was_killed_is_finished_by_another(rigs: Rigs, say: Say) -> None:
    def twice(rigged: Rig, point: Point) -> None:
        kill(rigged, point)
        rigged.place.must("rollback", "--emergency")

    swept = sweep(rigs(CHANGES["emergency after a cut advance"]), 4, twice, ends_safe=True)
    say(f"kill -9, an emergency over a cut advance, and another emergency: {swept}")
    assert not swept.bad, "\n".join(swept.bad)


def test_the_rig_finds_an_advance_that_records_only_when_the_flags_are_changed(rigs: Rigs, say: Say) -> None:
    swept = sweep(rigs(Change(("wrong-order",), (ADVANCE,))), 33, kill)
    say(f"kill -9, the wrong order: {swept}")
    assert len(swept.bad) > 0.3 * swept.tried
