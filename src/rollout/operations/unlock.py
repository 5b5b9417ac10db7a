"""unlock: breaks a lock that its holder left."""

from __future__ import annotations

from rollout.errors import ConflictError, UsageError
from rollout.frozen import dataclass
from rollout.model.events import Draft, EventKind
from rollout.operations.desk import Desk
from rollout.operations.record import record
from rollout.ports import Fate


@dataclass(frozen=True)
class Unlocked:
    """`released` says what was under way; empty: nothing was, and nothing was recorded."""

    rollout: str
    environment: str
    released: str
    head: str


def unlock(desk: Desk, reason: str) -> Unlocked:
    """ConflictError while the holder is alive on this machine."""
    if not reason.strip():
        raise UsageError("unlock needs a reason, which is kept in the record", "say why: --reason TEXT")
    pending, name, environment = desk.state.pending, desk.rollout.name, desk.rollout.environment
    if pending is None or pending.released:
        return Unlocked(name, environment, "", desk.state.head)
    if desk.fate in (Fate.ALIVE, Fate.STOPPED):
        raise ConflictError(desk.under_way, f"end {pending.holder} first")
    released = desk.under_way
    data = {"op": pending.op, "reason": reason}
    return Unlocked(name, environment, released, record(desk, desk.state.seq, Draft(EventKind.UNLOCKED, data))[1])
