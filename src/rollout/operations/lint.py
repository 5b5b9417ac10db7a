"""lint: every finding of some plan files."""

from __future__ import annotations

from collections.abc import Sequence

from rollout.frozen import dataclass
from rollout.planfile import Reading
from rollout.shapes import Severity


@dataclass(frozen=True)
class Lint:
    """`strict`: warnings count as errors."""

    readings: Sequence[Reading]
    strict: bool

    @property
    def errors(self) -> int:
        return self._count(Severity.ERROR)

    @property
    def warnings(self) -> int:
        return self._count(Severity.WARNING)

    @property
    def exit_code(self) -> int:
        return 2 if self.errors or (self.strict and self.warnings) else 0

    def _count(self, severity: Severity) -> int:
        return sum(problem.severity is severity for reading in self.readings for problem in reading.problems)
