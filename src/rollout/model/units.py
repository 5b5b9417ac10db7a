"""Units, their dimensions, and exact conversion between units of one dimension."""

from __future__ import annotations

from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from rollout.frozen import dataclass


class Dimension(StrEnum):
    TIME = "time"
    SHARE = "share"
    RATE = "rate"
    SIZE = "size"
    THROUGHPUT = "throughput"
    COUNT = "count"
    NUMBER = "number"


@dataclass(frozen=True)
class Unit:
    """`factor` turns a number of this unit into the dimension's first unit."""

    name: str
    dimension: Dimension
    factor: Fraction


def _table() -> dict[str, Unit]:
    rows: dict[Dimension, dict[str, Fraction]] = {
        Dimension.TIME: {
            "s": Fraction(1),
            "us": Fraction(1, 10**6),
            "ms": Fraction(1, 1000),
            "m": Fraction(60),
            "h": Fraction(3600),
            "d": Fraction(86400),
        },
        Dimension.SHARE: {"ratio": Fraction(1), "%": Fraction(1, 100)},
        Dimension.RATE: {
            "/s": Fraction(1),
            "/min": Fraction(1, 60),
            "/h": Fraction(1, 3600),
            "/d": Fraction(1, 86400),
        },
        Dimension.SIZE: {
            "B": Fraction(1),
            "KB": Fraction(10**3),
            "MB": Fraction(10**6),
            "GB": Fraction(10**9),
            "KiB": Fraction(2**10),
            "MiB": Fraction(2**20),
            "GiB": Fraction(2**30),
        },
        Dimension.THROUGHPUT: {
            "B/s": Fraction(1),
            "KB/s": Fraction(10**3),
            "MB/s": Fraction(10**6),
            "GB/s": Fraction(10**9),
            "KiB/s": Fraction(2**10),
            "MiB/s": Fraction(2**20),
            "GiB/s": Fraction(2**30),
        },
        Dimension.COUNT: {"count": Fraction(1)},
        Dimension.NUMBER: {"number": Fraction(1)},
    }
    return {name: Unit(name, dimension, factor) for dimension, row in rows.items() for name, factor in row.items()}


UNITS = _table()
"""Every unit by its name, those of one dimension together."""


def convert(number: Fraction, source: str, target: str) -> float:
    """`number` of unit `source` in unit `target`; ValueError when they measure different things."""
    if UNITS[source].dimension is not UNITS[target].dimension:
        raise ValueError(f"{described(source)} cannot be compared with {described(target)}")
    return float(number * UNITS[source].factor / UNITS[target].factor)


def described(unit: str) -> str:
    return f"{unit} (a {UNITS[unit].dimension.value})"


def format_quantity(value: float, unit: str, shown_in: str, apart_from: float | None = None) -> str:
    """`value` of `unit`, written in `shown_in` as a person writes it: `0.42 %`, `12.3 ms`, `3 /h`, `7`.

    Four digits, and as many more as it takes to look different from `apart_from` (of `unit` too).
    """
    factor = UNITS[unit].factor / UNITS[shown_in].factor
    shown = Fraction(value) * factor
    other = shown if apart_from is None else Fraction(apart_from) * factor
    digits = 4
    while shown != other and _rounded(shown, digits) == _rounded(other, digits):
        digits += 1
    suffix = "" if UNITS[shown_in].dimension in (Dimension.COUNT, Dimension.NUMBER) else f" {shown_in}"
    return _rounded(shown, digits) + suffix


def readable(value: float, unit: str) -> str:
    """`value` in the unit of its dimension that a person would choose: `97.5 ms`, `0.431 %`, `85 MB`, `3 /h`."""
    if UNITS[unit].dimension is Dimension.SHARE:
        return format_quantity(value, unit, "%", apart_from=convert(Fraction(100), "%", unit))
    base = Fraction(value) * UNITS[unit].factor
    names = _READABLE.get(UNITS[unit].dimension, (unit,))
    shown_in = next((name for name in names if abs(base) >= UNITS[name].factor), names[-1] if base else unit)
    suffix = "" if UNITS[shown_in].dimension in (Dimension.COUNT, Dimension.NUMBER) else f" {shown_in}"
    return _rounded(base / UNITS[shown_in].factor, 3) + suffix


_READABLE = {
    Dimension.TIME: ("d", "h", "m", "s", "ms", "us"),
    Dimension.SIZE: ("GB", "MB", "KB", "B"),
    Dimension.THROUGHPUT: ("GB/s", "MB/s", "KB/s", "B/s"),
}


def _rounded(number: Fraction, digits: int) -> str:
    """To so many digits; those before the point are all kept where a person can still read them."""
    whole = len(str(abs(int(number))))
    with localcontext() as context:
        context.prec = whole if digits < whole <= 15 else digits
        decimal = (Decimal(number.numerator) / Decimal(number.denominator)).normalize()
    readable = not decimal or -6 <= decimal.adjusted() < 15
    return f"{decimal:f}" if readable else f"{decimal:e}"
