"""Commands that a change runs, as they ended."""

from __future__ import annotations

from datetime import timedelta

from rollout.frozen import dataclass


@dataclass(frozen=True)
class Ran:
    """One command of a change. `what` says which (`apply of api`), `argv` is as the plan writes it.

    `exit` None: it did not end by itself. `output` is the end of what it printed, without credentials. `failure` is a
    sentence; empty: it ended with 0.
    """

    what: str
    argv: tuple[str, ...]
    exit: int | None
    output: str
    failure: str
    took: timedelta


def ran_to_json(ran: Ran) -> dict[str, object]:
    return {
        "what": ran.what,
        "argv": list(ran.argv),
        "exit": ran.exit,
        "output": ran.output,
        "failure": ran.failure,
        "seconds": round(ran.took.total_seconds(), 3),
    }
