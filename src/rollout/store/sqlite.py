"""Events in one SQLite file on this machine."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rollout.errors import ConflictError, StoreBusyError, StoreError
from rollout.model.events import GENESIS, Draft, Event, RolloutId, canonical, seal
from rollout.store import sqlite_schema

if TYPE_CHECKING:
    import sqlite3

_ROLLOUTS = "SELECT DISTINCT name, environment FROM events ORDER BY name, environment"
_EVENTS = """SELECT seq, at, actor, kind, data, hash, previous FROM events
WHERE name = CAST(? AS TEXT) AND environment = CAST(? AS TEXT) ORDER BY seq"""
_HEAD = f"{_EVENTS} DESC LIMIT 1"
_INSERT = f"""INSERT INTO events (name, environment, at, actor, kind, data, hash, previous, seq)
VALUES ({"CAST(? AS TEXT), " * 8}?)"""


class SqliteStore:
    """Each call opens the file anew: nothing is held between calls, and threads share nothing."""

    def __init__(self, path: Path, busy_timeout: float = 5.0) -> None:
        self.location = f"sqlite:{path}"
        self._path = path
        self._busy_timeout = busy_timeout

    def rollouts(self) -> Sequence[RolloutId]:
        return tuple(RolloutId(str(name), str(environment)) for name, environment in self._rows(_ROLLOUTS))

    def events(self, rollout: RolloutId) -> Sequence[Event]:
        return tuple(_event(row) for row in self._rows(_EVENTS, _key(rollout)))

    def append(
        self, rollout: RolloutId, drafts: Sequence[Draft], *, after: int, at: datetime, actor: str
    ) -> Sequence[Event]:
        time = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if not self._exists():
            self._create_file()
        with self._transaction("BEGIN IMMEDIATE") as connection:
            if sqlite_schema.is_new(connection):
                sqlite_schema.create(connection)
            row = connection.execute(_HEAD, _key(rollout)).fetchone()
            head = _event(row) if row else None
            if after != (head.seq if head else 0):
                raise _conflict(self.location, rollout, after, head)
            appended: list[Event] = []
            previous = head.hash if head else GENESIS
            for seq, draft in enumerate(drafts, after + 1):
                # Sealed as it will be read: a tuple comes back as a list.
                data = json.loads(canonical(draft.data))
                event = seal(Draft(draft.kind, data), rollout, seq, time, actor, previous)
                texts = (time, actor, event.kind, canonical(data), event.hash, previous)
                connection.execute(_INSERT, (*_key(rollout), *map(_encoded, texts), seq))
                appended.append(event)
                previous = event.hash
        return tuple(appended)

    def _rows(self, query: str, parameters: tuple[bytes, ...] = ()) -> Sequence[tuple[object, ...]]:
        if not self._exists():
            return ()
        with self._transaction("BEGIN") as connection:
            return () if sqlite_schema.is_new(connection) else connection.execute(query, parameters).fetchall()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        """Committed when the block ends, rolled back when it raises."""
        import sqlite3

        try:
            # mode=rw never creates a file, opens one that is read-only for reading, and can undo what a crash left.
            uri = f"{self._path.absolute().as_uri()}?mode=rw"
            connect = sqlite3.connect(uri, uri=True, timeout=self._busy_timeout, isolation_level=None)
            with closing(connect) as connection:
                connection.text_factory = _decoded
                connection.executescript("PRAGMA synchronous=EXTRA; PRAGMA foreign_keys=ON; PRAGMA mmap_size=0")
                # Only this pragma changes the file, where somebody has switched it to WAL.
                if sqlite_schema.application_id(connection) == sqlite_schema.APPLICATION_ID:
                    connection.execute("PRAGMA journal_mode=DELETE")
                connection.execute(begin)
                sqlite_schema.check(connection, self.location)
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


def _key(rollout: RolloutId) -> tuple[bytes, bytes]:
    return _encoded(rollout.name), _encoded(rollout.environment)


def _encoded(text: str) -> bytes:
    """Names from the operating system may hold lone surrogates, which sqlite3 refuses in a str."""
    return text.encode("utf-8", "surrogatepass")


def _decoded(text: bytes) -> str:
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


def _conflict(location: str, rollout: RolloutId, after: int, head: Event | None) -> ConflictError:
    if head and head.seq > after:
        message = f"{head.actor} was faster: {head.kind} of {rollout} at {head.at}, event {head.seq}"
        return ConflictError(message, "Look at `rollout status` and try again.")
    last = f"ends with event {head.seq}, {head.kind} by {head.actor} at {head.at}" if head else "has no event"
    return ConflictError(
        f"{location} was replaced or cut: {rollout} {last}, expected event {after}",
        "Look at `rollout status` and `rollout history --verify` and try again.",
    )
