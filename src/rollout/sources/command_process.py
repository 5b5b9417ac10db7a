"""One command as a session of its own: bounded in time and memory, and ended with all that it left behind."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from threading import Event
from time import monotonic

from rollout.frozen import dataclass
from rollout.sources.command_output import Output, Tail
from rollout.sources.command_session import clear_away, living_groups, send

_LOOK = 0.02
"""Seconds between two looks at whether it has ended: its pipes do not tell, while a child of it holds them open."""
_GRACE = 0.5
"""Seconds to end in after SIGTERM, before SIGKILL, and after that before it is given up."""


@dataclass(frozen=True)
class Exit:
    """`code` is below 0 for a signal, None where it did not end by itself; `left` is the process if nothing ends it."""

    code: int | None
    stdout: Tail
    stderr: Tail
    left: int | None = None


def run(
    argv: Sequence[str],
    program: Path,
    *,
    folder: Path,
    environ: Mapping[str, str],
    timeout: float,
    keep: int,
    halt: Event,
) -> Exit:
    """OSError where it cannot be started; `keep` is how many bytes of each stream are kept.

    For another thread than the main one: signal handlers raise there, and what was just started would be lost.
    """
    output = Output(keep)
    process = Popen(
        argv,
        executable=program,
        cwd=folder,
        env=environ,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
        bufsize=0,
    )
    deadline = monotonic() + timeout
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        stdout, stderr = output.watch(process.stdout), output.watch(process.stderr)
        while process.poll() is None and not halt.is_set() and (left := deadline - monotonic()) > 0:
            output.read(min(left, _LOOK))
        code: int | None = process.returncode
        output.finish()
        gone = _end_all(process, output)
    return Exit(code, stdout, stderr, None if gone else process.pid)


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
