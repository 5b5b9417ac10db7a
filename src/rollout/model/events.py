"""Events: what the store keeps, each hashed over its predecessor.

The hash is SHA-256 over the previous event's hash and this event's canonical JSON, so an edited, inserted, removed or
reordered event breaks the chain from there on (tamper-evident, not tamper-proof).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum

from rollout.frozen import dataclass

GENESIS = ""
"""`previous` of a rollout's first event."""


class EventKind(StrEnum):
    STARTED = "started"
    ADVANCE_INTENDED = "advance-intended"
    ADVANCED = "advanced"
    ADVANCE_FAILED = "advance-failed"
    ADVANCE_REFUSED = "advance-refused"
    ROLLBACK_INTENDED = "rollback-intended"
    ROLLED_BACK = "rolled-back"
    ROLLBACK_FAILED = "rollback-failed"
    COMPLETED = "completed"
    ANSWERED = "answered"
    SIGNED = "signed"
    PAUSED = "paused"
    RESUMED = "resumed"
    PLAN_ACCEPTED = "plan-accepted"
    UNLOCKED = "unlocked"
    RECOVERING = "recovering"
    CLOSED = "closed"


BESIDE = frozenset(
    {EventKind.ANSWERED, EventKind.SIGNED, EventKind.PAUSED, EventKind.RESUMED, EventKind.ADVANCE_REFUSED}
)
"""What is said while a change is under way: it goes on."""


@dataclass(frozen=True)
class RolloutId:
    """A plan's name and the environment it runs in; written NAME@ENV."""

    name: str
    environment: str

    def __str__(self) -> str:
        return f"{self.name}@{self.environment}"


@dataclass(frozen=True)
class Draft:
    """An event that is not recorded yet."""

    kind: EventKind
    data: Mapping[str, object]


@dataclass(frozen=True)
class Event:
    """`seq` counts from 1 within a rollout; `at` is RFC 3339 in UTC; `kind` is text: a newer version may know more."""

    seq: int
    at: str
    actor: str
    kind: str
    data: Mapping[str, object]
    hash: str
    previous: str


def seal(draft: Draft, rollout: RolloutId, seq: int, at: str, actor: str, previous: str) -> Event:
    """The draft as the event that follows `previous`."""
    kind = draft.kind.value
    digest = _digest(rollout, seq, at, actor, kind, draft.data, previous)
    return Event(seq, at, actor, kind, draft.data, digest, previous)


def first_broken(rollout: RolloutId, events: Iterable[Event]) -> int | None:
    """The seq of the first event that does not follow from its predecessor, or None when the chain is whole."""
    previous, expected = GENESIS, 1
    for event in events:
        digest = _digest(rollout, event.seq, event.at, event.actor, event.kind, event.data, event.previous)
        if event.seq != expected or event.previous != previous or event.hash != digest:
            return expected
        previous, expected = event.hash, expected + 1
    return None


def canonical(data: object) -> str:
    """JSON with one spelling: sorted keys, no spaces, no NaN."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _digest(
    rollout: RolloutId, seq: int, at: str, actor: str, kind: str, data: Mapping[str, object], previous: str
) -> str:
    import hashlib  # loads OpenSSL, which most commands never need

    body = {"rollout": str(rollout), "seq": seq, "at": at, "actor": actor, "kind": kind, "data": data}
    text = f"rollout-event-v1\n{previous}\n{canonical(body)}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
