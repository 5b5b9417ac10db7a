"""What came back of a statement: how many rows, and the number that the only one of them holds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

from rollout.model.probes import Rows

MOST = 1_000_000
"""Rows that are counted."""

CONNECTING = 10
"""Seconds that connecting may take, and waiting for a file that is locked."""

MISSING = "cannot be asked without its driver: pip install 'rollout[sql]'"
TOO_MANY = f"more than {MOST:,} rows came back; let the query count them"


class NoRowsError(Exception):
    """What a database, or its driver, says instead of rows."""


def counted(rows: Iterable[Sequence[object]]) -> Rows:
    """One row after another, so that no two of them are held."""
    count = 0
    value, described = None, ""
    for row in rows:
        count += 1
        if count == 1:
            value, described = only_number(row)
        elif count > MOST:
            raise NoRowsError(TOO_MANY)
    return Rows(count, value, described) if count == 1 else Rows(count)


def only_number(row: Sequence[object]) -> tuple[float | None, str]:
    """The finite number of a row's only column, or what the row holds instead."""
    if len(row) != 1:
        return None, f"{len(row)} columns"
    match row[0]:
        case None:
            return None, "NULL"
        case bool():
            return None, "a bool"
        case int() | float() | Decimal() as number:
            return _finite(number)
        case str() | bytes():
            return None, "a text"
        case other:
            return None, f"a value of the type {type(other).__name__}"


def _finite(number: float | Decimal) -> tuple[float | None, str]:
    try:
        value = float(number)
    except (OverflowError, ValueError):  # ValueError: a signalling NaN
        value = math.nan if isinstance(number, Decimal) else math.inf
    if math.isfinite(value):
        return value, ""
    return None, "NaN" if math.isnan(value) else "a number beyond all that can be judged"
