"""close: abandons a rollout. Flags stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rollout.engine.settings import values_of
from rollout.errors import UsageError
from rollout.frozen import dataclass, replace
from rollout.model.events import Draft, EventKind
from rollout.model.state import RolloutState, Status
from rollout.model.values import Setting
from rollout.operations.desk import Desk
from rollout.operations.meanwhile import recorded
from rollout.operations.present import read_present


@dataclass(frozen=True)
class Closed:
    """`values` are those that stand; `unreadable` are sentences about targets of which only the record tells."""

    rollout: str
    environment: str
    status: Status
    by: str
    at: datetime
    reason: str
    values: Mapping[str, Setting]
    unreadable: tuple[str, ...]
    head: str


def close(desk: Desk, reason: str) -> Closed:
    if not reason.strip():
        raise UsageError("close needs a reason, which is kept in the record", "say why: --reason TEXT")
    present = read_present(desk)

    def draft(state: RolloutState) -> list[Draft]:
        _check(desk, state)
        return [Draft(EventKind.CLOSED, {"reason": reason})]

    done = recorded(desk, draft)
    (event,) = done.events
    return Closed(
        rollout=desk.rollout.name,
        environment=desk.rollout.environment,
        status=done.state.status,
        by=event.actor,
        at=datetime.fromisoformat(event.at),
        reason=reason,
        values=values_of({**done.state.settings, **present.settings}, desk.slots),
        unreadable=tuple(error.message for error in present.failures),
        head=done.state.head,
    )


def _check(desk: Desk, state: RolloutState) -> None:
    there = replace(desk, state=state)
    there.refuse_under_way()
    match state.status:
        case Status.NOT_STARTED:
            raise UsageError(f"{desk.rollout} has not started, so there is nothing to close")
        case Status.COMPLETE:
            raise UsageError(f"{desk.rollout} is complete, so there is nothing to close")
        case Status.CLOSED:
            raise UsageError(f"{desk.rollout} is closed already", "`rollout history` shows by whom and why")
        case _:
            pass
