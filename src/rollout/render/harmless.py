"""A stream that keeps a continuous integration which reads along from obeying what is only shown."""

from __future__ import annotations

import re
from typing import TextIO

from rollout.render.text import harmless

_ENDS = re.compile(r" +$", re.MULTILINE)
"""What fills tables up to their edge."""


class Harmless:
    """Behind everything that folds: only here is it known where a line begins and ends. Each write begins a line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.isatty, self.fileno, self.flush, self.encoding = (
            stream.isatty, stream.fileno, stream.flush, stream.encoding,
        )  # fmt: skip

    def write(self, text: str) -> int:
        return self._stream.write(harmless(_ENDS.sub("", text)))
