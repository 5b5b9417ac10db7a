"""What a person hears while a command works: on stderr, so that the result on stdout stays alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from select import select
from threading import Lock, Thread
from time import monotonic, sleep
from typing import TextIO

from rollout.render.text import clean, harmless

_PATIENCE = 1.0
"""Seconds in which nobody asks what is going on."""
_PACE = 0.25
_MOMENT = 0.05
"""Seconds for which the pen is waited for: who writes to a terminal that is stopped holds up nobody else."""
_PLAIN = ("dumb", "unknown")


class _Doing:
    def __init__(self, what: str, *, told: bool) -> None:
        self.what, self.told, self.since = " ".join(clean(what).split()), told, monotonic()


class Terminal:
    """`verbose`: how long everything took is said, too. What takes longer than a second is shown while it lasts."""

    def __init__(self) -> None:
        self.verbose = False
        self._doing: list[_Doing] = []
        self._pen = Lock()
        self._hushed = 0
        self._drawn = False
        self._watching = False

    def say(self, text: str) -> None:
        if _at_terminal() or self.verbose:
            self._line(harmless(f"{clean(text)} ..."))

    def show(self, line: str) -> None:
        self._line(harmless(line))

    def trace(self, text: Callable[[], str]) -> None:
        if self.verbose:
            self._line(harmless(clean(text())))

    @contextmanager
    def working(self, what: str, *, quietly: bool = False) -> Iterator[None]:
        """`quietly`: only at a terminal, and not in a log."""
        one = _Doing(what, told=quietly)
        self._doing.append(one)
        if not self._watching:
            self._watching = True
            Thread(target=self._watch, daemon=True).start()
        try:
            yield
        finally:
            self._doing.remove(one)
            with self._alone() as mine:
                self._clear(mine=mine)
            if not quietly:
                self.trace(lambda: f"{1000 * (monotonic() - one.since):.0f} ms  {one.what}")

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """While a person types, and once the result is there. That time counts for nothing that is being done."""
        self._hushed += 1
        since = monotonic()
        try:
            with self._alone() as mine:
                self._clear(mine=mine)
            yield
        finally:
            self._hushed -= 1
            for one in list(self._doing):
                one.since += monotonic() - since

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        mine = self._pen.acquire(timeout=_MOMENT)
        try:
            yield mine
        finally:
            if mine:
                self._pen.release()

    def _line(self, text: str) -> None:
        with self._alone() as mine:
            self._clear(mine=mine)
            if not _stopped():
                guarded(sys.stderr, lambda stream: stream.write(f"{text}\n"))

    def _watch(self) -> None:
        while True:
            sleep(_PACE)
            with self._alone() as mine, suppress(IndexError, OSError, ValueError):  # done by now; nobody there any more
                if mine and not self._hushed:
                    self._tell(self._doing[-1])

    def _tell(self, one: _Doing) -> None:
        lasted = monotonic() - one.since
        if lasted < _PATIENCE:
            return
        if _at_terminal() and os.environ.get("TERM", "") not in _PLAIN:
            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            self._drawn = True
            _at_once(f"\r{_drawn(one.what, f' ... {lasted:.0f} s', width - 1)}\x1b[K")
        elif not one.told:
            one.told = True
            _at_once(f"{harmless(one.what)} ...\n")

    def _clear(self, *, mine: bool) -> None:
        if mine and self._drawn:
            self._drawn = False
            with suppress(OSError, ValueError):
                _at_once("\r\x1b[K")


def _drawn(what: str, since: str, width: int) -> str:
    """Cut to one line: what goes on in a second one could not be wiped away."""
    from rollout.render.layout import cell_width

    while what and cell_width(what) > width - len(since):
        what = what[:-1]
    return (what + since)[:width]


def guarded(stream: TextIO | None, write: Callable[[TextIO], object]) -> None:
    """A reader that went away changes nothing of what is done."""
    if stream is None:  # closed before we began
        return
    try:
        write(stream)
        stream.flush()
    except BrokenPipeError:
        let_go(stream)
    except OSError as error:
        let_go(stream)
        if stream is not sys.stderr:
            sentence = f"error: the result could not be written: {error.strerror}\n"
            guarded(sys.stderr, lambda err: err.write(sentence))


def let_go(stream: TextIO) -> None:
    """Python flushes once more at its end; from here on that goes nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _at_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _stopped() -> bool:
    """A terminal that takes nothing now, as behind Ctrl-S, would hold up what is being done."""
    return _at_terminal() and not select([], [sys.stderr], [], _MOMENT)[1]


def _at_once(text: str) -> None:
    """Past Python's buffer, whose lock a thread must not hold when everything ends."""
    if sys.stderr is not None and not _stopped():
        os.write(sys.stderr.fileno(), text.encode(sys.stderr.encoding, sys.stderr.errors or "replace"))


voice = Terminal()
