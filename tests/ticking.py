"""A rollout whose plan wants items ticked and phases signed."""

from __future__ import annotations

from dataclasses import replace

from rollout.model.plan import ChecklistItem, Plan, SignOff
from rollout.model.verdicts import Stage
from rollout.operations.answer import tick
from rollout.operations.checklist import Signed, sign
from tests.small_plans import gate, make_plan, phase, step
from tests.workbench import Workbench, workbench

BACKUP = ChecklistItem("backup", "Backup taken", before=Stage.ENTRY)
RUNBOOK = ChecklistItem("runbook", "Runbook reviewed")
LOAD = ChecklistItem("load-tested", "Load tested", gate="load")
TOLD = ChecklistItem("told", "Support is told", before=Stage.ENTRY)
LEAD, OWNER = SignOff("Engineering Lead"), SignOff("Product Owner", Stage.ENTRY)


def plan() -> Plan:
    """backup enters one; runbook, the load gate and the lead's signature leave it; told and the owner enter two."""
    made = make_plan(
        replace(phase("one", step(ON=True), step(PERCENT=10)), checklist=(BACKUP, RUNBOOK, LOAD), sign_off=(LEAD,)),
        replace(phase("two", step(PERCENT=50)), checklist=(TOLD, RUNBOOK), sign_off=(OWNER,)),
    )
    return replace(made, gates={"load": gate("load")})


def bench(made: Plan | None = None) -> Workbench:
    found = workbench(made or plan(), ON="false", PERCENT="0")
    found.source.answers = {"load": 0.0}
    return found


def ticked(made: Workbench, *ids: str, who: str = "ann") -> Workbench:
    """A minute passes first."""
    made.clock.sleep(60)
    tick(made.desk(who), ids)
    return made


def signed(made: Workbench, role: str, who: str = "ann") -> Signed:
    return sign(made.desk(who), role)


def in_one(steps: int = 2) -> Workbench:
    made = ticked(bench(), "backup")
    made.clock.sleep(60)
    return made.advanced(steps)


def ticking() -> Workbench:
    """In the last step of one; bob has reviewed the runbook, and nobody has told support."""
    made = ticked(in_one(), "runbook", who="bob")
    signed(made, "Product Owner", "olga")
    return made
