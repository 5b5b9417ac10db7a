"""A range query on its way to its answer: asked in as many parts as the server's limits call for, and joined."""

from __future__ import annotations

from math import ceil

from rollout.frozen import replace
from rollout.model.evidence import Course, RangeQuery, Samples
from rollout.sources.prometheus_allowance import Allowance
from rollout.sources.prometheus_connection import Connection
from rollout.sources.prometheus_course import Labels, Line, Part, read_part
from rollout.sources.prometheus_document import AGGREGATE, NoAnswerError, body_of
from rollout.sources.prometheus_inquiry import Inquiry
from rollout.sources.prometheus_reply import Failure, Reply, Request

_POINTS = 11_000
"""Points that Prometheus gives in one reply."""
_FEW = 120
"""Points of which no smaller part is asked."""
_SAMPLES = 1_000_000


class RangeInquiry(Inquiry[Course]):
    def __init__(self, question: RangeQuery, connection: Connection, allowance: Allowance) -> None:
        super().__init__(connection, ())
        self._question = question
        self._allowance = allowance
        self._parts: dict[int, Part] = {}
        self._missing = question.grid.count
        self._samples = 0
        if not self._missing:
            self.outcome = Course(())
        elif self._missing > _SAMPLES:
            self.give_up(f"a window of {self._missing:,} points is too long: take one of fewer points")
        else:
            self._ask(range(self._missing), parts=ceil(self._missing / _POINTS))

    def _heard(self, request: Request, reply: Reply | Failure) -> Course | None:
        asked = request.points
        if isinstance(reply, Failure) and reply.large:
            if len(asked) > _FEW:
                self._ask(asked, parts=2)
                return None
            reply = replace(reply, reason=f"{reply.reason}, for {len(asked)} points alone")
        body = body_of(reply, request.path, self._connection)
        part = read_part(body, self._question.grid, asked, self._connection)
        self._count(part)
        self._parts[asked.start] = part
        self._missing -= len(asked)
        return None if self._missing else self._join()

    def give_up(self, reason: str) -> None:
        super().give_up(reason)
        self._parts.clear()

    def _ask(self, points: range, parts: int) -> None:
        size = ceil(len(points) / parts)
        # In front of what waits already, so that a part which stays too large at its smallest is soon found.
        for first in reversed(range(points.start, points.stop, size)):
            part = range(first, min(first + size, points.stop))
            self.waiting.appendleft(Request("/api/v1/query_range", self._parameters(part), part))

    def _parameters(self, points: range) -> dict[str, str]:
        grid = self._question.grid
        return {
            "query": self._question.promql,
            "start": _seconds(grid.start + points[0] * grid.step),
            "end": _seconds(grid.start + points[-1] * grid.step),
            # A number of seconds would be cut to whole milliseconds after it was rounded; a duration is exact.
            "step": f"{grid.step}ms" if grid.step % 1000 else str(grid.step // 1000),
        }

    def _count(self, part: Part) -> None:
        for labels, line in part.lines.items():
            self._samples += len(line.points)
            self._allowance.take(labels, len(line.points))
        if self._samples > _SAMPLES:
            raise NoAnswerError(f"the query gives more than {_SAMPLES:,} samples: {AGGREGATE}")

    def _join(self) -> Course:
        joined: dict[Labels, Line] = {}
        warnings: dict[str, None] = {}
        for first in sorted(self._parts):
            part = self._parts.pop(first)
            warnings |= dict.fromkeys(part.warnings)
            for labels, line in part.lines.items():
                if labels in joined:
                    joined[labels].points.extend(line.points)
                    joined[labels].values.extend(line.values)
                else:
                    joined[labels] = line
        series = (Samples(labels, line.points, line.values) for labels, line in joined.items() if line.points)
        return Course(tuple(series), tuple(warnings))


def _seconds(moment: int) -> str:
    return f"{moment // 1000}.{moment % 1000:03d}"
