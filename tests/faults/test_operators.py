"""Twenty people at once: one of them takes a step, nobody's word is lost, nobody sees a traceback."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter

from tests.faults.conftest import Say
from tests.faults.rig import LONG, Place
from tests.warm.running import Ended

MANY = 20
ROUNDS = 200 if LONG else 2
MIXED_ROUNDS = 200 if LONG else 1

MIXED = {
    ("advance", "--yes", "--reason", "on"): "advanced",
    ("advance", "--to", "some/2", "--yes"): "advanced",
    ("rollback", "--yes"): "rolled-back",
    ("rollback", "--emergency"): "rolled-back",
    ("tick", "told"): "answered",
    ("pause", "--reason", "lunch"): "",
    ("resume",): "",
    ("status", "-o", "json"): "",
    ("recover",): "",
}
"""What people do at the same time, and the event that always stands for it."""


def at_once(place: Place, commands: list[tuple[str, ...]]) -> dict[str, Ended]:
    """Every command by an operator of its own; none takes its first step before all are there."""
    started = {f"op-{n}": place.start(*command, actor=f"op-{n}", stopped=True) for n, command in enumerate(commands)}
    for command in started.values():
        command.send(signal.SIGCONT)
    return {actor: command.wait() for actor, command in started.items()}


def test_of_many_who_advance_at_once_one_wins_and_the_flags_are_written_once(place: Place, say: Say) -> None:
    began_at = time.monotonic()
    place.save("start")
    codes: Counter[int] = Counter()
    for number in range(ROUNDS):
        if number % 2 == 0:
            place.restore("start")
        restarts = place.restarts
        ended = at_once(place, [("advance", "--to", f"some/{number % 2 + 1}", "--yes")] * MANY)
        winners = [actor for actor, one in ended.items() if one.code == 0]
        assert len(winners) == 1, {actor: (one.code, one.err) for actor, one in ended.items()}
        assert [actor for _, kind, actor in place.events() if kind == "advanced"][number % 2 :] == winners
        assert place.restarts == restarts + 1
        place.assert_consistent()
        codes.update(one.code for one in ended.values())
        others = [one for one in ended.values() if one.code not in (0, 7)]
        assert not others, others[0]
    say(f"{MANY} who advance at once: {ROUNDS} rounds, exits {dict(codes)}, {time.monotonic() - began_at:.1f} s")


def test_what_many_do_at_once_is_recorded_or_refused(place: Place, say: Say) -> None:
    began_at = time.monotonic()
    place.must("advance", "--yes")
    place.save("start")
    codes: Counter[int] = Counter()
    for seed in range(MIXED_ROUNDS):
        place.restore("start")
        commands = random.Random(seed).choices(list(MIXED), k=MANY)
        ended = at_once(place, commands)
        place.must("recover")
        recorded = {(actor, kind) for _, kind, actor in place.events()}
        for command, (actor, one) in zip(commands, ended.items(), strict=True):
            wrong_time = {2} if command[0] in ("tick", "pause", "resume") else set()
            assert one.code in {0, 4, 7, 8} | wrong_time, f"{command}: exit {one.code}\n{one.err}"
            if one.code == 0 and MIXED[command]:
                assert (actor, MIXED[command]) in recorded, f"seed {seed}, {actor}: {command} is lost"
        place.assert_consistent()
        codes.update(one.code for one in ended.values())
    say(f"{MANY} at once, mixed: {MIXED_ROUNDS} rounds, exits {dict(codes)}, {time.monotonic() - began_at:.1f} s")
