"""The processes of this machine, one of which may be carrying out a change."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from rollout.model.state import Holder
from rollout.ports import Fate
from rollout.processes import table
from rollout.processes.session import living_groups, send

_LOOK = 0.01
_STOP, _GRACE, _DYING = 0.02, 0.2, 0.1
"""Seconds to stop in, to end after SIGTERM, and after SIGKILL."""
_PATIENCE = 0.5
"""Seconds that ending one takes at most."""
_THERE = (Fate.ALIVE, Fate.STOPPED)


class ThisMachine:
    def this_process(self) -> Holder:
        boot, pid, started = table.boot(), os.getpid(), 0
        if boot:
            try:
                started = table.process(pid).started
            except OSError:  # nobody can tell us from a later process with our number
                boot = ""
        return Holder(os.uname().nodename, table.machine(), boot, table.space(), pid, started)

    def fate(self, holder: Holder) -> Fate:
        here = self.this_process()
        if not here.boot or not here.space or not holder.boot or holder.pid <= 0:
            return Fate.UNKNOWN
        if (holder.boot, holder.space) == (here.boot, here.space):
            return _fate_here(holder)
        restarted = holder.boot != here.boot and (holder.machine, holder.host) == (here.machine, here.host)
        return Fate.GONE if restarted and here.machine else Fate.UNKNOWN

    def end_commands(self, holder: Holder) -> None:
        if self.fate(holder) in _THERE:
            _Commands(holder).end()

    def end_left(self, op: str) -> None:
        ours = {os.getsid(0), *table.ancestors(os.getpid())}
        sessions = {
            leader for leader in table.leaders_with(f"ROLLOUT_OP_ID={op}") if _prints_into_a_pipe(leader)
        } - ours
        for number, seconds in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, _DYING)):
            for session in sessions:
                send(number, living_groups(session))
            if not sessions or _wait(lambda: not any(living_groups(one) for one in sessions), seconds):
                return

    def end(self, holder: Holder) -> bool:
        until = monotonic() + _PATIENCE
        fate = self.fate(holder)
        if fate not in _THERE or holder.pid == os.getpid():
            return fate is Fate.GONE
        if not _send(holder, signal.SIGSTOP):  # so that it starts nothing more
            return _fate_here(holder) is Fate.GONE
        commands = _Commands(holder, all_children=True)
        try:
            _wait(lambda: _fate_here(holder) is not Fate.ALIVE, _STOP)
            commands.end()
        finally:
            _send(holder, signal.SIGKILL)
        return _wait(lambda: _fate_here(holder) is Fate.GONE and not commands.living(), until - monotonic())


class _Commands:
    """Of a holder: the sessions that its children lead. But for those that we are part of ourselves.

    `all_children`: the others are ended too, as one of them may be a command that is just about to start.
    """

    def __init__(self, holder: Holder, *, all_children: bool = False) -> None:
        self._holder = holder
        self._all_children = all_children
        self._ours = {os.getsid(0), *table.ancestors(os.getpid())}
        self._sessions: set[int] = set()

    def end(self) -> None:
        self._send(signal.SIGTERM)
        if not _wait(lambda: not self.living(), _GRACE):
            self._send(signal.SIGKILL)
            _wait(lambda: not self.living(), _DYING)

    def living(self) -> bool:
        groups, others = self._look()
        return bool(groups or others)

    def _send(self, number: int) -> None:
        groups, others = self._look()
        send(number, groups)
        for pid in others:
            with suppress(OSError):
                os.kill(pid, number)

    def _look(self) -> tuple[set[int], set[int]]:
        """Groups of sessions, and single processes; a session stays known when its leader has ended."""
        children = [child for child in table.children(self._holder.pid) if child.state not in "ZX"]
        leaders = {child.pid for child in children if child.session == child.pid}
        self._sessions |= leaders - self._ours
        groups = {group for session in self._sessions for group in living_groups(session)}
        others = {child.pid for child in children} - leaders - self._ours
        return groups, others if self._all_children else set()


def _prints_into_a_pipe(pid: int) -> bool:
    """As our commands do; a daemon that one of them has left in a session of its own prints elsewhere."""
    try:
        return str(Path(f"/proc/{pid}/fd/1").readlink()).startswith("pipe:")
    except OSError:
        return False


def _fate_here(holder: Holder) -> Fate:
    try:
        found = table.process(holder.pid)
    except OSError:
        try:
            os.kill(holder.pid, 0)
        except ProcessLookupError:
            return Fate.GONE
        except OSError:
            pass
        return Fate.UNKNOWN  # another user's, which is hidden from us
    if found.started != holder.started or found.state in "ZX":
        return Fate.GONE
    return Fate.STOPPED if found.state in "Tt" else Fate.ALIVE


def _send(holder: Holder, number: int) -> bool:
    """Whether it could be sent, to this very process and to no other that has its number by now."""
    try:
        handle = os.pidfd_open(holder.pid)
    except (AttributeError, OSError):  # an old system, or a container that forbids it
        handle = None
    try:
        if _fate_here(holder) not in _THERE:
            return False
        if handle is None:
            os.kill(holder.pid, number)
        else:
            signal.pidfd_send_signal(handle, number)
    except OSError:  # another user's
        return False
    finally:
        if handle is not None:
            os.close(handle)
    return True


def _wait(done: Callable[[], bool], seconds: float) -> bool:
    until = monotonic() + seconds
    while not (did := done()) and monotonic() < until:
        sleep(_LOOK)
    return did
