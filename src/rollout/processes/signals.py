"""Which signals a command hears, and when."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

INTERRUPTING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def hear_of_children() -> None:
    """At the start, in the main thread. Where SIGCHLD is ignored, the system drops every exit code.

    Python would take each command for one that ended with 0.
    """
    if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)


@contextmanager
def interrupted_at_the_end(stop: Callable[[], None]) -> Iterator[None]:
    """What would interrupt the main thread calls `stop` instead, and interrupts when the block has ended.

    For a block that waits for other threads. The handlers raise, between any two instructions: where that is within a
    wait, a lock may stay locked that the other thread needs to end.
    """
    if current_thread() is not main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in INTERRUPTING}
    raising = {number: handler for number, handler in handlers.items() if callable(handler)}
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        stop()

    try:
        for number in raising:
            signal.signal(number, note)
        yield
    finally:
        for number, handler in raising.items():
            signal.signal(number, handler)
        for first in came[:1]:
            raising[signal.Signals(first)](first, None)
