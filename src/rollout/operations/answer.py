"""answer, tick and untick: what people say, recorded with who and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rollout.engine.answers import Asked, meaning, to_answer
from rollout.engine.scopes import scopes_of
from rollout.errors import UsageError
from rollout.frozen import dataclass
from rollout.model.events import Draft, EventKind
from rollout.model.gate import Scope
from rollout.model.state import RolloutState
from rollout.model.verdicts import Outcome, TriggerOutcome
from rollout.operations.desk import Desk
from rollout.operations.meanwhile import recorded


@dataclass(frozen=True)
class Given:
    """One answer as it stands in the record, and what it makes of its gate, item or trigger.

    `unit` empty: a yes or no.
    """

    id: str
    value: float | bool
    unit: str
    by: str
    at: datetime
    outcome: Outcome | TriggerOutcome
    reason: str


@dataclass(frozen=True)
class Answered:
    """`unchanged` are ids of which nothing was recorded: they were not ticked."""

    rollout: str
    environment: str
    answers: tuple[Given, ...]
    head: str
    unchanged: tuple[str, ...] = ()


def answer(desk: Desk, id: str, text: str, reason: str = "") -> Answered:
    return _record(desk, [id], lambda asked: meaning(asked, text), reason)


def tick(desk: Desk, ids: Sequence[str], reason: str = "") -> Answered:
    """All of them, or none where one cannot be ticked."""
    return _record(desk, list(dict.fromkeys(ids)), _ticked, reason)


def untick(desk: Desk, ids: Sequence[str], reason: str = "") -> Answered:
    """Takes ticks back, all or none; one that does not stand needs nothing."""
    return _record(desk, list(dict.fromkeys(ids)), lambda asked: not _ticked(asked), reason, unless=_is_open)


def _ticked(asked: Asked) -> bool:
    if asked.unit:
        raise UsageError(f"{asked.id!r} is answered with a number", f"rollout answer {asked.id} VALUE")
    if asked.raises:
        raise UsageError(
            f"{asked.id!r} is a trigger, which a tick does not raise",
            f"`rollout answer {asked.id} yes` does, and `no` takes it back",
        )
    return True


def _never(_desk: Desk, _asked: Asked, _state: RolloutState) -> bool:
    return False


def _is_open(desk: Desk, asked: Asked, state: RolloutState) -> bool:
    return _judged(desk, asked, state)[0] is not Outcome.PASS


def _record(
    desk: Desk,
    ids: Sequence[str],
    value_of: Callable[[Asked], float | bool],
    reason: str,
    unless: Callable[[Desk, Asked, RolloutState], bool] = _never,
) -> Answered:
    """As long as each still counts behind what others have recorded meanwhile."""
    places: list[Asked] = []
    unchanged: list[str] = []

    def drafts(state: RolloutState) -> list[Draft]:
        known = [to_answer(desk.plan, desk.stops, state, id) for id in ids]
        values = [value_of(asked) for asked in known]
        unchanged[:] = [asked.id for asked in known if unless(desk, asked, state)]
        places[:] = [asked for asked in known if asked.id not in unchanged]
        kept = [(asked, value) for asked, value in zip(known, values, strict=True) if asked in places]
        return [_draft(asked, value, state, reason) for asked, value in kept]

    state = recorded(desk, drafts).state
    given = tuple(_given(desk, asked, state) for asked in places)
    return Answered(desk.rollout.name, desk.rollout.environment, given, state.head, tuple(unchanged))


def _draft(asked: Asked, value: float | bool, state: RolloutState, reason: str) -> Draft:
    phase = state.position.phase if state.position else None
    data = {"id": asked.id, "value": value, "unit": asked.unit, "phase": phase, "reason": reason}
    return Draft(EventKind.ANSWERED, data)


def _given(desk: Desk, asked: Asked, state: RolloutState) -> Given:
    """Read back from the record."""
    said = state.answers[asked.id][-1]
    outcome, reason = _judged(desk, asked, state)
    return Given(asked.id, said.value, asked.unit, said.by, said.at, outcome, reason)


def _judged(desk: Desk, asked: Asked, state: RolloutState) -> tuple[Outcome | TriggerOutcome, str]:
    scope = Scope(desk.rollout.environment, desk.clock.now(), variables=desk.variables)
    scopes = scopes_of(desk.plan, scope, state, standing=True, phase=asked.phase)
    finding = asked.condition.judge({}, scopes.said(asked.phase, asked.stage, asked.id))
    outcome = Outcome.WAITING if asked.item and finding.outcome is Outcome.FAIL else finding.outcome
    return outcome, finding.reason
