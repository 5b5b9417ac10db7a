"""The system's table of processes, where it has one (`/proc`)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from rollout.frozen import dataclass


@dataclass(frozen=True)
class Process:
    """`state` is a letter of ps(1); `started` counts clock ticks since the boot."""

    pid: int
    state: str
    parent: int
    session: int
    started: int


def process(pid: int) -> Process:
    """OSError where it cannot be seen."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()  # the name before may hold anything
    return Process(pid, fields[0], int(fields[1]), int(fields[3]), int(fields[19]))


def children(parent: int) -> Iterator[Process]:
    return (found for found in _all() if found.parent == parent)


def leaders_with(variable: str) -> Iterator[int]:
    """The first processes of sessions in whose environment this stands."""
    wanted = variable.encode()
    for found in _all():
        if found.pid == found.session:
            with suppress(OSError):  # it ended meanwhile, or is another user's
                if wanted in Path(f"/proc/{found.pid}/environ").read_bytes().split(b"\0"):
                    yield found.pid


def _all() -> Iterator[Process]:
    try:
        with os.scandir("/proc") as entries:
            pids = [int(entry.name) for entry in entries if entry.name.isdigit()]
    except OSError:  # not every system has such a table
        return
    for pid in pids:
        with suppress(OSError):
            yield process(pid)


def ancestors(pid: int) -> Iterator[int]:
    """With itself."""
    with suppress(OSError):
        while pid > 0:
            yield pid
            pid = process(pid).parent


def boot() -> str:
    """Which run of the system's kernel this is; empty where that, or a process, cannot be told."""
    try:
        # The table may be that of another namespace, where our numbers mean others.
        return (
            _read("/proc/sys/kernel/random/boot_id") if str(Path("/proc/self").readlink()) == str(os.getpid()) else ""
        )
    except OSError:
        return ""


def space() -> str:
    """The namespace that process numbers here count in; empty where that cannot be told."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def machine() -> str:
    """What outlives a boot; empty where the system, or the image it was made from, has none of its own."""
    try:
        found = _read("/etc/machine-id")
    except OSError:
        return ""
    return found if len(found) == 32 else ""


def _read(path: str) -> str:
    return Path(path).read_text(encoding="ascii", errors="replace").strip()
