"""Several who ask, at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from typing import Any


def at_once(jobs: Sequence[Callable[[], Mapping[Any, object]]]) -> dict[Any, object]:
    """What all of them come to. The last one runs in this thread, where an interruption arrives.

    The others are daemons, as those who ask give up at their deadlines.
    """
    answers: dict[Any, object] = {}
    bugs: list[Exception] = []

    def work(job: Callable[[], Mapping[Any, object]]) -> None:
        try:
            answers.update(job())
        except Exception as bug:  # noqa: BLE001  of a thread, so that it ends the command as it would elsewhere
            bugs.append(bug)

    threads = [Thread(target=work, args=(job,), daemon=True) for job in jobs[:-1]]
    for thread in threads:
        thread.start()
    for job in jobs[-1:]:
        work(job)
    for thread in threads:
        thread.join()
    for bug in bugs:
        raise bug
    return answers
