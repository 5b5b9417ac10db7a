"""What a recovery did, and what it leaves to a person."""

from __future__ import annotations

from typing import TextIO

from rollout.operations.recover import Recovery, RecoveryOutcome
from rollout.render.console import console, styled
from rollout.render.tables.changes import write_changes
from rollout.render.tables.left import write_left

_SAID = {
    RecoveryOutcome.UNDONE: "is taken back",
    RecoveryOutcome.FINISHED: "is finished",
    RecoveryOutcome.FAILED: "is still half done",
}


def write(result: Recovery, stream: TextIO) -> None:
    out = console(stream)
    head = f"  [{result.head[:12]}]" if result.head else ""
    if result.outcome is RecoveryOutcome.NOTHING:
        out.print(styled(f"nothing to recover{head}"))
        return
    write_changes(result.changes, out, done=True)
    write_left(result.failures, result.left_to_do, out)
    aim = f" to {result.aim}" if result.aim else ""
    failed = ("error", ": ") if result.outcome is RecoveryOutcome.FAILED else ()
    out.print(styled(*failed, f"the {result.kind}{aim} that {result.by} began {_SAID[result.outcome]}{head}"))
