"""What a command prints: read as it comes, so that nothing ever waits for a reader; only the ends are kept."""

from __future__ import annotations

import os
import re
from selectors import EVENT_READ, PollSelector
from time import sleep
from typing import IO, Protocol

_CHUNK = 2**16
_IDLE = 0.005
"""Seconds to wait for the end of a command that has closed its pipes: mostly it is about to end."""
_MOST = 2**21
"""Bytes that two pipes hold at most."""

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-~])?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(printed: bytes) -> str:
    """With line ends as `\\n`, without escape sequences and control characters."""
    text = _ESCAPE.sub("", printed.decode(errors="replace"))
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


class Sink(Protocol):
    """What a stream is read into; `turn` counts the reads of all streams of a command."""

    def add(self, chunk: bytes, turn: int) -> None: ...


class Tail:
    """The end of one stream. `turn` is that of the read which brought the latest of it."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._bytes = bytearray()
        self.cut = False
        self.turn = 0

    def add(self, chunk: bytes, turn: int) -> None:
        self._bytes += chunk
        self.turn = turn
        if (excess := len(self._bytes) - self._keep) > 0:
            del self._bytes[:excess]
            self.cut = True

    def text(self) -> str:
        return plain(bytes(self._bytes))


class Output:
    """The streams of one command."""

    def __init__(self) -> None:
        self._turn = 0
        self._taken = 0
        self._finished = False
        self._pipes = PollSelector()  # of all selectors the one that needs no file of its own, which could be lacking

    def watch(self, pipe: IO[bytes], sink: Sink) -> None:
        self._pipes.register(pipe, EVENT_READ, sink)

    @property
    def open(self) -> list[int]:
        """What somebody can still write to."""
        return [key.fd for key in self._pipes.get_map().values()]

    def read(self, patience: float) -> bool:
        """Whether anything came, an end included, within so many seconds."""
        if not self.open:
            sleep(min(patience, _IDLE))
            return False
        ready = self._pipes.select(patience)
        for key, _ in ready:
            self._turn += 1
            chunk = os.read(key.fd, _CHUNK)
            self._taken += len(chunk)
            if not chunk:
                self._pipes.unregister(key.fileobj)
            elif not self._finished:
                key.data.add(chunk, self._turn)
        return bool(ready)

    def finish(self) -> None:
        """Takes what stands in the pipes now. What others write later is read and dropped."""
        enough = self._taken + _MOST
        while self._taken < enough and self.read(0):
            pass
        self._finished = True
