"""Numbers keep their value when their unit changes, and are shown as a person writes them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.model.units import UNITS, convert, format_quantity


@pytest.mark.parametrize(
    ("number", "source", "target", "expected"),
    [
        ("0.1", "%", "ratio", 0.001),
        ("70", "%", "ratio", 0.7),
        ("0.7", "ratio", "%", 70.0),
        ("15", "ms", "s", 0.015),
        ("250", "us", "ms", 0.25),
        ("1.5", "h", "m", 90.0),
        ("2", "d", "h", 48.0),
        ("10", "/h", "/s", 10 / 3600),
        ("10", "/min", "/h", 600.0),
        ("1", "/s", "/d", 86400.0),
        ("1", "KiB", "B", 1024.0),
        ("1", "KB", "B", 1000.0),
        ("1.5", "GiB", "MiB", 1536.0),
        ("1", "MB", "KiB", 976.5625),
        ("1", "MiB/s", "B/s", 1048576.0),
        ("7", "count", "count", 7.0),
    ],
)
def test_a_number_keeps_its_value_in_another_unit(number: str, source: str, target: str, expected: float) -> None:
    assert convert(Fraction(number), source, target) == expected


@pytest.mark.parametrize(
    ("source", "target"),
    [("ms", "%"), ("count", "ratio"), ("number", "count"), ("B", "B/s"), ("/s", "s"), ("m", "MB")],
)
def test_different_things_are_never_compared(source: str, target: str) -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        convert(Fraction(1), source, target)


@settings(deadline=None)
@given(st.sampled_from(sorted(UNITS)), st.data(), st.floats(-1e12, 1e12))
def test_there_and_back_is_exact_in_fractions(source: str, data: st.DataObject, value: float) -> None:
    same = [name for name, unit in UNITS.items() if unit.dimension is UNITS[source].dimension]
    target = data.draw(st.sampled_from(same))
    there = Fraction(value) * UNITS[source].factor / UNITS[target].factor
    assert convert(there, target, source) == value
    assert convert(Fraction(value), source, target) == float(there)


@pytest.mark.parametrize(
    ("value", "unit", "shown_in", "text"),
    [
        (0.0042, "ratio", "%", "0.42 %"),
        (0.001, "ratio", "%", "0.1 %"),
        (0.0123, "s", "ms", "12.3 ms"),
        (10 / 3600, "/s", "/h", "10 /h"),
        (7.0, "count", "count", "7"),
        (1234567.0, "number", "number", "1234567"),
        (12345678.9, "number", "number", "12345679"),
        (0.00002, "ratio", "ratio", "0.00002 ratio"),
        (0.0000123456, "number", "number", "0.00001235"),
        (-0.5, "number", "number", "-0.5"),
        (0.0, "ratio", "%", "0 %"),
        (1.5 * 2**30, "B", "GiB", "1.5 GiB"),
    ],
)
def test_a_quantity_is_shown_as_a_person_writes_it(value: float, unit: str, shown_in: str, text: str) -> None:
    assert format_quantity(value, unit, shown_in) == text
