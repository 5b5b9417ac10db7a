"""Bounds mean what they say in the metric's unit, and the sentence never contradicts the verdict."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rollout.model.conditions import Baseline, Comparison, Op, Quantity, parse_condition
from rollout.model.units import UNITS

ABOVE, BELOW = math.inf, -math.inf


@pytest.mark.parametrize(
    ("condition", "unit", "edge", "holds"),
    [
        ("< 0.1%", "ratio", 0.001, False),
        ("<= 0.1%", "ratio", 0.001, True),
        ("> 70%", "ratio", 0.7, False),
        (">= 70%", "ratio", 0.7, True),
        ("== 70%", "ratio", 0.7, True),
        ("!= 70%", "ratio", 0.7, False),
        ("< 15ms", "s", 0.015, False),
        ("<= 15 ms", "s", 0.015, True),
        ("< 10/h", "/s", 10 / 3600, False),
        ("<= 10/h", "/s", 10 / 3600, True),
        ("> 0.42%", "%", 0.42, False),
        ("< 1.5KiB", "B", 1536.0, False),
        ("< 1.5KB", "B", 1500.0, False),
        (">= 200", "count", 200.0, True),
        ("<5", "count", 5.0, False),
        ("< .5", "number", 0.5, False),
        ("< 1e3", "number", 1000.0, False),
        ("> -1", "number", -1.0, False),
        ("< 3", "ms", 3.0, False),  # a bare number is in the metric's unit
    ],
)
def test_the_bound_itself_is_judged_exactly(condition: str, unit: str, edge: float, holds: bool) -> None:
    parsed = parse_condition(condition)
    assert parsed.judge(edge, unit)[0] is holds
    op = parsed.comparisons[0].op
    assert parsed.judge(math.nextafter(edge, BELOW), unit)[0] is (op in (Op.LT, Op.LE, Op.NE))
    assert parsed.judge(math.nextafter(edge, ABOVE), unit)[0] is (op in (Op.GT, Op.GE, Op.NE))


def test_comparisons_joined_by_and_must_all_hold() -> None:
    condition = parse_condition(">= 85% and < 90%")
    assert condition.judge(0.85, "ratio") == (True, "85 % is at least 85 % and 85 % is below 90 %")
    assert condition.judge(0.9, "ratio") == (False, "90 % is not below 90 %")
    assert condition.judge(0.84, "ratio") == (False, "84 % is not at least 85 %")


@pytest.mark.parametrize(
    ("condition", "unit", "value", "sentence"),
    [
        ("< 0.1%", "ratio", 0.0042, "0.42 % is not below 0.1 %"),
        ("< 0.1%", "ratio", 0.0, "0 % is below 0.1 %"),
        ("< 15ms", "s", 0.0123, "12.3 ms is below 15 ms"),
        ("> 5", "count", 7.0, "7 is above 5"),
        ("< 5", "count", 5.0, "5 is not below 5"),
        ("== 0", "count", 2.0, "2 is not exactly 0"),
        ("!= 0", "count", 0.0, "0 is not other than 0"),
        ("< 0.1%", "ratio", 0.00100000001, "0.100000001 % is not below 0.1 %"),
        ("< 0.12345", "number", 0.1235, "0.1235 is not below 0.12345"),
        ("< 10/h", "/s", 11 / 3600, "11 /h is not below 10 /h"),
        ("< 0.0001", "ratio", 0.00002, "0.00002 ratio is below 0.0001 ratio"),
    ],
)
def test_the_sentence_has_the_numbers_in_the_bounds_unit(
    condition: str, unit: str, value: float, sentence: str
) -> None:
    assert parse_condition(condition).judge(value, unit)[1] == sentence


PAIRS = [("%", "ratio"), ("ratio", "ratio"), ("ms", "s"), ("/h", "/s"), ("GiB", "B"), ("", "count"), ("us", "d")]
BOUNDS = st.decimals(0, 10**9, places=5).map(lambda number: f"{number:f}")


@settings(deadline=None)
@given(st.sampled_from(PAIRS), BOUNDS, st.integers(-3, 3))
@example(("%", "ratio"), "0.12345", 1)
@example(("", "count"), "12345678.4", -1)
@example(("", "count"), "0.00001", 1)
def test_a_sentence_shows_the_same_number_twice_only_for_the_bound_itself(
    pair: tuple[str, str], bound: str, steps: int
) -> None:
    shown_in, unit = pair
    condition = parse_condition(f"< {bound}{shown_in}")
    limit = value = condition.comparisons[0].limit(unit)
    for _ in range(abs(steps)):
        value = math.nextafter(value, ABOVE if steps > 0 else BELOW)
    holds, sentence = condition.judge(value, unit)
    assert holds is (value < limit)
    observed, shown_bound = re.split(" is (?:not )?below ", sentence)
    assert (observed == shown_bound) is (value == limit)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(PAIRS))
@example(1.7976931348623157e308, ("%", "ratio"))
@example(-1.7976931348623157e308, ("/h", "/s"))
@example(5e-324, ("GiB", "B"))
def test_every_finite_number_gets_a_sentence(value: float, pair: tuple[str, str]) -> None:
    holds, sentence = parse_condition(f"< 1{pair[0]}").judge(value, pair[1])
    assert ("not" in sentence) is not holds


@settings(deadline=None)
@given(
    st.sampled_from(list(Op)),
    st.integers(-(10**9), 10**9),
    st.integers(0, 6),
    st.sampled_from(["", *UNITS]),
    st.sampled_from(["", " "]),
)
def test_what_is_written_is_what_is_read(op: Op, digits: int, places: int, unit: str, space: str) -> None:
    number = f"{'-' if digits < 0 else ''}{abs(digits) // 10**places}.{abs(digits) % 10**places:0{places}d}".rstrip(".")
    text = f"{op.value} {number}{space}{unit}".strip()
    comparison = parse_condition(text).comparisons[0]
    assert isinstance(comparison.bound, Quantity)
    assert (comparison.op, comparison.bound.unit) == (op, unit)
    assert comparison.bound.number * 10**places == digits if places else comparison.bound.number == digits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "0.1%",
        "= 5",
        "=< 5",
        "<> 5",
        "< ",
        "< five",
        "< 5 5",
        "< 5 apples",
        "< 1_000",
        "< 1,5",
        "< 0x10",
        "< NaN",
        "< inf",
        "< 1e400",
        "< 5 or > 3",
        "< 5 and",
        "and < 5",
        "< 5 > 3",
        "< 5%%",
        "< baseline 5",
        "< baseline / 2",
        "< baseline +",
        "< 5 + baseline",
        "baseline < 5",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a (comparison|number|unit)"):
        parse_condition(text)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("<= baseline", Baseline("", "", Quantity(Fraction(0), ""))),
        ("<= baseline + 0.1%", Baseline("", "+", Quantity(Fraction("0.1"), "%"))),
        ("<= baseline-5ms", Baseline("", "-", Quantity(Fraction(5), "ms"))),
        ("<= baseline * 1.1", Baseline("", "*", Quantity(Fraction("1.1"), ""))),
        ("<= baseline(limited-1) + 2", Baseline("limited-1", "+", Quantity(Fraction(2), ""))),
    ],
)
def test_a_bound_may_be_relative_to_a_baseline(text: str, bound: Baseline) -> None:
    condition = parse_condition(text)
    assert condition.comparisons == (Comparison(Op.LE, bound),)
    assert condition.baselines == (bound,)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("< 0.1%", "s"),
        ("< 15ms", "ratio"),
        ("< 15ms", "count"),
        ("< 10/h", "number"),
        ("< 1KiB", "B/s"),
        ("<= baseline + 5ms", "ratio"),
        ("<= baseline * 5%", "ratio"),
        ("< 5 and > 1%", "count"),
    ],
)
def test_a_bound_of_another_dimension_is_never_compared(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be compared|bare number"):
        parse_condition(text).check(unit)


@pytest.mark.parametrize(
    ("text", "unit"), [("<= baseline + 0.1%", "ratio"), ("<= baseline * 1.1", "ratio"), ("< 1h and > 5ms", "s")]
)
def test_a_bound_of_the_same_dimension_fits(text: str, unit: str) -> None:
    parse_condition(text).check(unit)


def test_a_baseline_is_never_judged_as_a_number() -> None:
    with pytest.raises(ValueError, match="baseline"):
        parse_condition("<= baseline").judge(0.5, "ratio")
