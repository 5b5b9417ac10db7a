"""checklist: what people tick, sign and are asked now; sign: a role's signature, recorded with who and when."""

from __future__ import annotations

from datetime import datetime

from rollout.engine.agenda import for_people
from rollout.engine.answers import to_sign
from rollout.frozen import dataclass
from rollout.model.events import Draft, EventKind
from rollout.model.state import RolloutState
from rollout.model.verdicts import GateJudgement, Task
from rollout.operations.desk import Desk
from rollout.operations.judging import judge
from rollout.operations.meanwhile import recorded


@dataclass(frozen=True)
class Checklist:
    """Of the present phase and of what enters the next one. `gates` are those that people answer or that tick items."""

    rollout: str
    environment: str
    phase: str
    items: tuple[Task, ...]
    sign_off: tuple[Task, ...]
    gates: tuple[GateJudgement, ...]
    now: datetime
    head: str

    @property
    def done(self) -> int:
        return sum(task.done for task in (*self.items, *self.sign_off))

    @property
    def total(self) -> int:
        return len(self.items) + len(self.sign_off)


@dataclass(frozen=True)
class Signed:
    rollout: str
    environment: str
    role: str
    phase: str
    by: str
    at: datetime
    reason: str
    head: str


def checklist(desk: Desk) -> Checklist:
    agenda = for_people(desk.plan, desk.stops, desk.state)
    now = desk.now
    decision = judge(desk, agenda, (), now=now, standing=True)
    return Checklist(
        rollout=desk.rollout.name,
        environment=desk.rollout.environment,
        phase=agenda.phase,
        items=tuple(task for task in decision.tasks if not task.signed),
        sign_off=tuple(task for task in decision.tasks if task.signed),
        gates=decision.gates,
        now=now,
        head=desk.state.head,
    )


def sign(desk: Desk, role: str, reason: str = "") -> Signed:
    def draft(state: RolloutState) -> list[Draft]:
        phase = to_sign(desk.stops, state, role)
        return [Draft(EventKind.SIGNED, {"role": role, "phase": phase, "reason": reason})]

    done = recorded(desk, draft)
    (event,) = done.events
    return Signed(
        rollout=desk.rollout.name,
        environment=desk.rollout.environment,
        role=role,
        phase=str(event.data["phase"]),
        by=event.actor,
        at=datetime.fromisoformat(event.at),
        reason=reason,
        head=done.state.head,
    )
