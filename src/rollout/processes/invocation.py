"""A command as a plan writes it, made ready and started: its arguments, its environment, and what it must not show."""

from __future__ import annotations

import os
import signal
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from threading import Event

from rollout.frozen import dataclass
from rollout.model.durations import format_duration
from rollout.model.variables import expand
from rollout.processes.output import Sink
from rollout.processes.process import Exit, run
from rollout.processes.program import NotStartedError, find_program, why_not_started
from rollout.processes.secrets import Mask

_SIGNALS = {number.value: number.name for number in signal.Signals}


class UnfitError(Exception):
    """Says what no program can be given."""


@dataclass(frozen=True)
class Invocation:
    """`shown` is its program, fit for a sentence; `path` is where a program is looked up."""

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    path: str
    mask: Mask
    shown: str


def prepare(
    argv: Iterable[str],
    *,
    environ: Mapping[str, str],
    variables: Mapping[str, str],
    context: Mapping[str, str],
    secret_names: Collection[str],
) -> Invocation:
    """Arguments take their variables from `variables` alone. UnsetVariableError, UnfitError."""
    expanded = tuple(expand(argument, variables.get) for argument in argv)
    _check("an argument", expanded)
    _check("a variable", variables.values())
    everything = {**environ, **variables, **context}
    mask = Mask(everything, secret_names)
    return Invocation(expanded, everything, environ.get("PATH", os.defpath), mask, mask.quote(expanded[0]))


def start(
    invocation: Invocation,
    *,
    folder: Path,
    timeout: timedelta,
    halt: Event,
    stdout: Sink,
    stderr: Sink | None,
    leave: bool = False,
) -> Exit:
    """As `process.run`; NotStartedError."""
    try:
        return run(
            invocation.argv,
            find_program(invocation.argv[0], invocation.shown, folder, invocation.path),
            folder=folder,
            environ=invocation.environ,
            timeout=timeout.total_seconds(),
            halt=halt,
            stdout=stdout,
            stderr=stderr,
            leave=leave,
        )
    except OSError as error:
        raise NotStartedError(f"{invocation.shown!r} cannot be started: {why_not_started(error)}") from error


def unusable(folder: Path) -> str:
    """Why no command can run in it, or nothing."""
    if os.access(f"{folder}/.", os.X_OK):
        return ""
    return f"no command can run in {folder}: there is no such folder, or it may not be entered"


def cut_short(ended: Exit, timeout: timedelta) -> str:
    """How it ended that has no exit code (`took longer than 5m`), or nothing."""
    if ended.code is None:
        left = f", and its process {ended.left} could not be ended" if ended.left else ""
        return f"took longer than {format_duration(timeout)}{left}"
    return f"was ended by {_SIGNALS.get(-ended.code, f'signal {-ended.code}')}" if ended.code < 0 else ""


def _check(what: str, texts: Iterable[str]) -> None:
    for text in texts:
        if "\0" in text:
            raise UnfitError(f"{what} of the command holds a NUL character, which no program can be given")
        try:
            os.fsencode(text)
        except UnicodeEncodeError as error:
            flaw = f"{what} of the command holds a character that this system's encoding does not have"
            raise UnfitError(flaw) from error
