"""check-gates: judges and changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from rollout.engine.agenda import for_advance, for_phase
from rollout.engine.following import following
from rollout.engine.holds import holds
from rollout.engine.path import find
from rollout.errors import UsageError
from rollout.frozen import dataclass, replace
from rollout.model.state import Status
from rollout.model.verdicts import Decision, Verdict
from rollout.operations.desk import Desk
from rollout.operations.judging import judge
from rollout.operations.present import read_present
from rollout.operations.standing import missing, refuse_conflicts
from rollout.operations.waiting import NO_WAIT, waiting


@dataclass(frozen=True)
class Check:
    """`phase` is the one judged; `stage` is empty where the question was what `advance` would need.

    `command` is what to do next; empty where a phase was asked about, which may be far from where the rollout stands.
    """

    rollout: str
    environment: str
    store: str
    phase: str
    stage: str
    evaluated_at: datetime
    decision: Decision
    head: str
    command: str = ""


def check(
    desk: Desk, phase: str = "", stage: str = "", *, at: datetime | None = None, wait: timedelta = NO_WAIT
) -> Check:
    """What `advance` would need; with `phase`, the gates and triggers of that phase, whether started or not.

    `at` judges as of a past moment. `wait`: for so long, as long as that could end otherwise.
    """
    if at is not None and wait:
        raise UsageError("--at and --wait exclude each other: a past moment does not change", "give one of them")
    if at is not None:
        desk = desk.as_of(_past(at, desk))
    return waiting(desk, wait, lambda now: _check(now, phase, stage), lambda result: result.decision)


def _check(desk: Desk, phase: str, stage: str) -> Check:
    now = desk.now
    if phase:
        agenda = for_phase(desk.plan, desk.stops, find(desk.stops, phase).phase, stage or "all")
        decision = judge(desk, agenda, (), now=now, standing=False)
    else:
        agenda = for_advance(desk.plan, desk.stops, desk.state)
        desk.need_carried_out(missing(desk, agenda))
        decision = judge(desk, agenda, holds(desk.plan, desk.stops, desk.state, now), now=now, standing=True)
        if decision.verdict is not Verdict.ROLLBACK and desk.at is None and desk.trusted:
            refuse_conflicts(desk, read_present(desk))
        decision = _without_variables(decision, desk.unset)
    shown_stage = (stage or "all") if phase else ""
    return Check(
        rollout=desk.rollout.name,
        environment=desk.rollout.environment,
        store=desk.store.location,
        phase=agenda.phase,
        stage=shown_stage,
        evaluated_at=now,
        decision=decision,
        head=desk.state.head,
        command="" if phase or _nothing_left(desk, decision) else following(decision, desk.typed),
    )


def _nothing_left(desk: Desk, decision: Decision) -> bool:
    """A complete rollout can only be taken back."""
    return desk.state.status is Status.COMPLETE and decision.verdict in (Verdict.GO, Verdict.HOLD)


def _past(at: datetime, desk: Desk) -> datetime:
    if at > desk.clock.now():
        raise UsageError(f"--at {at.isoformat()} is not in the past", "name a moment that has been")
    return at


def _without_variables(decision: Decision, unset: tuple[str, ...]) -> Decision:
    """What needs a variable that is not set is unknown, also where no gate asks for it but an advance would."""
    if not unset or decision.verdict not in (Verdict.GO, Verdict.HOLD):
        return decision
    reasons = (*decision.reasons, f"not set: {', '.join(unset)}")
    return replace(decision, verdict=Verdict.UNKNOWN, reasons=reasons, earliest=None)
