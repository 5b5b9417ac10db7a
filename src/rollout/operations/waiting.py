"""Judging again and again, for a while, as long as the verdict may yet become another one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from rollout.model.durations import left
from rollout.model.verdicts import Decision, Verdict
from rollout.operations.desk import Desk

NO_WAIT = timedelta()

_OPEN = (Verdict.HOLD, Verdict.UNKNOWN)
_OFTEN, _SELDOM = timedelta(seconds=5), timedelta(seconds=30)
"""Seconds between two looks, at least and at most."""

R = TypeVar("R")


def waiting(desk: Desk, wait: timedelta, look: Callable[[Desk], R], decision_of: Callable[[R], Decision]) -> R:
    """What `look` comes to, at once or, where that is HOLD or UNKNOWN, when it is neither or `wait` is over."""
    until = desk.clock.now() + wait
    result = look(desk)
    while decision_of(result).verdict in _OPEN and (rest := until - desk.clock.now()) > NO_WAIT:
        decision = decision_of(result)
        possible = decision.earliest
        pause = _SELDOM if possible is None else min(max(possible - desk.clock.now(), _OFTEN), _SELDOM)
        why = decision.reasons[0] if decision.reasons else ""
        with desk.voice.working(f"{decision.verdict}, waiting up to {left(rest)} ({why})"):
            desk.clock.sleep(min(pause, rest).total_seconds())
        desk = desk if desk.at else desk.again()
        result = look(desk)
    return result
