"""One command as a session of its own: bounded in time and memory, and ended with all that it left behind."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from threading import Event
from time import monotonic

from rollout.frozen import dataclass
from rollout.processes.output import Output, Sink
from rollout.processes.session import clear_away, living_groups, send

_LOOK = 0.02
"""Seconds between two looks at whether it has ended: its pipes do not tell, while a child of it holds them open."""
_GRACE = 0.5
"""Seconds to end in after SIGTERM, before SIGKILL, and after that before it is given up."""
_MOMENT = 0.1
"""Seconds in which what a command leaves behind may still say how it began."""


@dataclass(frozen=True)
class Exit:
    """`code` is below 0 for a signal, None where it did not end by itself; `left` is the process if nothing ends it."""

    code: int | None
    left: int | None = None


def run(
    argv: Sequence[str],
    program: Path,
    *,
    folder: Path,
    environ: Mapping[str, str],
    timeout: float,
    halt: Event,
    stdout: Sink,
    stderr: Sink | None,
    leave: bool = False,
) -> Exit:
    """OSError where it cannot be started. Without a sink of its own, stderr goes where stdout goes.

    `leave`: what the command left behind when it ended by itself, a service that it started, say, lives on and can
    still print, but nobody reads it.

    For another thread than the main one: signal handlers raise there, and what was just started would be lost.
    """
    output = Output()
    process = Popen(
        argv,
        executable=program,
        cwd=folder,
        env=environ,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE if stderr else STDOUT,
        start_new_session=True,
        bufsize=0,
    )
    deadline = monotonic() + timeout
    with ExitStack() as pipes:
        for pipe, sink in ((process.stdout, stdout), (process.stderr, stderr)):
            if pipe and sink:
                output.watch(pipes.enter_context(pipe), sink)
        while process.poll() is None and not halt.is_set() and (left := deadline - monotonic()) > 0:
            output.read(min(left, _LOOK))
        code: int | None = process.returncode
        if leave and code is not None:
            _hear_out(output)
        output.finish()
        gone = (leave and code is not None) or _end_all(process, output)
        for open_pipe in output.open if leave else ():
            _drain(open_pipe)
    return Exit(code, None if gone else process.pid)


def _hear_out(output: Output) -> None:
    until = monotonic() + _MOMENT
    while output.open and (left := until - monotonic()) > 0:
        output.read(left)


def _drain(pipe: int) -> None:
    """Someone goes on reading until the last writer is gone: a service would die of its next line otherwise.

    It is nobody's child at once, so that neither our own end nor one who ends our commands takes it along.
    """
    with suppress(OSError):
        script = "exec 3<&0; cd /; cat <&3 3<&- &"
        Popen(["/bin/sh", "-c", script], stdin=pipe, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True).wait()


def _end_all(process: Popen[bytes], output: Output) -> bool:
    """Whether the command itself is gone; what it started may be another user's and outlive it."""
    groups = _living(process)
    for number in (signal.SIGTERM, signal.SIGKILL):
        send(number, groups)
        until = monotonic() + _GRACE
        while (groups := groups and _living(process)) and monotonic() < until:
            output.read(_LOOK / 4)
    if process.returncode is None:
        return False
    clear_away(process.pid)
    return True


def _living(process: Popen[bytes]) -> set[int]:
    ended = process.poll() is not None
    return living_groups(process.pid) | (set() if ended else {process.pid})
