"""The one boundary where errors become sentences and exit codes."""

from __future__ import annotations

import re
import signal
import sys
import traceback
from types import FrameType

from typer.exceptions import Abort, TyperException

from rollout.cli.app import app
from rollout.cli.finish import report_error
from rollout.errors import RolloutError

BUG = 1


class Terminated(KeyboardInterrupt):
    """SIGTERM, which Python would otherwise obey without any clean-up."""


def run(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, _terminate)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    as_json = _wants_json(arguments)
    try:
        code = app(args=arguments or ["--help"], prog_name="rollout", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except RolloutError as error:
        report_error(error.message, error.hint, as_json=as_json)
        return error.exit_code
    except TyperException as error:
        report_error(error.format_message(), "rollout --help lists the commands and their options", as_json=as_json)
        return 2
    except Terminated:
        report_error("terminated; nothing was changed", "", as_json=as_json)
        return 143
    except (KeyboardInterrupt, Abort):
        report_error("interrupted; nothing was changed", "", as_json=as_json)
        return 130
    except Exception as error:  # noqa: BLE001  the last resort: a bug gets its own exit code and its traceback
        traceback.print_exc()
        report_error(f"a bug in rollout: {error!r}", "please report it with the lines above", as_json=as_json)
        return BUG


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated


def _wants_json(arguments: list[str]) -> bool:
    """Whether stdout must be one JSON document even when the options cannot be read."""
    joined = " ".join(arguments)
    return bool(re.search(r"(?:^| )(?:-o[ =]?|--output[ =])json(?: |$)", joined))
