"""References to variables, replaced once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.model.variables import UnsetVariableError, defaults, expand, fit_for_query, references, resolved

KNOWN = {"HOST": "prometheus", "EMPTY": "", "TRICKY": "${HOST}", "_a1": "x"}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("http://${HOST}:9090/${_a1}", "http://prometheus:9090/x"),
        ("${NOPE:-fallback}", "fallback"),
        ("${NOPE:-}", ""),
        ("${HOST:-fallback}", "prometheus"),
        ("${NOPE:-http://a:1/b?c=d}", "http://a:1/b?c=d"),
        ("[${EMPTY}]", "[]"),
        ("$${HOST}", "${HOST}"),
        ("$$${HOST}", "$${HOST}"),
        ("$HOST ${HOST}", "$HOST prometheus"),
        ("sum(rate(x[5m])) {a=~'b$'}", "sum(rate(x[5m])) {a=~'b$'}"),
        ("${TRICKY}", "${HOST}"),
        ("", ""),
    ],
)
def test_references_are_replaced_once(text: str, expanded: str) -> None:
    assert expand(text, KNOWN.get) == expanded


def test_a_variable_without_value_is_named_and_its_text_is_not() -> None:
    with pytest.raises(UnsetVariableError) as caught:
        expand("secret ${HOST} ${NOPE} ${ALSO_NOT}", KNOWN.get)
    assert caught.value.name == "NOPE"
    assert str(caught.value) == "the variable NOPE is not set"


@pytest.mark.parametrize("text", ["${}", "${1A}", "${a b}", "${HOST", "${HOST:fallback}", "${HOST-fallback}"])
def test_what_only_looks_like_a_reference_is_never_passed_on(text: str) -> None:
    with pytest.raises(UnsetVariableError):
        expand(text, KNOWN.get)
    assert [name for name, _ in references(text)] == [""]


def test_references_are_listed_with_whether_they_have_a_default() -> None:
    assert list(references("${A} $${B} ${C:-c} ${D:-}")) == [("A", False), ("C", True), ("D", True)]


def test_defaults_are_listed_with_their_names() -> None:
    assert list(defaults("${A} $${B:-b} ${C:-c} ${D:-}")) == [("C", "c"), ("D", "")]


def test_a_var_takes_what_it_refers_to_from_the_process_and_never_from_another_var() -> None:
    written = {"JOB": "${JOB_NAME}", "AT": "${PORT:-9090}", "SAME": "${SAME}", "OTHER": "${AT}", "PLAIN": "$${x}"}
    process = {"JOB_NAME": "shop-${PORT}", "SAME": "same"}
    assert resolved(written, process.get) == {"JOB": "shop-${PORT}", "AT": "9090", "SAME": "same", "PLAIN": "${x}"}


def test_a_var_that_refers_to_nothing_is_not_set() -> None:
    assert resolved({"A": "x${NOPE}", "B": "b"}, lambda _: None) == {"B": "b"}


@pytest.mark.parametrize("value", ["", "shop", "a-b_c.d:9", "10m"])
def test_a_word_is_fit_for_a_query(value: str) -> None:
    assert fit_for_query(value)


@pytest.mark.parametrize("value", ['a"', "a b", "a|b", "{", "ä", "a\n", "${A}", "a#", "a\\"])
def test_what_could_end_a_word_is_not_fit_for_a_query(value: str) -> None:
    assert not fit_for_query(value)


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="$", exclude_categories=["Cs"])))
def test_text_without_a_dollar_stays_as_it_is(text: str) -> None:
    assert expand(text, KNOWN.get) == text


@settings(deadline=None)
@given(st.text())
def test_a_value_is_never_expanded_again(value: str) -> None:
    assert expand("<${A}>", {"A": value}.get) == f"<{value}>"
