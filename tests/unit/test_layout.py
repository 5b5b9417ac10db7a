"""Tables that fit the window, and paragraphs where they do not: nothing is lost, nothing stands out."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rollout.render.console import console, table
from rollout.render.layout import GAP, cell_width, fitted, natural, paragraphs

CELLS = st.text("abc 店é[/]e\N{COMBINING ACUTE ACCENT}-", max_size=60).map(str.strip)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=4)
HEADINGS = st.sampled_from([("gate", "stage", "value", ""), ("", "item", "what", "by"), ("rollout", "", "", "verdict")])
RULE = {"─", "-"}


def printed(headings: tuple[str, ...], rows: list[tuple[str, ...]], columns: int, *, lean: bool = False) -> str:
    stream = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        console(stream, lean=lean).print(table(headings, rows))
    return stream.getvalue()


def characters(*texts: str) -> Counter[str]:
    return Counter("".join("".join(texts).split()))


@settings(max_examples=200, deadline=None)
@given(HEADINGS, ROWS, st.integers(20, 200), st.booleans())
@example(("gate", "stage", "value", ""), [("店" * 30, "a" * 60, "b " * 30, "c")], 20, False)
def test_nothing_of_a_table_is_lost_in_any_window(
    headings: tuple[str, ...], rows: list[tuple[str, ...]], columns: int, lean: bool
) -> None:
    shown = characters(printed(headings, rows, columns, lean=lean))
    wanted = characters(*(cell for row in rows for cell in row))
    assert not wanted - shown
    assert not (shown - wanted).keys() - set("".join(headings)) - RULE


@settings(max_examples=200, deadline=None)
@given(HEADINGS, ROWS, st.integers(20, 200))
def test_no_line_is_longer_than_the_window(
    headings: tuple[str, ...], rows: list[tuple[str, ...]], columns: int
) -> None:
    assert all(cell_width(line) <= columns for line in printed(headings, rows, columns).splitlines())


@given(st.lists(st.integers(0, 120), min_size=1, max_size=8), st.integers(20, 200))
def test_columns_fill_the_window_and_words_are_never_folded(widths: list[int], available: int) -> None:
    found = fitted(widths, available)
    if found is None:
        assert sum(min(width, 24) for width in widths) + GAP * (len(widths) - 1) > available
        return
    assert sum(found) + GAP * (len(found) - 1) <= available
    for width, given_width in zip(widths, found, strict=True):
        assert given_width == width if width <= 24 else 24 <= given_width <= width
    if sum(widths) + GAP * (len(widths) - 1) <= available:
        assert found == widths


def test_a_character_of_east_asia_takes_two_columns_and_a_mark_upon_another_none() -> None:
    assert [cell_width(text) for text in ("abc", "店", "ｶ", "e\N{COMBINING ACUTE ACCENT}", "")] == [3, 2, 1, 1, 0]
    assert natural(table(("flag", "店铺"), [("A", "店"), ("ABCDE", "")])) == [5, 4]


def test_in_a_paragraph_a_row_begins_with_what_it_is_about() -> None:
    rows = [("open", "told", "Support is told", ""), ("done", "runbook", "Reviewed", "bob")]
    assert list(paragraphs(table(("", "item", "what", "by"), rows))) == [
        ("", "open  told"),
        ("  what  ", "Support is told"),
        ("", "done  runbook"),
        ("  what  ", "Reviewed"),
        ("  by    ", "bob"),
    ]


def test_in_a_paragraph_what_has_no_heading_goes_with_what_is_before_it() -> None:
    wide = table(("trigger", "", "value", "outcome", ""), [("spike", "rollback: partial", "-", "unknown", "down")])
    assert list(paragraphs(wide)) == [
        ("", "spike  rollback: partial"),
        ("  value    ", "-"),
        ("  outcome  ", "unknown  down"),
    ]
