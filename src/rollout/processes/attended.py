"""Work that commands do while the main thread is free to be interrupted, which halts all of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import TypeVar

from rollout.processes.signals import interrupted_at_the_end

_MOMENT = 0.05
"""Seconds after which a signal is seen at the latest."""

T = TypeVar("T")
R = TypeVar("R")


def attended(work: Callable[[Event, T], R], items: Sequence[T], *, at_once: int) -> list[R]:
    """An interruption goes on only when every process that was started here has ended: `work` heeds its event.

    Called in another thread than the main one, none arrives, and the process ends when the work has.
    """
    halt = Event()
    waiting = deque(enumerate(items))
    answers: dict[int, R] = {}
    bugs: list[Exception] = []

    def carry_on() -> None:
        try:
            while not halt.is_set() and (taken := _next(waiting)):
                number, item = taken
                answers[number] = work(halt, item)
        except Exception as bug:  # noqa: BLE001  of a thread, so that it ends the command as it would elsewhere
            bugs.append(bug)

    threads = [Thread(target=carry_on) for _ in range(min(at_once, len(items)))]
    with interrupted_at_the_end(halt.set):
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():  # a signal that comes just before the wait begins is seen only after it
                thread.join(_MOMENT)
    for bug in bugs:
        raise bug
    return [answers[number] for number in range(len(items))]


def _next(waiting: deque[tuple[int, T]]) -> tuple[int, T] | None:
    try:
        return waiting.popleft()
    except IndexError:  # another thread was faster
        return None
