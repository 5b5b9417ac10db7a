"""What is left to be read in a terminal when everything that was written to it has been obeyed."""

from __future__ import annotations

import re

import pexpect

_PIECES = re.compile(r"\x1b\[[0-9;]*m|\x1b\[K|[\r\n]|[^\x1b\r\n]+")


def sees(terminal: pexpect.spawn[str], pattern: str) -> tuple[re.Match[str], str]:
    """What matches, and all that was written since the last look up to its end."""
    terminal.expect(pattern)
    assert isinstance(terminal.match, re.Match)
    return terminal.match, f"{terminal.before}{terminal.match[0]}"


def screen(written: str) -> list[str]:
    """Knows colours, a return to the begin of the line, and the erasing of what is behind; anything else is refused."""
    lines, column, read = [""], 0, 0
    for piece in _PIECES.finditer(written):
        assert piece.start() == read, f"unknown: {written[read : piece.start()]!r}"
        read, text = piece.end(), piece.group()
        if text == "\r":
            column = 0
        elif text == "\n":
            lines.append("")
            column = 0
        elif text == "\x1b[K":
            lines[-1] = lines[-1][:column]
        elif not text.startswith("\x1b"):
            lines[-1] = lines[-1][:column].ljust(column) + text + lines[-1][column + len(text) :]
            column += len(text)
    assert read == len(written), f"unknown: {written[read:]!r}"
    return [line.rstrip() for line in lines]
