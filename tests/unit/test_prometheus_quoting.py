"""What others said is quoted on one line, short, and without a secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.processes.quoting import Quoter


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("plain", "plain"),
        ("", ""),
        ("two\r\n  lines\tand\x00more", "two lines and more"),
        ("\x1b[31mred\u202e\u200b", "[31mred"),
        ("half \ud800 a character", "half a character"),
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 199 + "…"),
        ("the secret is secret", "the *** is ***"),
        ("secret-and-more, secret", "***, ***"),
        ("two\n words", "***"),
        ("SECRET", "SECRET"),
    ],
)
def test_a_text_is_quoted(text: str, quoted: str) -> None:
    assert Quoter(["secret", "secret-and-more", "two words", "", " "]).quote(text) == quoted


def test_a_secret_at_the_end_of_what_is_read_is_not_shown_in_part() -> None:
    quoter = Quoter(["canary-in-the-mine", "x"])
    for length in range(2**14 - 30, 2**14 + 5):
        assert "canary" not in quoter.quote(" " * length + "canary-in-the-mine" + " " * 2**14)


@given(st.text(), st.lists(st.text(alphabet="ab", min_size=1), max_size=3), st.text(alphabet="ab -"))
def test_no_secret_is_ever_quoted(before: str, secrets: list[str], after: str) -> None:
    quoted = Quoter(secrets).quote(before + "".join(secrets) + after)
    assert quoted.isprintable()
    assert len(quoted) <= 200
    assert not any(secret in quoted for secret in secrets)
