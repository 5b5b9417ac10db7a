"""What a target holds becomes a value, and goes back to the letter."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.model.values import (
    Flag,
    FlagType,
    FlagValue,
    Held,
    Setting,
    Verbatim,
    as_held_text,
    from_json,
    to_json,
    words,
)

BOOL, PERCENT, INT, STRING, LIST = (Flag("F", type_) for type_ in FlagType)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PERCENTS = st.integers(0, 100) | st.decimals(0, 100, places=4).map(float)
INTS = st.integers(-(10**15) + 1, 10**15 - 1)
ITEMS = st.lists(TEXT.filter(lambda item: item and "," not in item), max_size=4).map(tuple)
TYPED: dict[FlagType, st.SearchStrategy[FlagValue]] = {
    FlagType.BOOL: st.booleans(),
    FlagType.PERCENT: PERCENTS,
    FlagType.INT: INTS,
    FlagType.STRING: TEXT,
    FlagType.LIST: ITEMS,
}
FLAG_AND_VALUE = st.sampled_from(list(FlagType)).flatmap(
    lambda type_: st.tuples(st.just(Flag("F", type_)), TYPED[type_])
)
VALUES: st.SearchStrategy[FlagValue] = st.one_of(*TYPED.values())
SETTINGS: st.SearchStrategy[Setting] = st.none() | VALUES | VALUES.map(Verbatim)


@pytest.mark.parametrize(
    ("flag", "held", "value"),
    [
        (BOOL, "true", True),
        (BOOL, " TRUE ", True),
        (BOOL, "1", True),
        (BOOL, "yes", True),
        (BOOL, "off", False),
        (BOOL, "", None),
        (BOOL, "2", None),
        (BOOL, "enabled", None),
        (BOOL, True, True),
        (BOOL, ("true",), None),
        (PERCENT, "10", 10),
        (PERCENT, "12.5", 12.5),
        (PERCENT, "100.0", 100),
        (PERCENT, "101", None),
        (PERCENT, "-1", None),
        (PERCENT, "10%", None),
        (PERCENT, "nan", None),
        (PERCENT, "inf", None),
        (PERCENT, "1e1", None),
        (PERCENT, "", None),
        (PERCENT, True, None),
        (PERCENT, float("nan"), None),
        (PERCENT, 33.3, 33.3),
        (INT, "60", 60),
        (INT, "-5", -5),
        (INT, "60.5", None),
        (INT, "0x10", None),
        (INT, "1_000", None),
        (INT, False, None),
        (STRING, "", ""),
        (STRING, " a b ", " a b "),
        (LIST, "a,b", ("a", "b")),
        (LIST, "", ()),
        (LIST, ("a", "b"), ("a", "b")),
        (LIST, 5, None),
        (BOOL, None, None),
        (STRING, None, None),
    ],
)
def test_a_flag_reads_what_a_service_would_read(flag: Flag, held: Held, value: FlagValue | None) -> None:
    parsed = flag.parse(held)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (10, "10"), (10.0, "10"), (12.5, "12.5"), ("a b", "a b"), (("a", "b"), "a,b")],
)
def test_a_text_target_is_written_in_words(value: FlagValue, text: str) -> None:
    assert words(value) == text
    assert as_held_text(value) == text


@settings(deadline=None)
@given(FLAG_AND_VALUE)
def test_what_is_written_in_words_is_read_back(pair: tuple[Flag, FlagValue]) -> None:
    flag, value = pair
    assert flag.parse(words(value)) == value
    assert flag.found(words(value)) == value


@pytest.mark.parametrize(
    ("flag", "held"),
    [
        (BOOL, "TRUE"),
        (BOOL, "1"),
        (BOOL, " true"),
        (BOOL, "abc"),
        (BOOL, 1),
        (BOOL, 0.0),
        (PERCENT, "010"),
        (PERCENT, "10.0"),
        (PERCENT, "150"),
        (INT, "+5"),
        (INT, "-0"),
        (INT, True),
        (LIST, "a,,b"),
        (LIST, "a,b,"),
        (STRING, 5),
        (STRING, True),
    ],
)
def test_what_the_type_would_spell_differently_is_kept_verbatim(flag: Flag, held: str | bool | int | float) -> None:
    found = flag.found(held)
    assert isinstance(found, Verbatim)
    assert found.held == held
    assert type(found.held) is type(held)


@settings(deadline=None)
@given(st.sampled_from(list(FlagType)), TEXT)
def test_whatever_a_text_target_held_is_put_back_to_the_letter(type_: FlagType, held: str) -> None:
    found = Flag("F", type_).found(held)
    assert found is not None
    assert as_held_text(found) == held


def test_an_absent_key_stays_absent() -> None:
    for type_ in FlagType:
        assert Flag("F", type_).found(None) is None


def test_the_meaning_of_a_setting_is_what_a_service_reads() -> None:
    assert BOOL.meaning(Verbatim("TRUE")) is True
    assert BOOL.meaning(Verbatim("abc")) is None
    assert BOOL.meaning(False) is False
    assert BOOL.meaning(None) is None


@settings(deadline=None)
@given(SETTINGS)
def test_json_gives_back_the_same_setting(setting: Setting) -> None:
    again = from_json(json.loads(json.dumps(to_json(setting))))
    assert again == setting
    assert type(again) is type(setting)
    if isinstance(setting, Verbatim) and isinstance(again, Verbatim):
        assert type(again.held) is type(setting.held)


@pytest.mark.parametrize("value", [{}, {"verbatim": None}, {"verbatim": {}}, {"held": "a"}, [1, 2], {"verbatim": [1]}])
def test_json_that_is_no_setting_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a flag's value"):
        from_json(value)
