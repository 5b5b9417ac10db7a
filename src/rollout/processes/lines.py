"""What a command prints, shown line by line as it comes, without credentials."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from rollout.processes.output import Tail, plain
from rollout.processes.quoting import one_line
from rollout.processes.secrets import Mask

_LONGEST = 1000
"""Characters of a line that are shown."""
_HELD = 2**14
"""Bytes of a line that are kept until it ends."""
_AT_ONCE = 10_000
_PER_SECOND = 1_000
"""Lines that are shown, so that whoever prints without end waits for no terminal."""

_LINE_END = re.compile(rb"[\r\n]")
_ORDER = re.compile(r"##(?=\w*\[)")
"""CI systems obey `##[set-output …]` and `##vso[…]` anywhere in a line, `::set-output …` only at its begin."""


class Lines:
    """A sink of both streams.

    A line is shown when it is whole: of a part of it nobody can tell whether it ends with half a credential.
    """

    def __init__(self, what: str, mask: Mask, show: Callable[[str], None], *, keep: int) -> None:
        self._tail = Tail(keep + mask.margin)
        self._prefix = f"[{one_line(what)}]"
        self._mask = mask
        self._show = show
        self._held = bytearray()
        self._most = _HELD + mask.margin
        self._to_be_skipped = False
        self._lines_left: float = _AT_ONCE
        self._counted_at = monotonic()
        self._lines_lost = 0

    def add(self, chunk: bytes, turn: int) -> None:
        self._tail.add(chunk, turn)
        if self._to_be_skipped:
            line_end = _LINE_END.search(chunk)
            if line_end is None:
                return
            chunk = chunk[line_end.end() :]
            self._to_be_skipped = False
        self._held += chunk
        whole = max(self._held.rfind(b"\n"), self._held.rfind(b"\r", 0, -1)) + 1  # a last \r may be half a line's end
        if whole:
            self._show_lines(bytes(self._held[:whole]))
            del self._held[:whole]
        if len(self._held) > self._most:
            text = self._mask.hide(plain(bytes(self._held)))
            self._show_text(f"{text[: len(text) - self._mask.margin].rstrip()}…")
            self._held.clear()
            self._to_be_skipped = True

    def finish(self) -> str:
        """Shows a last line that has no end; the end of everything."""
        self._show_lines(bytes(self._held))
        self._held.clear()
        self._own_up()
        return _obeyed_by_nobody(self._mask.end(self._tail)).rstrip("\n")

    def _show_lines(self, printed: bytes) -> None:
        count = printed.count(b"\n") + printed.count(b"\r")
        now = monotonic()
        self._lines_left = min(_AT_ONCE, self._lines_left + (now - self._counted_at) * _PER_SECOND)
        self._counted_at = now
        if count > self._lines_left:
            self._lines_lost += count
            return
        self._lines_left -= count
        self._own_up()
        self._show_text(self._mask.hide(plain(printed)))

    def _own_up(self) -> None:
        if self._lines_lost:
            self._show_text(f"… {self._lines_lost} lines are not shown")
            self._lines_lost = 0

    def _show_text(self, text: str) -> None:
        for line in text.splitlines():
            shown = line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
            with suppress(OSError, ValueError):  # nobody sees it any more: no reason to leave a change half done
                self._show(f"{self._prefix} {_obeyed_by_nobody(shown)}".rstrip())


def _obeyed_by_nobody(text: str) -> str:
    return _ORDER.sub("# #", text)
