"""What people and machines read. Renderers never recompute: every number and sentence is in the result already.

To add a format: a package with a module for each result it can show, and its line in `FORMATS`; to add a result: its
line in `RESULTS` and a module in each package. Only the one module that is needed is imported: `lint` needs no tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TextIO, TypeAlias, cast

if TYPE_CHECKING:
    from rollout.operations.advance import Advance
    from rollout.operations.check import Check
    from rollout.operations.history import History, Listing
    from rollout.operations.lint import Lint
    from rollout.operations.rollback import Rollback
    from rollout.operations.show import Shown
    from rollout.operations.status import StatusReport

Result: TypeAlias = "Check | StatusReport | Advance | Rollback | History | Listing | Lint | Shown"

FORMATS: Mapping[str, str] = {
    "table": "rollout.render.tables",
    "json": "rollout.render.documents",
}

RESULTS: Mapping[str, str] = {
    "Advance": "advance",
    "Check": "check",
    "History": "history",
    "Lint": "lint",
    "Listing": "listing",
    "Rollback": "rollback",
    "Shown": "show",
    "StatusReport": "status",
}


class Renderer(Protocol):
    def write(self, result: Result, stream: TextIO) -> None: ...


def write(result: Result, output: str, stream: TextIO) -> None:
    module = import_module(f"{FORMATS[output]}.{RESULTS[type(result).__name__]}")
    cast(Renderer, module).write(result, stream)
