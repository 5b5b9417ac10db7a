"""The one boundary where errors become sentences and exit codes."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from rollout.cli.emergency import emergency, understood
from rollout.cli.finish import report_error
from rollout.cli.voice import let_go, voice
from rollout.errors import Interrupted, RolloutError, UnwrittenError, UsageError
from rollout.processes.signals import INTERRUPTING, hear_of_children
from rollout.render.plain import PLAIN
from rollout.render.reports import Failure, wanted

BUG, USAGE = 1, 2
_HELP = {"--help", "-h", "--version", "-V"}
"""What Typer writes itself."""


def run(arguments: list[str]) -> int:
    for number in INTERRUPTING:
        if signal.getsignal(number) != signal.SIG_IGN:  # whoever ignores it (nohup) means it
            signal.signal(number, _interrupt)
    hear_of_children()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN)
    output = wanted(arguments)
    try:
        with voice.working("working", quietly=True):
            return _carry_out(arguments)
    except RolloutError as error:
        report_error(Failure(error.message, error.hint, error.exit_code), output)
        return error.exit_code
    except Interrupted as interrupted:
        report_error(Failure("interrupted; nothing was changed", "", interrupted.exit_code), output)
        return interrupted.exit_code
    except Exception as error:  # noqa: BLE001  the last resort: a bug gets its own exit code and its traceback
        import traceback

        traceback.print_exc()
        kind = type(error).__name__  # its words may hold a credential, and a summary stays
        report_error(Failure(f"a bug in rollout: {kind}", "please report it with the lines above", BUG), output)
        return BUG


def _carry_out(arguments: Sequence[str]) -> int:
    wanted = understood(arguments)
    if wanted is not None:
        voice.verbose = wanted.verbose
        return emergency(wanted.settings, output=wanted.output, reason=wanted.reason, dry_run=wanted.dry_run)
    from typer.exceptions import TyperException

    from rollout.cli.app import app

    try:
        return _exit_code(app(args=arguments or ["--help"], prog_name="rollout", standalone_mode=False))
    except TyperException as error:
        raise UsageError(error.format_message(), "rollout --help lists the commands and their options") from error
    except OSError as error:
        if _HELP.isdisjoint(arguments) and arguments:
            raise
        let_go(sys.stdout)
        raise UnwrittenError(f"the help could not be written: {error.strerror}") from error


def _exit_code(code: object) -> int:
    """Of a command, or of Typer itself, which says 1 for what is a usage error here."""
    return USAGE if code == BUG else code if isinstance(code, int) else 0


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise Interrupted(128 + number)
