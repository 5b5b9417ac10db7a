"""status: where the rollout stands, what blocks the next step, and from when that is possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from rollout.engine.agenda import for_advance
from rollout.engine.following import following
from rollout.engine.holds import holds
from rollout.engine.path import Stop
from rollout.engine.settings import at_step, drift, values_of
from rollout.errors import ConflictError
from rollout.frozen import dataclass, replace
from rollout.model.changes import Change
from rollout.model.plan import Plan
from rollout.model.state import OVER, Position, RolloutState
from rollout.model.values import Setting
from rollout.model.verdicts import Decision, Verdict
from rollout.operations.checklist import Checklist, checklist
from rollout.operations.desk import Desk
from rollout.operations.judging import judge
from rollout.operations.present import Present, read_present
from rollout.operations.standing import DRIFTED, missing
from rollout.ports import Fate


@dataclass(frozen=True)
class NextStep:
    """`position` None: the next advance completes the rollout. `blockers` are sentences, `command` says what to do."""

    position: Position | None
    label: str
    values: Mapping[str, Setting]
    earliest: datetime | None
    blockers: tuple[str, ...]
    command: str


@dataclass(frozen=True)
class StatusReport:
    """`unreadable` are sentences about targets whose values could not be read; `next` is None when nothing is left.

    `under_way` says who is at the pending change, or was, and `fate` what has become of them.
    """

    rollout: str
    environment: str
    store: str
    plan: Plan
    stops: tuple[Stop, ...]
    state: RolloutState
    values: Mapping[str, Setting]
    next: NextStep | None
    decision: Decision
    checklist: Checklist
    under_way: str
    fate: Fate
    plan_changed: bool
    plan_sha256: str
    drift: tuple[Change, ...]
    unreadable: tuple[str, ...]
    now: datetime

    @property
    def verdict(self) -> Verdict:
        """What an advance would meet: whatever blocks it besides gates and triggers holds it."""
        blocked = self.next is not None and bool(self.next.blockers)
        return Verdict.HOLD if blocked and self.decision.verdict is Verdict.GO else self.decision.verdict


def status(desk: Desk) -> StatusReport:
    now = desk.clock.now()
    found = read_present(desk)
    present = found.settings
    recorded = desk.state.settings
    drifted = drift(recorded, present, desk.slots)
    following, decision = (None, Decision(Verdict.GO)) if _over(desk.state) else _next(desk, now, found, drifted)
    pinned = desk.state.pinned or desk.file
    return StatusReport(
        rollout=desk.rollout.name,
        environment=desk.rollout.environment,
        store=desk.store.location,
        plan=desk.plan,
        stops=desk.stops,
        state=desk.state,
        values=values_of({**recorded, **present}, desk.slots),
        next=following,
        decision=decision,
        checklist=checklist(desk),
        under_way=desk.under_way,
        fate=desk.fate,
        plan_changed=desk.plan_changed,
        plan_sha256=pinned.sha256 if pinned else "",
        drift=drifted,
        unreadable=tuple(error.message for error in found.failures),
        now=now,
    )


def _over(state: RolloutState) -> bool:
    return state.status in OVER


def _next(desk: Desk, now: datetime, present: Present, drifted: Iterable[Change]) -> tuple[NextStep, Decision]:
    state, stops = desk.state, desk.stops
    agenda = for_advance(desk.plan, stops, state)
    decision = judge(desk, agenda, holds(desk.plan, stops, state, now), now=now, standing=True)
    blockers = list(decision.reasons)
    blockers[:0] = [f"{change.slot.flag} at {change.slot.target} is not as recorded" for change in drifted]
    blockers += [error.message for error in present.failures]
    if state.pending is not None:
        blockers.insert(0, desk.under_way)
    if desk.behind:
        blockers.insert(0, desk.behind)
    if desk.plan_changed:
        blockers.insert(0, "the plan has been edited since the rollout started")
    blockers += missing(desk, agenda)
    if len(blockers) > len(decision.reasons):  # which no time ends
        decision = replace(decision, earliest=None)
    command = _command(desk, drifted, decision)
    if agenda.index >= len(stops):
        return NextStep(None, "complete", {}, decision.earliest, tuple(blockers), command), decision
    stop = stops[agenda.index]
    found = state.found or present.settings
    values = values_of(at_step(desk.plan, desk.environment, stops, agenda.index, found), desk.slots)
    return NextStep(stop.position, stop.label, values, decision.earliest, tuple(blockers), command), decision


def _command(desk: Desk, drifted: Iterable[Change], decision: Decision) -> str:
    try:
        desk.conflicts()
    except ConflictError as conflict:
        return conflict.hint
    return DRIFTED if any(drifted) else following(decision, desk.typed)
