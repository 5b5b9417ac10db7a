"""Random schedules, some of it in parallel: what people were told stands, and what they did by hand stays."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

from tests.faults.conftest import Rigs, Say
from tests.faults.model import COMMANDS, Action, Deed, Mishap, schedule
from tests.faults.rig import LONG, SAFE, VALUES, Place
from tests.faults.sweep import CHANGES
from tests.warm.running import Command, Ended

SCHEDULES = int(os.environ.get("ROLLOUT_FAULTS_SCHEDULES", "3000" if LONG else "6"))
FIRST = int(os.environ.get("ROLLOUT_FAULTS_SEED", "0"))
"""Of the seeds; a failure names its own."""

BY_HAND = 33
EVENT = {
    Deed.ADVANCE: "advanced",
    Deed.RESTART: "advanced",
    Deed.ROLLBACK: "rolled-back",
    Deed.EMERGENCY: "rolled-back",
}


@dataclass
class Done:
    """`alone`: nothing else was under way when it began."""

    action: Action
    actor: str
    alone: bool
    command: Command | None = None
    ended: Ended | None = None


@dataclass
class Course:
    """One schedule as it went, in the order in which its actions began."""

    place: Place
    done: list[Done] = field(default_factory=list)

    def run(self, actions: Sequence[Action]) -> None:
        record = self.place.events()
        for number, action in enumerate(actions):
            self._begin(action, f"actor-{number}")
            with suppress(sqlite3.OperationalError):  # somebody was stopped who holds the lock: not now
                events = self.place.events()
                assert events[: len(record)] == record, "the record went back"
                record = events
        for one in self.done:
            if one.action.mishap is Mishap.STOPPED and one.command:
                one.command.send(signal.SIGCONT)
        for one in self.done:
            self._end(one)

    def _begin(self, action: Action, actor: str) -> None:
        one = Done(action, actor, alone=not any(other.command and not other.ended for other in self.done))
        self.done.append(one)
        if action.deed is Deed.EDIT:
            self._edit()
            return
        one.command = self.place.start(*COMMANDS[action.deed], actor=actor)
        if action.mishap is not Mishap.NONE:
            time.sleep(action.delay)
            one.command.send(signal.SIGKILL if action.mishap is Mishap.KILLED else signal.SIGSTOP)
        if not action.beside:
            self._end(one)

    def _end(self, one: Done) -> None:
        one.ended = one.command.wait() if one.command else None

    def _edit(self) -> None:
        """As an editor does it: a new file in the place of the old one."""
        lines = self.place.env.read_text().splitlines(keepends=True)
        new = self.place.folder / "edited"
        new.write_text("".join(f"PERCENT={BY_HAND}\n" if "PERCENT" in line else line for line in lines))
        new.rename(self.place.env)


def check(course: Course) -> None:
    place, done = course.place, course.done
    edits = [number for number, one in enumerate(done) if one.action.deed is Deed.EDIT]
    recovered = place.run("recover")
    assert recovered.code == 0 or (edits and recovered.code == 7), f"recover: {recovered}"
    stays(course)
    if recovered.code:
        place.must("recover", "--force")
    if edits:
        place.must("history", "--verify")
        assert_drift_is_told(place)
    else:
        place.assert_consistent()
    recorded = {(kind, actor) for _, kind, actor in place.events()}
    for one in done:
        if one.ended and one.ended.code == 0 and one.action.deed in EVENT:
            assert (EVENT[one.action.deed], one.actor) in recorded, f"{one.actor}'s {one.action} is lost"


def assert_drift_is_told(place: Place) -> None:
    status, flags = place.status(), place.flags()
    assert status["pending"] is None
    told = {change["flag"] for change in status["drift"]}
    if status["status"] == "in-progress":
        recorded = VALUES[status["phase"], status["step"]]
        assert told == {name for name in flags if flags[name] != recorded[name]}, f"told {told}: {flags}, {recorded}"
    elif status["status"] != "not-started":
        assert told == ({"PERCENT"} if flags["PERCENT"] == BY_HAND else set()), f"told {told}: {flags}"


def stays(course: Course) -> None:
    """What an emergency has set, and what a person has set by hand, as far as nobody was asked to change it again."""
    flags, done = course.place.flags(), course.done
    for number, one in enumerate(done):
        later = {other.action.deed for other in done[number + 1 :]}
        if one.action.deed is Deed.EMERGENCY and one.ended and one.ended.code == 0:
            # A restart that was under way may have read the record only afterwards: then it is a later one.
            later |= {other.action.deed for other in done[:number] if other.action.beside} & {Deed.RESTART}
            moved = later & {Deed.RESTART, Deed.EDIT}
            assert moved or {name: flags[name] for name in SAFE} == SAFE, f"not safe: {flags}"
        if one.action.deed is Deed.EDIT and one.alone:
            moved = later & {Deed.ROLLBACK, Deed.EMERGENCY}
            assert moved or flags["PERCENT"] == BY_HAND, f"a hand edit is lost: {flags}"


def test_whatever_happens_in_whatever_order_the_record_and_the_flags_stay_one(rigs: Rigs, say: Say) -> None:
    """Each rig's place, where one step has been taken, has its share."""
    began_at = time.monotonic()
    places = [one.place for one in rigs(CHANGES["advance"])]
    seeds = range(FIRST, FIRST + SCHEDULES)
    with ThreadPoolExecutor(len(places)) as pool:
        shares = pool.map(lambda n: [tried(places[n], seed) for seed in seeds[n :: len(places)]], range(len(places)))
    bad = [one for share in shares for one in share if one]
    say(f"random schedules: {SCHEDULES} from seed {FIRST}, {len(bad)} bad, {time.monotonic() - began_at:.1f} s")
    assert not bad, "\n".join(bad)


def tried(place: Place, seed: int) -> str:
    """What was wrong, in a paragraph."""
    place.restore("start")
    course = Course(place)
    try:
        course.run(list(schedule(seed)))
        check(course)
    except AssertionError as error:
        for one in course.done:
            if one.command and not one.ended:
                one.command.send(signal.SIGKILL)
        exits = [f"{one.action}: {one.ended.code if one.ended else '-'}" for one in course.done]
        return f"seed {seed}: {', '.join(exits)}\n    {error}"
    return ""
