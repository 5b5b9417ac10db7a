"""The end of a command: the result on stdout, everything else on stderr, whatever has become of either."""

from __future__ import annotations

import sys

from rollout.cli.voice import guarded, let_go, voice
from rollout.errors import Interrupted
from rollout.render import Result, write
from rollout.render.reports import GITHUB, Failure, write_error


def finish(result: Result, output: str) -> None:
    """A reader that went away changes neither what was done nor the exit code."""
    with voice.quiet():
        try:
            guarded(sys.stdout, lambda stdout: write(result, output, stdout))
            if output == GITHUB:
                _publish(result)
        except Interrupted:
            let_go(sys.stdout)


def write_text(text: str) -> None:
    with voice.quiet():
        guarded(sys.stdout, lambda stdout: stdout.write(text))


def report_error(failure: Failure, output: str) -> None:
    """`output` is the format that stdout must have, too, if any."""
    from rollout.render.text import clean, harmless

    text = clean(f"error: {failure.message}") + (f"\nhint: {clean(failure.hint)}" if failure.hint else "")
    with voice.quiet():
        guarded(sys.stderr, lambda stderr: stderr.write(harmless(text) + "\n"))
        if output:
            guarded(sys.stdout, lambda stdout: write_error(failure, output, stdout))
        if output == GITHUB:
            _publish(failure)


def _publish(result: Result | Failure) -> None:
    from rollout.cli.github_files import publish
    from rollout.operations.check import Check

    if isinstance(result, Check | Failure):
        publish(result)
