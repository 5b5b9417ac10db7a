"""Reads a reply to a range query: thousands of samples, of which no object is made that nobody needs.

Samples are found in the bytes by a strict pattern and become arrays; only the small rest goes through JSON. Samples
that are written otherwise go through JSON as well, slowly, and just as strictly.
"""

from __future__ import annotations

import os
import re
from array import array
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from operator import lt

from rollout.frozen import dataclass
from rollout.model.evidence import Grid
from rollout.sources.prometheus_answer import number
from rollout.sources.prometheus_connection import Connection
from rollout.sources.prometheus_document import NoAnswerError, labels_of, parse, warnings_of

Labels = tuple[tuple[str, str], ...]

_TOLERANCE = 0.5
"""Milliseconds by which a sample may miss its point."""
# As Prometheus writes numbers. No quantifier is possessive: Python 3.11.2, which Debian 12 has, matches those wrongly.
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|NaN|[+-]?Inf"
_SAMPLE = rf'\[[0-9]{{1,12}}(?:\.[0-9]{{1,9}})?,"(?:{_NUMBER})"\]'
_STRETCH = re.compile(rf'"values":\[({_SAMPLE}(?:,{_SAMPLE})*)\]'.encode())


@dataclass(frozen=True)
class Line:
    """One series' part of a grid: numbers of points, and what it had there."""

    points: array[int]
    values: array[float]


@dataclass(frozen=True)
class Part:
    lines: Mapping[Labels, Line]
    warnings: tuple[str, ...]


def read_part(body: bytearray, grid: Grid, asked: range, connection: Connection) -> Part:
    """NoAnswerError for whatever is not a whole answer for the points that were asked for."""
    stretches: list[Line] = []
    # Nobody who writes an answer can know the numbers that stand for what was taken out of it.
    first = int.from_bytes(os.urandom(7), "big") + 2**60

    def take_out(match: re.Match[bytes]) -> bytes:
        stretches.append(_stretch(match[1], grid, asked))
        return b'"values":%d' % (first + len(stretches) - 1)

    document = parse(_STRETCH.sub(take_out, body), connection)
    match document:
        case {"status": "success", "data": {"resultType": "matrix", "result": list() as items}}:
            pass
        case {"status": "success", "data": {"resultType": str(kind), "result": _}} if kind != "matrix":
            raise NoAnswerError(f"the query gives a {connection.quote(kind)!r} over a range, not a matrix")
        case _:
            raise NoAnswerError(f"{connection.base} answers with JSON that is no answer to a range query")
    lines: dict[Labels, Line] = {}
    for item in items:
        match item:
            case {"histograms": _} | {"histogram": _}:
                raise NoAnswerError("the query gives native histograms, not numbers")
            case {"metric": dict() as metric, "values": int(mark)} if 0 <= mark - first < len(stretches):
                labels, line = labels_of(metric, connection), stretches[mark - first]
            case {"metric": dict() as metric, "values": list() as samples}:
                labels, line = labels_of(metric, connection), _listed(samples, grid, asked, connection)
            case _:
                raise NoAnswerError("a series of the answer has no labels or no values")
        if labels in lines:
            raise NoAnswerError("the answer holds a series twice")
        lines[labels] = line
    return Part(lines, warnings_of(document, connection))


def _stretch(text: bytes, grid: Grid, asked: range) -> Line:
    fields = text.translate(None, b'[]"').split(b",")
    times, values = fields[0::2], array("d", map(float, fields[1::2]))
    first = round((float(times[0]) * 1000 - grid.start) / grid.step)
    run = range(first, first + len(times))
    if run.start in asked and run[-1] in asked and times == _spelled(grid, asked)[first - asked.start :][: len(run)]:
        return Line(array("I", run), values)
    return Line(_points(map(float, times), grid, asked), values)


@lru_cache(maxsize=2)  # most windows that are asked for at once are the same
def _spelled(grid: Grid, asked: range) -> list[bytes]:
    """Each moment as Prometheus writes it: samples without a hole are recognised as a whole."""
    moments = (divmod(grid.start + point * grid.step, 1000) for point in asked)
    return [b"%d.%03d" % (seconds, rest) if rest else b"%d" % seconds for seconds, rest in moments]


def _listed(samples: list[object], grid: Grid, asked: range, connection: Connection) -> Line:
    values = array("d", [number(sample, connection) for sample in samples])
    times = [sample[0] for sample in samples if isinstance(sample, list)]
    if not all(abs(time) < 1e12 for time in times):
        raise NoAnswerError(_OFF)
    return Line(_points(times, grid, asked), values)


_OFF = "the answer holds a sample at a moment that was not asked for"


def _points(times: Iterable[float], grid: Grid, asked: range) -> array[int]:
    start, step = grid.start, grid.step
    exact = [(time * 1000 - start) / step for time in times]
    points = list(map(round, exact))
    if not points:
        return array("I")
    if not all(map(lt, points, islice(points, 1, None))):
        raise NoAnswerError("the answer holds samples that are repeated or out of order")
    off = max(map(abs, map(float.__sub__, exact, map(float, points))))
    if off * step > _TOLERANCE or points[0] not in asked or points[-1] not in asked:
        raise NoAnswerError(_OFF)
    return array("I", points)
