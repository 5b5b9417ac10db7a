"""How much the answers of one round may hold together, so that a check stays within 100 MB whatever it is told."""

from __future__ import annotations

from rollout.sources.prometheus_document import AGGREGATE, NoAnswerError

_BYTES = 18_000_000
_SAMPLE, _SERIES, _LABEL, _LETTER = 12, 300, 150, 4
"""Bytes that each takes; a letter takes four where any of its text is outside of the Latin alphabet."""


class Allowance:
    def __init__(self) -> None:
        self._left = _BYTES

    def take(self, labels: tuple[tuple[str, str], ...], samples: int) -> None:
        """NoAnswerError when there is no room left."""
        letters = sum(len(name) + len(text) for name, text in labels)
        self._left -= samples * _SAMPLE + _SERIES + len(labels) * _LABEL + letters * _LETTER
        if self._left < 0:
            raise NoAnswerError(
                f"the answers to all queries together hold more than {_BYTES // _SAMPLE:,} samples: {AGGREGATE}"
            )
