"""Reads from an SQLite file that is opened for nothing else; it is never made."""

from __future__ import annotations

from contextlib import closing
from time import monotonic

from rollout.model.probes import Rows
from rollout.sources.sql_address import Address
from rollout.sources.sql_rows import CONNECTING, NoRowsError, counted

_LONGEST = 16 * 2**20
"""Bytes of a text or blob that a statement may handle, so that no value fills the memory."""


def read(address: Address, query: str, deadline: float) -> Rows:
    import sqlite3

    name = address.url.database
    if address.url.query or not name or name == ":memory:" or name.startswith("file:"):
        raise NoRowsError("write sqlite:///FOLDER/FILE, from the plan's folder, or sqlite:////FOLDER/FILE")
    path = (address.folder / name).absolute()
    try:
        if not path.is_file():
            raise NoRowsError("that is no file" if path.exists() else "there is no such file")
        wait = max(0, min(CONNECTING, deadline - monotonic()))
        uri = f"{path.as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=wait, isolation_level=None)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)  # `vacuum into` makes its file before it is refused
            connection.set_progress_handler(lambda: monotonic() >= deadline, 10_000)
            connection.text_factory = bytes  # no text is looked at, and not every text can be decoded
            rows = connection.execute(query)
            if rows.description is None:
                raise NoRowsError("the statement returns no rows")
            return counted(rows)
    except (sqlite3.Error, sqlite3.Warning, OSError, ValueError) as error:
        raise NoRowsError(str(error)) from None
