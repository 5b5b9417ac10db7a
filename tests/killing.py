"""A busy workbench whose process is killed at a place of one's choice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fakes import nothing
from tests.workbench import KilledError, Workbench, kill


def held(made: Workbench) -> tuple[str | None, str | None]:
    return made.targets["web"].held.get("ON"), made.targets["api"].held.get("PERCENT")


def at(made: Workbench, place: str, hook: Callable[[], object]) -> None:
    what, _, where = place.partition(" ")
    match what:
        case "before-write":
            made.targets[where].before_write = hook
        case "after-write":
            made.targets[where].after_write = hook
        case "health":
            made.source.while_asked = hook
        case "record":
            made.runner.while_running[where] = lambda: setattr(made.store, "before_append", hook)
        case _:
            made.runner.while_running[what] = hook


def killed(made: Workbench, place: str, change: Callable[[], object]) -> None:
    at(made, place, kill)
    with pytest.raises(KilledError):
        change()
    at(made, place, nothing)
    made.runner.while_running.clear()
    made.store.before_append = nothing


def argvs(made: Workbench) -> list[str]:
    return [" ".join(argv) for _, argv in made.runner.ran]
