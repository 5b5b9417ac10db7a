"""The layout of a store's SQLite file, and how a file that has another one is recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollout.errors import StoreError
from rollout.model.events import RolloutId
from rollout.store import sqlite_rows, sqlite_states

if TYPE_CHECKING:
    import sqlite3

VERSION = 2
"""1 had no states."""
APPLICATION_ID = int.from_bytes(b"roll")

# A table with a rowid on purpose: its primary key is a second copy of name, environment and seq, so that a damaged one,
# which would move an event to another rollout without breaking this one's chain, fails the integrity check.
_EVENTS = """
CREATE TABLE events (
    name TEXT NOT NULL,
    environment TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    hash TEXT NOT NULL,
    previous TEXT NOT NULL,
    PRIMARY KEY (name, environment, seq)
)"""


def create(connection: sqlite3.Connection) -> None:
    """Within the caller's transaction."""
    connection.execute(_EVENTS)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    upgrade(connection)


def upgrade(connection: sqlite3.Connection) -> None:
    """Within the caller's transaction. Each rollout's state is found out when something is appended to it."""
    connection.execute(sqlite_states.TABLE)
    connection.execute(sqlite_states.INDEX)
    for name, environment in sqlite_rows.rollouts(connection):
        sqlite_states.write(connection, RolloutId(name, environment), sqlite_states.NOTHING)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def has_states(connection: sqlite3.Connection) -> bool:
    return _number(connection, "PRAGMA user_version") >= 2


def is_new(connection: sqlite3.Connection) -> bool:
    """Nothing was ever committed to the file."""
    tables = _number(connection, "SELECT count(*) FROM sqlite_master")
    return (tables, application_id(connection), _number(connection, "PRAGMA user_version")) == (0, 0, 0)


def application_id(connection: sqlite3.Connection) -> int:
    return _number(connection, "PRAGMA application_id")


def check(connection: sqlite3.Connection, location: str) -> None:
    """StoreError unless the file is new, or a store that this version can read."""
    if is_new(connection):
        return
    if application_id(connection) != APPLICATION_ID:
        raise StoreError(
            f"{location} is an SQLite file of another program, not a store of rollout",
            "Name another file with --store or ROLLOUT_STORE; this one was not changed.",
        )
    version = _number(connection, "PRAGMA user_version")
    if version > VERSION:
        raise StoreError(
            f"{location} has version {version} of the store, written by a newer rollout; this one knows {VERSION}",
            "Use the newer rollout; the file was not changed.",
        )
    if version < 1:
        raise damaged(location, f"it says version {version} of the store")


def check_integrity(connection: sqlite3.Connection, location: str) -> None:
    """StoreError unless the file is whole."""
    (finding,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if finding != "ok":
        raise damaged(location, finding)


def damaged(location: str, reason: str) -> StoreError:
    return StoreError(
        f"{location} is damaged: {reason}",
        "Keep a copy and restore the file from a backup; `rollout rollback --emergency` works without it.",
    )


def _number(connection: sqlite3.Connection, query: str) -> int:
    (number,) = connection.execute(query).fetchone()
    return int(number)
