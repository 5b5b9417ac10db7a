"""Samples mean the same however they are written, and only numbers as Prometheus writes them are numbers."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.model.evidence import Grid
from rollout.sources.prometheus_allowance import Allowance
from rollout.sources.prometheus_connection import Connection
from rollout.sources.prometheus_course import read_part
from rollout.sources.prometheus_document import NoAnswerError

HERE = Connection("http://127.0.0.1:1")
POINTS = 40

grids = st.builds(Grid, start=st.integers(0, 4_000_000_000_000), step=st.integers(1, 10**9), count=st.just(POINTS))
numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from(["NaN", "+Inf", "-Inf", "Inf", "1.", ".5", "1e5", "+1E-3"]),
)
texts = st.one_of(numbers, st.text(alphabet="0123456789.eE+-NaIinf_ ", max_size=6), st.text(max_size=3))


def written(samples: list[tuple[str, str]], *, space: str) -> bytearray:
    pairs = f",{space}".join(f"[{time},{space}{json.dumps(text)}]" for time, text in samples)
    return bytearray(
        f'{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":{space}[{pairs}]}}]}}}}',
        "utf-8",
    )


def read(body: bytearray, grid: Grid) -> list[tuple[int, float]] | str:
    try:
        (line,) = read_part(body, grid, range(POINTS), HERE).lines.values()
    except NoAnswerError as no_answer:
        return str(no_answer)
    return list(zip(line.points, line.values, strict=True))


def spelled(moment: int) -> str:
    return f"{moment // 1000}.{moment % 1000:03d}" if moment % 1000 else str(moment // 1000)


@given(grids, st.dictionaries(st.integers(0, POINTS - 1), numbers))
def test_every_sample_stands_at_its_point(grid: Grid, expected: dict[int, str]) -> None:
    samples = [(spelled(grid.start + point * grid.step), expected[point]) for point in sorted(expected)]
    found = read(written(samples, space=""), grid)
    assert not isinstance(found, str), found
    assert [point for point, _ in found] == sorted(expected)
    for point, value in found:
        wanted = float(expected[point])
        assert value == wanted or (math.isnan(value) and math.isnan(wanted))


@given(st.lists(st.tuples(st.integers(-1, POINTS), st.sampled_from([0, 0, 0, 0.4, 0.7]), texts), max_size=4))
def test_it_does_not_matter_how_samples_are_written(samples: list[tuple[int, float, str]]) -> None:
    grid = Grid(1_700_000_000_000, 1000, POINTS)
    rows = [
        (spelled(grid.start + point * 1000) + (f".000{off * 10:.0f}" if off else ""), text)
        for point, off, text in samples
    ]
    assert repr(read(written(rows, space=""), grid)) == repr(read(written(rows, space=" "), grid))


def test_all_answers_together_are_bounded() -> None:
    allowance = Allowance()
    allowance.take((("a", "b"),), 1_400_000)
    with pytest.raises(NoAnswerError, match="hold more than 1,500,000 samples: aggregate it"):
        allowance.take((), 200_000)
