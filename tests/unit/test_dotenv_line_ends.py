"""Carriage returns in a `.env` file that end a line for some readers, and for some do not."""

from __future__ import annotations

import pytest

from rollout.targets.dotenv_text import edit


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"KEY=1\rB=2\r", "0"),
        (b"A=1\rKEY=1\rB=2\r", "0"),
        (b"# c\rKEY=1\nB=2\n", "0"),
        (b"KEY=1\r# c\nB=2\n", "0"),
        (b"KEY=1 # c\rB=2\n", None),
        (b"A=1\rKEY=1\nKEY=2\n", "0"),
    ],
)
def test_a_key_that_readers_see_in_different_places_is_refused(content: bytes, text: str | None) -> None:
    for quote in (False, True):
        with pytest.raises(ValueError, match="carriage return"):
            edit(content, {"KEY": text}, quote=quote)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"A=1\rB=2\nKEY=1\n", b"A=1\rB=2\nKEY=0\n"),
        (b"KEY=1 # c\rB=2\n", b"KEY=0 # c\rB=2\n"),
        (b"KEY=1\r\r\nB=2\r", b"KEY=0\r\r\nB=2\r"),
        (b"A='\rKEY=2\r'\nKEY=1", b"A='\rKEY=2\r'\nKEY=0"),
        (b"A=1\rB=2", b"A=1\rB=2\nKEY=0"),
        (b"A=1\rKEY=1\nKEY=0\n", b"A=1\rKEY=1\nKEY=0\n"),
    ],
)
def test_a_carriage_return_elsewhere_stays(before: bytes, after: bytes) -> None:
    assert edit(before, {"KEY": "0"}) == after
