"""Work that commands do while the main thread is free to be interrupted, which halts all of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import TypeVar

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

    def carry_on(done: Event) -> None:
        try:
            while not halt.is_set() and (taken := _next(waiting)):
                number, item = taken
                answers[number] = work(halt, item)
        except Exception as bug:  # noqa: BLE001  of a thread, so that it ends the command as it would elsewhere
            bugs.append(bug)
        finally:
            done.set()

    threads: list[tuple[Thread, Event]] = []
    try:
        for _ in range(min(at_once, len(items))):
            done = Event()
            # No daemon: after a second interruption, too, this process ends when its commands have.
            threads.append((Thread(target=carry_on, args=(done,), daemon=False), done))
            threads[-1][0].start()
        for _, done in threads:
            done.wait()  # an interrupted join() takes a thread for ended
    finally:
        halt.set()
        for thread, done in threads:
            if thread.ident is not None:  # else it was not started, or will find nothing to do
                done.wait()
    for bug in bugs:
        raise bug
    return [answers[number] for number in range(len(items))]


def _next(waiting: deque[tuple[int, T]]) -> tuple[int, T] | None:
    try:
        return waiting.popleft()
    except IndexError:  # another thread was faster
        return None
