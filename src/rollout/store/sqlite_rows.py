"""Events and names as they stand in a store's SQLite file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rollout.model.events import Event, RolloutId, canonical

if TYPE_CHECKING:
    import sqlite3

_EVENTS = """SELECT seq, at, actor, kind, data, hash, previous FROM events
WHERE name = CAST(? AS TEXT) AND environment = CAST(? AS TEXT) AND seq >= ? ORDER BY seq"""
_LAST = f"{_EVENTS} DESC LIMIT 1"
_INSERT = f"""INSERT INTO events (name, environment, at, actor, kind, data, hash, previous, seq)
VALUES ({"CAST(? AS TEXT), " * 8}?)"""

_LOWEST = -(2**63)
"""Below what we number, so that an event that was given such a number does not hide."""

# From rollout to rollout over the index, so that the time does not grow with their events: CROSS JOIN keeps the order.
_ROLLOUTS = """
WITH RECURSIVE found (id) AS (
    SELECT (SELECT rowid FROM events WHERE name >= CAST(:name AS TEXT) ORDER BY name, environment LIMIT 1)
    UNION
    SELECT coalesce(
        (
            SELECT later.rowid FROM events AS later
            WHERE later.name = here.name AND later.environment > here.environment
            ORDER BY later.environment LIMIT 1
        ),
        (SELECT later.rowid FROM events AS later WHERE later.name > here.name ORDER BY name, environment LIMIT 1)
    )
    FROM found CROSS JOIN events AS here ON here.rowid = found.id
    WHERE CAST(:name AS TEXT) IN ('', here.name)
)
SELECT name, environment FROM found CROSS JOIN events ON events.rowid = found.id
WHERE CAST(:name AS TEXT) IN ('', name)"""


def rollouts(connection: sqlite3.Connection, name: str = "") -> set[tuple[str, str]]:
    """Name and environment of those that have events: all, or of one name."""
    rows = connection.execute(_ROLLOUTS, {"name": encoded(name)}).fetchall()
    return {(str(name), str(environment)) for name, environment in rows}


def events(connection: sqlite3.Connection, rollout: RolloutId, after: int = 0) -> Sequence[Event]:
    first = after + 1 if after else _LOWEST
    return tuple(map(_event, connection.execute(_EVENTS, (*key(rollout), first))))


def last(connection: sqlite3.Connection, rollout: RolloutId) -> Event | None:
    row = connection.execute(_LAST, (*key(rollout), _LOWEST)).fetchone()
    return _event(row) if row else None


def insert(connection: sqlite3.Connection, rollout: RolloutId, event: Event) -> None:
    texts = (event.at, event.actor, event.kind, canonical(event.data), event.hash, event.previous)
    connection.execute(_INSERT, (*key(rollout), *map(encoded, texts), event.seq))


def key(rollout: RolloutId) -> tuple[bytes, bytes]:
    return encoded(rollout.name), encoded(rollout.environment)


def encoded(text: str) -> bytes:
    """Names from the operating system may hold lone surrogates, which sqlite3 refuses in a str."""
    return text.encode("utf-8", "surrogatepass")


def decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return text.decode("utf-8", "replace")


def _event(row: tuple[object, ...]) -> Event:
    """As kept; what cannot have been written by us becomes something that breaks the chain."""
    seq, at, actor, kind, data, digest, previous = row
    number = seq if isinstance(seq, int) else 0
    return Event(number, str(at), str(actor), str(kind), _data(str(data)), str(digest), str(previous))


def _data(text: str) -> Mapping[str, object]:
    try:
        data: object = json.loads(text)
        if isinstance(data, dict) and canonical(data) == text:
            return data
    except (ValueError, RecursionError):
        pass
    return {"unreadable": text}
