"""What stands for a character that a terminal or a log cannot show."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.render.console import bar, console, styled, table
from rollout.render.plain import PLAIN

PHASES = "✔\u00a0prepare  ▶\u00a0limited\u00a01/2  ○\u00a0full  ◀\u00a0back"


def through(encoding: str, text: str) -> str:
    return text.encode(encoding, PLAIN).decode(encoding)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "+ prepare  > limited 1/2  o full  < back"),
        ("latin-1", "+\u00a0prepare  >\u00a0limited\u00a01/2  o\u00a0full  <\u00a0back"),
        ("euc-kr", "+ prepare  ▶ limited 1/2  ○ full  ◀ back"),
        ("utf-8", PHASES),
        ("utf-16", PHASES),
    ],
)
def test_the_phases_can_be_told_apart_in_every_encoding(encoding: str, shown: str) -> None:
    assert through(encoding, PHASES) == shown


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_soak_can_be_read_off_a_bar_in_every_encoding(encoding: str) -> None:
    assert through(encoding, bar(0.5)) == "#####....."


def test_what_has_no_picture_in_letters_is_a_question_mark() -> None:
    assert through("ascii", "Läden 店 → 5 …") == "L?den ? > 5 ."
    assert through("latin-1", "Läden 店") == "Läden ?"
    assert through("euc-kr", "주문 店 Ж") == "주문 店 Ж"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "euc-kr", "utf-16"])
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_no_text_is_an_obstacle_and_nothing_that_can_be_shown_changes(encoding: str, text: str) -> None:
    shown = through(encoding, text)
    assert len(shown) == len(text)
    for before, after in zip(text, shown, strict=True):
        try:
            before.encode(encoding)
        except UnicodeEncodeError:
            assert after.isascii()
        else:
            assert after == through(encoding, before)


def test_half_a_character_is_shown_as_a_question_mark() -> None:
    """Of a file name, or of a variable of the process."""
    assert through("utf-8", "a\udce4b") == "a?b"


@pytest.mark.parametrize("lean", [True, False])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "euc-kr"])
def test_a_table_has_its_lines_in_every_encoding(encoding: str, lean: bool) -> None:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, errors=PLAIN)
    out = console(stream, lean=lean)
    out.print(table(("flag", "after"), [("PERCENT", "50"), ("Läden", "店")]))
    out.print(styled("GO", "  ✔"))
    stream.flush()
    heading, rule, first, second, verdict = (line.split() for line in buffer.getvalue().decode(encoding).splitlines())
    assert (heading[0], first[0], verdict) == ("flag", "PERCENT", ["GO", "+"])
    assert len(second) >= 2
    assert not set("".join(rule)) - set("-─|+")
