"""Overtaking a change that somebody else has under way, so that it can write no more."""

from __future__ import annotations

from datetime import timedelta

from rollout.model.state import Pending
from rollout.operations.desk import Desk
from rollout.ports import Fate

_MOST = timedelta(seconds=5)
"""After so long it has found itself overtaken, or is ended."""
_LOOK = 0.1


def may_write_again(desk: Desk, pending: Pending | None) -> bool:
    """Whether whoever carries it out may still write; its commands are ended, and a stopped process is killed."""
    if pending is None or pending.released or pending.holder is None:
        return False
    match desk.machine.fate(pending.holder):
        case Fate.GONE:
            if desk.state.seq:  # a rollback card does not say that it has ended since
                desk.machine.end_left(pending.op)
            return False
        case Fate.STOPPED:  # it would go on whenever somebody lets it, and write
            return not desk.machine.end(pending.holder)
        case Fate.ALIVE:
            desk.machine.end_commands(pending.holder)
            return True
        case Fate.UNKNOWN:
            return True


def until_over(desk: Desk, pending: Pending) -> None:
    """Return when it has ended; one that does not, or that is out of sight, is given five seconds."""
    holder = pending.holder
    if holder is None:
        return
    overtaken = f"{pending.actor}'s {pending.kind} was overtaken ({holder}): waiting until it can write no more"
    until = desk.clock.now() + _MOST
    with desk.voice.working(overtaken):
        while desk.clock.now() < until:
            if desk.machine.fate(holder) is Fate.GONE:
                return
            desk.clock.sleep(_LOOK)
    desk.machine.end(holder)
