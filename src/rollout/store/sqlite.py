"""Events in one SQLite file on this machine."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rollout.engine.fold import fold
from rollout.errors import ConflictError, StoreBusyError, StoreError
from rollout.frozen import replace
from rollout.model.events import GENESIS, Draft, Event, RolloutId, canonical, seal
from rollout.model.state import RolloutState
from rollout.model.witness import Witness
from rollout.store import sqlite_rows, sqlite_schema, sqlite_states
from rollout.store.sqlite_states import NOTHING, row_of
from rollout.store.standing import UNCLEAR

if TYPE_CHECKING:
    import sqlite3


class SqliteStore:
    """Each call opens the file anew: nothing is held between calls, and threads share nothing."""

    def __init__(self, path: Path, busy_timeout: float = 5.0) -> None:
        self.location = f"sqlite:{path}"
        self._path = path
        self._busy_timeout = busy_timeout

    def rollouts(self) -> Sequence[RolloutId]:
        return self.find()

    def find(self, *, name: str = "", standing: Collection[str] = ()) -> Sequence[RolloutId]:
        with self._reading() as connection:
            if connection is None:
                return ()
            found: set[tuple[str, str]] = set()
            if sqlite_schema.has_states(connection):
                found = sqlite_states.found(connection, name=name, standing=standing)
                if standing:
                    return _sorted(found)
            return _sorted(found | sqlite_rows.rollouts(connection, name))

    def events(self, rollout: RolloutId, after: int = 0) -> Sequence[Event]:
        with self._reading(thorough=not after) as connection:
            return sqlite_rows.events(connection, rollout, after) if connection else ()

    def state(self, rollout: RolloutId) -> RolloutState:
        with self._reading() as connection:
            return _state(connection, rollout) if connection else RolloutState()

    def witnesses(self, rollout: RolloutId) -> Sequence[Witness]:
        """The state row, whose state must be the fold of the events."""
        with self._reading() as connection:
            if connection is None or not sqlite_schema.has_states(connection):
                return ()
            return (_witness(connection, rollout),)

    def append(
        self, rollout: RolloutId, drafts: Sequence[Draft], *, after: int, at: datetime, actor: str
    ) -> Sequence[Event]:
        time = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if not self._exists():
            self._create_file()
        with self._transaction("BEGIN IMMEDIATE") as connection:
            if sqlite_schema.is_new(connection):
                sqlite_schema.create(connection)
            head = sqlite_rows.last(connection, rollout)
            if after != (head.seq if head else 0):
                raise _conflict(self.location, rollout, after, head)
            if not sqlite_schema.has_states(connection):
                sqlite_schema.upgrade(connection)
            appended: list[Event] = []
            previous = head.hash if head else GENESIS
            for seq, draft in enumerate(drafts, after + 1):
                # Sealed as it will be read: a tuple comes back as a list.
                data = json.loads(canonical(draft.data))
                appended.append(seal(Draft(draft.kind, data), rollout, seq, time, actor, previous))
                previous = appended[-1].hash
            _follow(connection, rollout, appended)
        return tuple(appended)

    @contextmanager
    def _reading(self, *, thorough: bool = False) -> Iterator[sqlite3.Connection | None]:
        """None where nothing was ever written."""
        if not self._exists():
            yield None
            return
        with self._transaction("BEGIN", thorough=thorough) as connection:
            yield None if sqlite_schema.is_new(connection) else connection

    @contextmanager
    def _transaction(self, begin: str, *, thorough: bool = False) -> Iterator[sqlite3.Connection]:
        """Committed when the block ends, rolled back when it raises.

        `thorough`: all of the file is checked, however long that takes; else a small one.
        """
        import sqlite3

        try:
            # mode=rw never creates a file, opens one that is read-only for reading, and can undo what a crash left.
            uri = f"{self._path.absolute().as_uri()}?mode=rw"
            connect = sqlite3.connect(uri, uri=True, timeout=self._busy_timeout, isolation_level=None)
            with closing(connect) as connection:
                connection.text_factory = sqlite_rows.decoded
                connection.executescript("PRAGMA synchronous=EXTRA; PRAGMA foreign_keys=ON; PRAGMA mmap_size=0")
                # Only this pragma changes the file, where somebody has switched it to WAL.
                if sqlite_schema.application_id(connection) == sqlite_schema.APPLICATION_ID:
                    connection.execute("PRAGMA journal_mode=DELETE")
                connection.execute(begin)
                sqlite_schema.check(connection, self.location)
                if thorough or self._path.stat().st_size <= _SMALL:
                    sqlite_schema.check_integrity(connection, self.location)
                yield connection
                connection.execute("COMMIT")
        except OSError as error:
            raise self._closed(str(error)) from error
        # A damaged file can also make Python stumble over names that are no text and numbers that are too large.
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise self._failure(error) from error

    def _exists(self) -> bool:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return False
        except (OSError, ValueError) as error:
            raise self._closed(str(error)) from error
        if not stat.S_ISREG(found.st_mode):
            raise StoreError(f"{self.location} is not a file", "Name a file with --store or ROLLOUT_STORE.")
        # None at all is what a crash before the first commit leaves; SQLite takes a file of one byte for an empty one.
        if found.st_size == 1:
            raise sqlite_schema.damaged(self.location, "file is not a database")
        return True

    def _create_file(self) -> None:
        """Readable for nobody else from the start."""
        try:
            for folder in reversed([parent for parent in self._path.parents if not parent.exists()]):
                folder.mkdir(0o700, exist_ok=True)
            with suppress(FileExistsError):
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise self._closed(str(error)) from error

    def _failure(self, error: sqlite3.Error | UnicodeError | OverflowError) -> StoreError:
        import sqlite3

        match int(getattr(error, "sqlite_errorcode", 0)) & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                message = f"{self.location} is locked by another process: waited {self._busy_timeout:g} s"
                return StoreBusyError(message, "Wait until the other command has ended and try again.")
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
                message = f"{self.location} cannot be read or written: {error}"
                return StoreError(message, "Look at the disk: its free space, its quota, its health.")
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return self._closed(str(error))
            case _:
                return sqlite_schema.damaged(self.location, str(error))

    def _closed(self, reason: str) -> StoreError:
        return StoreError(
            f"{self.location} cannot be opened: {reason}",
            "You must be allowed to write both the file and its folder; or name another with --store.",
        )


_SMALL = 1 << 20
"""Bytes of a file that is checked as a whole whenever it is opened."""


def _sorted(found: set[tuple[str, str]]) -> Sequence[RolloutId]:
    return tuple(RolloutId(name, environment) for name, environment in sorted(found))


def _state(connection: sqlite3.Connection, rollout: RolloutId) -> RolloutState:
    row = (sqlite_states.read(connection, rollout) if sqlite_schema.has_states(connection) else None) or NOTHING
    return fold(sqlite_states.behind(connection, rollout, row), row.state)


def _follow(connection: sqlite3.Connection, rollout: RolloutId, appended: Sequence[Event]) -> None:
    """Record the events and what they come to. Where that cannot be told, the state stays as it was, as a witness."""
    try:
        row = row_of(fold(appended, _state(connection, rollout)))
    except StoreError:
        row = None
    for event in appended:
        sqlite_rows.insert(connection, rollout, event)
    if row is None:
        with suppress(StoreError):  # a damaged one stays
            row = replace(sqlite_states.read(connection, rollout) or NOTHING, standing=UNCLEAR)
    if row is not None:
        sqlite_states.write(connection, rollout, row)


def _witness(connection: sqlite3.Connection, rollout: RolloutId) -> Witness:
    name = "the state in the store"
    last = sqlite_rows.last(connection, rollout)
    try:
        row = sqlite_states.read(connection, rollout)
    except StoreError as error:
        return Witness(name, flaws=(error.message,))
    if row is None:
        return Witness(name, flaws=(f"{name} is gone",) if last else ())
    flaws = []
    if last and row.standing != UNCLEAR and last.seq > row.seq:
        flaws.append(f"{name} is that after event {row.seq}, but the record goes on to event {last.seq}")
    events = [event for event in sqlite_rows.events(connection, rollout) if event.seq <= row.seq]
    try:
        if row.seq and events and events[-1].hash == row.state.head and fold(events) != row.state:
            flaws.append(f"{name} is not what the events up to {row.seq} come to")
    except StoreError as error:
        flaws.append(error.message)
    return Witness(name, {row.seq: row.state.head} if row.seq else {}, tuple(flaws))


def _conflict(location: str, rollout: RolloutId, after: int, head: Event | None) -> ConflictError:
    if head and head.seq > after:
        message = f"{head.actor} was faster: {head.kind} of {rollout} at {head.at}, event {head.seq}"
        return ConflictError(message, "Look at `rollout status` and try again.")
    last = f"ends with event {head.seq}, {head.kind} by {head.actor} at {head.at}" if head else "has no event"
    return ConflictError(
        f"{location} was replaced or cut: {rollout} {last}, expected event {after}",
        "Look at `rollout status` and `rollout history --verify` and try again.",
    )
