"""answer and tick: what people say, recorded with who and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rollout.engine.answers import Asked, meaning, to_answer
from rollout.engine.fold import fold
from rollout.errors import ConflictError, UsageError
from rollout.frozen import dataclass
from rollout.model.events import Draft, EventKind
from rollout.model.gate import Scope
from rollout.model.state import RolloutState
from rollout.model.verdicts import Outcome, TriggerOutcome
from rollout.operations.desk import Desk
from rollout.operations.record import record


@dataclass(frozen=True)
class Given:
    """One answer as it stands in the record, and what it makes of its gate or trigger. `unit` empty: a yes or no."""

    id: str
    value: float | bool
    unit: str
    by: str
    at: datetime
    outcome: Outcome | TriggerOutcome
    reason: str


@dataclass(frozen=True)
class Answered:
    rollout: str
    environment: str
    answers: tuple[Given, ...]
    head: str


def answer(desk: Desk, id: str, text: str, reason: str = "") -> Answered:
    return _record(desk, [id], lambda asked: meaning(asked, text), reason)


def tick(desk: Desk, ids: Sequence[str], reason: str = "") -> Answered:
    """All of them, or none where one cannot be ticked."""
    return _record(desk, list(dict.fromkeys(ids)), _ticked, reason)


def _ticked(asked: Asked) -> bool:
    if asked.unit:
        raise UsageError(f"{asked.id!r} is answered with a number", f"rollout answer {asked.id} VALUE")
    if asked.raises:
        raise UsageError(
            f"{asked.id!r} is a trigger, which a tick does not raise", f"`rollout answer {asked.id} yes` does"
        )
    return True


def _record(desk: Desk, ids: Sequence[str], value_of: Callable[[Asked], float | bool], reason: str) -> Answered:
    """Behind whatever others have recorded meanwhile, as long as it still counts there."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _recorded(desk, ids, value_of, reason)
        except ConflictError:
            desk = desk.again()
    return _recorded(desk, ids, value_of, reason)


_ATTEMPTS = 20
"""Each that fails means that somebody else has recorded something."""


def _recorded(desk: Desk, ids: Sequence[str], value_of: Callable[[Asked], float | bool], reason: str) -> Answered:
    places = [to_answer(desk.plan, desk.stops, desk.state, id) for id in ids]
    drafts = [_draft(asked, value_of(asked), desk.state, reason) for asked in places]
    seq, head = record(desk, desk.state.seq, *drafts)
    state = fold(event for event in desk.store.events(desk.rollout) if event.seq <= seq)
    given = tuple(_given(desk, asked, state) for asked in places)
    return Answered(desk.rollout.name, desk.rollout.environment, given, head)


def _draft(asked: Asked, value: float | bool, state: RolloutState, reason: str) -> Draft:
    phase = state.position.phase if state.position else None
    data = {"id": asked.id, "value": value, "unit": asked.unit, "phase": phase, "reason": reason}
    return Draft(EventKind.ANSWERED, data)


def _given(desk: Desk, asked: Asked, state: RolloutState) -> Given:
    """Read back from the record."""
    said = state.answers[asked.id][-1]
    scope = Scope(desk.rollout.environment, desk.clock.now(), variables=desk.variables, answers=state.answers)
    finding = asked.condition.judge({}, scope)
    return Given(asked.id, said.value, asked.unit, said.by, said.at, finding.outcome, finding.reason)
