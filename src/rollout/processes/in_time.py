"""Not waiting for a disk or a server that does not answer."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

from rollout.errors import RolloutError

T = TypeVar("T")


def within(limit: float, call: Callable[[], T]) -> T:
    """What the call comes to; TimeoutError after so many seconds, and then it goes on by itself."""
    outcome: list[T] = []
    failure: list[RolloutError | OSError] = []

    def work() -> None:
        try:
            outcome.append(call())
        except (RolloutError, OSError) as error:
            failure.append(error)

    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(limit)
    if failure:
        raise failure[0]
    if not outcome:
        raise TimeoutError(f"no answer within {limit:g} s")
    return outcome[0]
