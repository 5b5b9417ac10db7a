"""What people and machines read. Renderers never recompute: every number and sentence is in the result already.

To add a format of a result: a module with `write`, and its name in `FORMATS`; `--output` takes it from there. To add a
result: its place in `Result`, its line in `FORMATS`, and its modules. Only the one module that is needed is imported:
`lint` needs no tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TextIO, TypeAlias, cast

if TYPE_CHECKING:
    from rollout.operations.advance import Advance
    from rollout.operations.answer import Answered
    from rollout.operations.check import Check
    from rollout.operations.checklist import Checklist, Signed
    from rollout.operations.close import Closed
    from rollout.operations.history import History, Listing
    from rollout.operations.lint import Lint
    from rollout.operations.pause import Paused
    from rollout.operations.recover import Recovery
    from rollout.operations.rollback import Rollback
    from rollout.operations.show import Shown
    from rollout.operations.status import StatusReport
    from rollout.operations.unlock import Unlocked

Result: TypeAlias = (
    "Check | StatusReport | Advance | Rollback | History | Listing | Lint | Shown | Answered"
    " | Checklist | Signed | Paused | Closed | Recovery | Unlocked"
)

TABLE = "table"


def _both(module: str) -> dict[str, str]:
    return {TABLE: f"tables.{module}", "json": f"documents.{module}"}


FORMATS: Mapping[str, Mapping[str, str]] = {
    "Advance": _both("advance"),
    "Answered": _both("answer"),
    "Check": _both("check") | {"junit": "reports.junit", "github": "reports.github", "markdown": "reports.markdown"},
    "Checklist": _both("checklist"),
    "Closed": _both("close"),
    "History": _both("history"),
    "Lint": _both("lint"),
    "Listing": _both("listing"),
    "Paused": _both("pause"),
    "Recovery": _both("recovery"),
    "Rollback": _both("rollback"),
    "Shown": _both("show"),
    "Signed": _both("signed"),
    "StatusReport": _both("status"),
    "Unlocked": _both("unlocked"),
}
"""Each result's formats, with the module beneath `rollout.render` that writes it."""


class Renderer(Protocol):
    def write(self, result: Result, stream: TextIO) -> None: ...


def write(result: Result, output: str, stream: TextIO) -> None:
    module = import_module(f"rollout.render.{FORMATS[type(result).__name__][output]}")
    cast(Renderer, module).write(result, stream)


def write_preview(result: object, table: str, stream: TextIO) -> None:
    """What a change would do, shown before it is asked about."""
    module = import_module(f"rollout.render.tables.{table}")
    module.write_preview(result, import_module("rollout.render.console").console(stream))
