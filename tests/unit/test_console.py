"""What an emergency shows looks as rich shows it, and loads nothing."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.render.console import Line, Table, console, styled, table

CELLS = st.text("abc 店é[/]", max_size=8).map(str.strip)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4)


def printed(what: Line | Table, *, lean: bool) -> str:
    stream = io.StringIO()
    console(stream, lean=lean).print(what)
    return stream.getvalue()


@given(ROWS)
def test_tables_look_the_same(rows: list[tuple[str, str, str]]) -> None:
    what = table(("flag", "", "target"), rows)
    assert printed(what, lean=True) == printed(what, lean=False)


@given(st.lists(CELLS, min_size=1, max_size=3))
def test_lines_look_the_same(parts: list[str]) -> None:
    assert printed(styled(*parts), lean=True) == printed(styled(*parts), lean=False)


def test_what_does_not_fit_is_left_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    what = table(("flag", "value"), [("A" * 30, "1")])
    assert "A" * 30 in printed(what, lean=True)
    assert "A" * 30 not in printed(what, lean=False)


def test_without_unicode_the_rule_is_made_of_dashes() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    console(stream, lean=True).print(table(("flag",), [("A",)]))
    stream.seek(0)
    assert stream.read().splitlines()[1] == "----"
