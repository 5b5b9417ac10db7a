"""The state of each rollout beside its events, so that nobody has to read them all."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING

from rollout.errors import StoreError
from rollout.frozen import dataclass
from rollout.model.events import GENESIS, Event, RolloutId, canonical
from rollout.model.state import RolloutState
from rollout.model.state_json import FORMAT, state_from_json, state_to_json
from rollout.store import sqlite_rows
from rollout.store.chain import unbroken
from rollout.store.standing import UNCLEAR, standing_of

if TYPE_CHECKING:
    import sqlite3

TABLE = """
CREATE TABLE states (
    name TEXT NOT NULL,
    environment TEXT NOT NULL,
    seq INTEGER NOT NULL,
    head TEXT NOT NULL,
    standing TEXT NOT NULL,
    state TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (name, environment)
)"""
INDEX = "CREATE INDEX states_by_standing ON states (standing)"

_ROW = """SELECT seq, head, standing, state, digest FROM states
WHERE name = CAST(? AS TEXT) AND environment = CAST(? AS TEXT)"""
_WRITE = f"INSERT OR REPLACE INTO states VALUES (CAST(? AS TEXT), CAST(? AS TEXT), ?{', CAST(? AS TEXT)' * 4})"


@dataclass(frozen=True)
class StateRow:
    """What the events up to one of them come to. `seq` 0: it says nothing, and all events count."""

    state: RolloutState
    standing: str

    @property
    def seq(self) -> int:
        return self.state.seq


NOTHING = StateRow(RolloutState(), UNCLEAR)


def read(connection: sqlite3.Connection, rollout: RolloutId) -> StateRow | None:
    """StoreError when it is not as it was written."""
    row = connection.execute(_ROW, sqlite_rows.key(rollout)).fetchone()
    if row is None:
        return None
    seq, head, standing, text, digest = row
    try:
        if digest == _digest(rollout, seq, str(head), str(standing), str(text)):
            document = json.loads(text)
            if document["format"] != FORMAT:
                return NOTHING
            state = state_from_json(document["state"])
            if (state.seq, state.head) == (seq, head):
                return StateRow(state, str(standing))
    except (KeyError, TypeError, ValueError, RecursionError):
        pass
    raise StoreError(
        f"the state of {rollout} in the record is damaged",
        "`rollout history --verify` shows more; restore the file from a backup; "
        "`rollout rollback --emergency` works without it",
    )


def write(connection: sqlite3.Connection, rollout: RolloutId, row: StateRow) -> None:
    state = row.state
    text = canonical({"format": FORMAT, "state": state_to_json(state)})
    digest = _digest(rollout, state.seq, state.head, row.standing, text)
    texts = map(sqlite_rows.encoded, (state.head, row.standing, text, digest))
    connection.execute(_WRITE, (*sqlite_rows.key(rollout), state.seq, *texts))


def behind(connection: sqlite3.Connection, rollout: RolloutId, row: StateRow) -> tuple[Event, ...]:
    """The events that the row does not hold yet. StoreError when it does not fit those that are there."""
    events = sqlite_rows.events(connection, rollout, max(row.seq - 1, 0))
    if not row.seq:
        return unbroken(rollout, events, 0, GENESIS)
    first = events[0] if events else None
    if first is None or first.seq != row.seq:
        last = sqlite_rows.last(connection, rollout)
        ends = f"ends with event {last.seq}" if last else "has no event"
        raise StoreError(
            f"the record of {rollout} was cut: it {ends}, its state is that after event {row.seq}",
            "Restore the file from a backup; `rollout rollback --emergency` works without it.",
        )
    if first.hash != row.state.head:
        raise StoreError(
            f"event {first.seq} of the record of {rollout} is not the one that its state was made from",
            "`rollout history --verify` shows more; restore the file from a backup",
        )
    return unbroken(rollout, events, first.seq - 1, first.previous)[1:]


def found(connection: sqlite3.Connection, *, name: str = "", standing: Collection[str] = ()) -> set[tuple[str, str]]:
    """Those of a name, or that stand so: of the latter perhaps some more. All of them where neither is said."""
    query, parameters = "SELECT name, environment FROM states", list(standing)
    if name:
        query, parameters = f"{query} WHERE name = CAST(? AS TEXT)", [name]
    elif standing:
        parameters = [*standing, UNCLEAR]
        query = f"{query} WHERE standing IN ({', '.join('CAST(? AS TEXT)' for _ in parameters)})"
    rows = connection.execute(query, [sqlite_rows.encoded(text) for text in parameters]).fetchall()
    return {(str(name), str(environment)) for name, environment in rows}


def row_of(state: RolloutState) -> StateRow:
    return StateRow(state, standing_of(state))


def _digest(rollout: RolloutId, seq: object, head: str, standing: str, text: str) -> str:
    import hashlib  # loads OpenSSL, which most commands never need

    body = canonical([rollout.name, rollout.environment, seq, head, standing, text])
    return hashlib.sha256(f"rollout-state-v1\n{body}".encode("utf-8", "surrogatepass")).hexdigest()
