"""What a server or a program said, made fit for a sentence: one line, short, and without credentials."""

from __future__ import annotations

from collections.abc import Iterable

_READ = 2**14
"""Characters of a text that are looked at: what is quoted stands near its begin, and a text may be huge."""
_QUOTED = 200
_LEAST_IN_LABELS = 8


class Quoter:
    def __init__(self, secrets: Iterable[str]) -> None:
        distinct = {one_line(secret) for secret in secrets} - {""}
        self._secrets = sorted(distinct, key=len, reverse=True)  # a secret may be part of a longer one

    def quote(self, text: str) -> str:
        """On one line, without control characters, every secret replaced, at most 200 characters."""
        line = one_line(text[:_READ])
        for secret in self._secrets:
            line = line.replace(secret, "***")
        if len(text) > _READ and self._secrets:
            line = line[: -len(self._secrets[0])]  # may begin a secret whose end was cut off
        return line if len(line) <= _QUOTED else line[: _QUOTED - 1] + "…"

    def mask(self, text: str) -> str:
        """The whole text with every secret of some length replaced: a short one occurs in any label."""
        for secret in self._secrets:
            text = text.replace(secret, "***") if len(secret) >= _LEAST_IN_LABELS else text
        return text


def one_line(text: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
