"""Going on by a plan that was edited since the rollout started."""

from __future__ import annotations

from collections.abc import Callable

from rollout.engine.path import index_of
from rollout.errors import UsageError
from rollout.frozen import replace
from rollout.model.changes import settings_to_json
from rollout.model.events import Draft, EventKind
from rollout.model.state import Status
from rollout.operations.desk import Desk
from rollout.operations.present import read_present
from rollout.operations.record import record
from rollout.operations.standing import refuse_conflicts

Agree = Callable[[str], bool]
"""Shows the difference and asks; UsageError when nobody can be asked."""


def accept_plan(desk: Desk, reason: str, agree: Agree, *, dry_run: bool) -> Desk | None:
    """The desk with the edited plan as the pinned one, `desk.plan` is the edited one already; None: the person said no.

    UsageError where the rollout could not go on, or back, by it.
    """
    if not desk.difference or desk.file is None:
        return desk
    _refuse_strange(desk)
    present = read_present(desk)
    if present.failures:
        raise present.failures[0]
    refuse_conflicts(replace(desk, difference="", moved={}), present)
    new = {slot: setting for slot, setting in present.settings.items() if slot not in desk.state.found}
    if dry_run:
        found, settings = new | dict(desk.state.found), new | dict(desk.state.settings)
        return replace(desk, difference="", moved={}, state=replace(desk.state, found=found, settings=settings))
    if not agree(desk.difference):
        return None
    data = {
        "plan_text": desk.file.text,
        "plan_sha256": desk.file.sha256,
        "plan_path": desk.file.path,
        "found": settings_to_json(new),
        "places": dict(desk.places),
        "difference": desk.difference,
        "reason": reason,
    }
    record(desk, desk.state.seq, Draft(EventKind.PLAN_ACCEPTED, data))
    return replace(desk.again(), difference="", moved={})


def _refuse_strange(desk: Desk) -> None:
    state = desk.state
    if desk.plan.name != desk.rollout.name:
        raise UsageError(
            f"the edited plan is called {desk.plan.name}: that would be another rollout", f"call it {desk.rollout.name}"
        )
    stands = state.status is not Status.ROLLED_BACK
    if stands and state.position is not None and index_of(desk.stops, state.position) < 0:
        raise UsageError(
            f"the edited plan has no step {state.position}, where the rollout stands",
            "keep the step, or roll back first",
        )
    changed = [slot for slot, value in state.settings.items() if value != state.found.get(slot)]
    targets = dict.fromkeys(slot.target for slot in changed)
    if elsewhere := [desk.moved[target] for target in targets if target in desk.moved]:
        raise UsageError("; ".join(elsewhere), "keep its place, or roll back first")
    lost = ", ".join(f"{slot.flag} at {slot.target}" for slot in changed if slot not in desk.slots)
    if lost:
        raise UsageError(
            f"the edited plan no longer has {lost}, which this rollout has changed: nothing could take it back",
            "keep the flag, or roll back first",
        )
