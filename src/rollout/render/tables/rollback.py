"""What a rollback did, and what it leaves to a person."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console

from rollout.operations.rollback import Rollback, RollbackOutcome
from rollout.render.console import console, styled
from rollout.render.tables.changes import write_changes


def write(result: Rollback, stream: TextIO) -> None:
    out = console(stream)
    if result.outcome is RollbackOutcome.DRY_RUN:
        write_preview(result, out)
        out.print(styled("dry run: nothing was changed"))
        return
    if result.outcome is RollbackOutcome.REFUSED:
        out.print(styled("HOLD", "  not rolled back: you said no"))
        return
    write_changes(result.changes, out, done=True)
    for failure in result.failures:
        out.print(styled("error", f": {failure}"))
    head = f"  [{result.head[:12]}]" if result.recorded else "  (could not be recorded)"
    took = f" in {result.elapsed.total_seconds():.1f} s"
    if result.outcome is RollbackOutcome.ROLLED_BACK:
        out.print(styled(f"rolled back{_how(result)}{took}", head))
    else:
        out.print(styled("error", f": not everything is rolled back{_how(result)}{took}", head))
    if result.left_to_do:
        out.print(styled("left to do:"))
        for item in result.left_to_do:
            out.print(styled(f"  {item}"), soft_wrap=True)
    if result.verified:
        out.print(styled("next: rollout advance --reason TEXT, when it may start again"))
    else:
        out.print(styled("next: the same command again, or by hand as above; `rollout status` shows what stands"))


def write_preview(result: Rollback, out: Console) -> None:
    out.print(styled(f"{result.rollout}  {result.environment}  roll back{_how(result)}"))
    if result.level.warning:
        out.print(styled("warning", f": {result.level.warning}"))
    write_changes(result.changes, out, done=False)


def _how(result: Rollback) -> str:
    level = f" by level {result.level.name}" if result.level.name else ""
    if result.back_to:
        return f"{level} to {result.label}"
    return level or " to the values found at the start"
