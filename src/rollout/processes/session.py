"""The processes of a session: all that a command has started, but for daemons that made a session of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROCESSES = Path("/proc")
"""Not on every system; where there is none, only a session's first group is known."""
_DEAD = ("Z", "X")


def living_groups(session: int) -> set[int]:
    """Its process groups in which anything lives: a shell's jobs and `timeout` have groups of their own."""
    if (_PROCESSES / "self" / "stat").exists():
        return {group for _, group, state in _members(session) if state not in _DEAD}
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return set()
    except PermissionError:  # another user's
        pass
    return {session}


def send(number: int, groups: set[int]) -> None:
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def clear_away(session: int) -> None:
    """Takes note of orphans' ends where this is the first process of a container: nobody else does."""
    for pid, _, _ in _members(session):
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _members(session: int) -> Iterator[tuple[int, int, str]]:
    """Number, group and state of each process."""
    with suppress(OSError), os.scandir(_PROCESSES) as entries:
        for pid in [int(entry.name) for entry in entries if entry.name.isdigit()]:
            with suppress(OSError):  # it ended meanwhile
                if os.getsid(pid) == session:
                    stat = (_PROCESSES / str(pid) / "stat").read_text(errors="replace")
                    yield pid, os.getpgid(pid), stat.rpartition(")")[2].lstrip()[:1]
