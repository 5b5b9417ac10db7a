"""Reads from PostgreSQL through a cursor of the server, in a transaction that may not write.

A cursor takes one statement that returns rows and writes none; what its functions would write, the transaction refuses.
Neither holds back functions with effects outside of tables, such as lo_export or dblink_exec: whether they may be
called is up to the rights of the URL's user.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from rollout.gates.sql import first_word
from rollout.model.probes import Rows
from rollout.sources.sql_address import Address
from rollout.sources.sql_rows import CONNECTING, MISSING, MOST, TOO_MANY, NoRowsError, counted, only_number

if TYPE_CHECKING:
    from psycopg import Connection, ServerCursor

_NUMBERS = frozenset({20, 21, 23, 700, 701, 1700})
"""The OIDs of int8, int2, int4, float4, float8 and numeric."""


def read(address: Address, query: str, deadline: float) -> Rows:
    try:
        import psycopg
        from psycopg.conninfo import make_conninfo
    except ImportError:
        raise NoRowsError(MISSING) from None
    options = {**address.options("postgresql+psycopg"), "connect_timeout": CONNECTING, "client_encoding": "utf8"}
    try:
        # As text: a parameter of the URL reaches libpq alone, and none of psycopg's own, such as `autocommit`.
        conninfo = make_conninfo(**{name: str(value) for name, value in options.items()})
        with psycopg.connect(conninfo, autocommit=True, prepare_threshold=None) as connection:
            connection.read_only = True
            with connection.transaction(force_rollback=True):
                return _read(connection, query, deadline)
    except psycopg.Error as error:
        raise NoRowsError(error.diag.message_primary or str(error).partition("\n")[0]) from None
    except (OSError, ValueError) as error:
        raise NoRowsError(str(error)) from None


def _read(connection: Connection, query: str, deadline: float) -> Rows:
    # Without the second, a cursor is planned as if only its first rows were wanted.
    connection.execute("SET LOCAL default_transaction_read_only = on; SET LOCAL cursor_tuple_fraction = 1")
    _stop_at(deadline, connection)
    if first_word(query) in ("show", "explain"):  # there is no cursor for them, and never much of them
        with connection.cursor() as plain:
            return counted(plain.stream(query.encode()))
    with connection.cursor("rollout", scrollable=False) as cursor:
        cursor.execute(query.encode())
        return _count(connection, cursor, deadline)


def _count(connection: Connection, cursor: ServerCursor, deadline: float) -> Rows:
    """The server steps over the rows: nothing is sent, but the first number where numbers are all there is."""
    value, described, fetched = None, "", 0
    columns = cursor.description or []
    if len(columns) != 1:
        described = f"{len(columns)} columns"
    elif columns[0].type_code not in _NUMBERS:
        described = f"a value of the type {columns[0].type_display}"
    else:
        _stop_at(deadline, connection)
        if first := cursor.fetchone():
            (value, described), fetched = only_number(first), 1
    _stop_at(deadline, connection)
    count = fetched + connection.execute(f"MOVE FORWARD {MOST + 1} FROM rollout".encode()).rowcount
    if count > MOST:
        raise NoRowsError(TOO_MANY)
    return Rows(count, value, described) if count == 1 else Rows(count)


def _stop_at(deadline: float, connection: Connection) -> None:
    """Before each statement that may last, as the one before may have changed it."""
    left = max(0, int(1000 * (deadline - monotonic()))) + 1  # 0 would be no limit
    connection.execute(f"SET LOCAL statement_timeout = {left}".encode())
