"""What an emergency shows looks as rich shows it, and loads nothing."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.render.console import Line, Table, coloured, columns, console, styled, table
from rollout.render.plain import PLAIN

CELLS = st.text("abc 店é[/]", max_size=8).map(str.strip)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4)


def printed(what: Line | Table, *, lean: bool, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=PLAIN)
    console(stream, lean=lean).print(what)
    stream.seek(0)
    return stream.read()


@given(ROWS, st.sampled_from(["utf-8", "ascii", "euc-kr"]))
def test_tables_look_the_same(rows: list[tuple[str, str, str]], encoding: str) -> None:
    what = table(("flag", "", "target"), rows)
    assert printed(what, lean=True, encoding=encoding) == printed(what, lean=False, encoding=encoding)


@given(st.lists(CELLS, min_size=1, max_size=3))
def test_lines_look_the_same(parts: list[str]) -> None:
    assert printed(styled(*parts), lean=True) == printed(styled(*parts), lean=False)


def test_what_does_not_fit_is_left_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    what = table(("flag", "value"), [("A" * 30, "1")])
    assert "A" * 30 in printed(what, lean=True)
    assert "A" * 30 not in printed(what, lean=False)


@pytest.mark.parametrize("lean", [True, False])
def test_without_unicode_the_rule_is_made_of_dashes(lean: bool) -> None:
    shown = printed(table(("flag", "to"), [("A", "b")]), lean=lean, encoding="ascii")
    assert shown.splitlines() == ["flag   to", "---------", "A      b"]


class Window(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "at_a_terminal", "in_a_pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "false"}, False, False),
        ({"FORCE_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "unknown"}, False, False),
    ],
)
@pytest.mark.parametrize("lean", [True, False])
def test_colour_is_for_whoever_wants_it(
    variables: dict[str, str], at_a_terminal: bool, in_a_pipe: bool, lean: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"TERM": "xterm"} | variables).items():
        monkeypatch.setenv(name, value)
    for stream, wanted in ((Window(), at_a_terminal), (io.StringIO(), in_a_pipe)):
        assert coloured(stream) is wanted
        out = console(stream, lean=lean)
        out.print(styled("error", ": no"))
        out.print(table(("flag", "to"), [("A", "b")]))
        assert ("\x1b[" in stream.getvalue()) is wanted


@pytest.mark.parametrize(("text", "found"), [("40", 40), ("0", None), ("", None), ("wide", None), ("-5", None)])
def test_a_width_that_is_none_is_not_believed(text: str, found: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", text)
    assert columns(io.StringIO()) == found
    console(io.StringIO()).print(styled("fits"))
