"""What a rollback did, and what it leaves to a person."""

from __future__ import annotations

from typing import TextIO

from rollout.model.plan import EMERGENCY
from rollout.operations.rollback import Rollback, RollbackOutcome
from rollout.render.console import Console, console, styled
from rollout.render.tables.changes import write_changes
from rollout.render.tables.left import write_left


def write(result: Rollback, stream: TextIO) -> None:
    out = console(stream, lean=result.level.name == EMERGENCY)
    if result.outcome is RollbackOutcome.DRY_RUN:
        write_preview(result, out)
        out.print(styled("dry run: nothing was changed"))
        return
    if result.outcome is RollbackOutcome.REFUSED:
        out.print(styled("HOLD", "  not rolled back: you said no"))
        return
    write_changes(result.changes, out, done=True)
    head = f"  [{result.head[:12]}]" if result.recorded else f"  ({_unrecorded(result)})"
    took = f" in {result.elapsed.total_seconds():.1f} s"
    if result.outcome is RollbackOutcome.ROLLED_BACK:
        out.print(styled(f"rolled back{_how(result)}{took}", head))
    else:
        out.print(styled("error", f": not everything is rolled back{_how(result)}{took}", head))
    write_left(result.failures, result.left_to_do, out)
    if result.verified:
        out.print(styled("next: rollout advance --reason TEXT, when it may start again"))
    elif result.open:
        out.print(styled(f"next: {_again(result)}, or by hand as above; `rollout status` shows what stands"))
    else:
        out.print(styled("next: what is left above, by hand; the flags are as they should be"))


def write_preview(result: Rollback, out: Console) -> None:
    out.print(styled(f"{result.rollout}  {result.environment}  roll back{_how(result)}"))
    if result.level.warning:
        out.print(styled("warning", f": {result.level.warning}"))
    write_changes(result.changes, out, done=False)


def _again(result: Rollback) -> str:
    return "the same command again" if result.level.name == EMERGENCY else "rollout recover, which tries again"


def _unrecorded(result: Rollback) -> str:
    if result.spooled:
        return f"not recorded yet: kept in {result.spooled}, the next command joins it to the record"
    return "could not be recorded"


def _how(result: Rollback) -> str:
    level = f" by level {result.level.name}" if result.level.name else ""
    if result.back_to:
        return f"{level} to {result.label}"
    return level or " to the values found at the start"
