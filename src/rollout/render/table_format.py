"""Tables for a person: the verdict, why, what next, from when."""

from __future__ import annotations

from typing import TextIO, assert_never

from rollout.operations.advance import Advance
from rollout.operations.check import Check
from rollout.operations.history import History, Listing
from rollout.operations.lint import Lint
from rollout.operations.rollback import Rollback
from rollout.operations.show import Shown
from rollout.operations.status import StatusReport
from rollout.render.console import console
from rollout.render.results import Result
from rollout.render.tables import advance, check, history, lint, rollback, show, status


def write(result: Result, stream: TextIO) -> None:
    out = console(stream)
    match result:
        case Check():
            check.write(result, out)
        case StatusReport():
            status.write(result, out)
        case Advance():
            advance.write(result, out)
        case Rollback():
            rollback.write(result, out)
        case History():
            history.write_history(result, out)
        case Listing():
            history.write_listing(result, out)
        case Lint():
            lint.write(result, out)
        case Shown():
            show.write(result, out)
        case _:
            assert_never(result)
