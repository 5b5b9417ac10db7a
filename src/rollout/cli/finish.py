"""The end of a command: the result on stdout, everything else on stderr, whatever has become of either."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from rollout.errors import Interrupted
from rollout.render import Result, write


def finish(result: Result, output: str) -> None:
    """A reader that went away changes neither what was done nor the exit code."""
    try:
        _guarded(sys.stdout, lambda: write(result, output, sys.stdout))
    except Interrupted:
        _let_go(sys.stdout)


def write_text(text: str) -> None:
    _guarded(sys.stdout, lambda: sys.stdout.write(text))


def report_error(message: str, hint: str, *, as_json: bool) -> None:
    from rollout.render.documents.document import write_error
    from rollout.render.text import clean, harmless

    text = clean(f"error: {message}") + (f"\nhint: {clean(hint)}" if hint else "")
    _guarded(sys.stderr, lambda: sys.stderr.write(harmless(text) + "\n"))
    if as_json:
        _guarded(sys.stdout, lambda: write_error(message, hint, sys.stdout))


def say(text: str) -> None:
    """Progress, for a person at a terminal."""
    from rollout.render.text import clean

    if sys.stderr is not None and sys.stderr.isatty():
        _guarded(sys.stderr, lambda: sys.stderr.write(f"{clean(text)} ...\n"))


def show(line: str) -> None:
    """What a command of the plan prints, for whoever reads the log."""
    from rollout.render.text import harmless

    _guarded(sys.stderr, lambda: sys.stderr.write(f"{harmless(line)}\n"))


def _guarded(stream: TextIO | None, write: Callable[[], object]) -> None:
    if stream is None:  # closed before we began
        return
    try:
        write()
        stream.flush()
    except BrokenPipeError:
        _let_go(stream)
    except OSError as error:
        if stream is not sys.stderr:
            report_error(f"the result could not be written: {error.strerror}", "", as_json=False)
        _let_go(stream)


def _let_go(stream: TextIO) -> None:
    """Python flushes once more at its end; from here on that goes nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
