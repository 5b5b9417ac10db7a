"""Whatever a server sends for a range, it becomes a course or a sentence that holds no credential."""

from __future__ import annotations

import json
import math

import pytest

from rollout.model.evidence import Course, Grid, RangeQuery, Samples, Unanswered, answer_to
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.prometheus_asking import gather
from tests.range_server import matrix
from tests.scripted_server import Script, http, scripted_server

GRID = Grid(start=1_700_000_000_000, step=30_000, count=5)
T = [GRID.start // 1000 + 30 * point for point in range(6)]
RANGE = RangeQuery("up", "production", GRID)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def ask(script: Script, question: RangeQuery = RANGE) -> Course | Unanswered:
    with scripted_server(script) as server:
        connection = Connection(f"http://user:canary-password@127.0.0.1:{server.port}", token="canary-token")
        return answer_to(gather(PrometheusSource(connection), question), question)


def data(result: object, kind: object = "matrix", **more: object) -> bytes:
    return http(json.dumps({"status": "success", "data": {"resultType": kind, "result": result}, **more}))


def values(*samples: object, **more: object) -> bytes:
    """One series, written with spaces: not as Prometheus does."""
    return data([{"metric": {}, "values": list(samples), **more}])


def body(series: str | bytes) -> bytes:
    text = series if isinstance(series, bytes) else series.encode()
    return http(b'{"status":"success","data":{"resultType":"matrix","result":[' + text + b"]}}")


def raw(text: str) -> bytes:
    """One series whose samples are written as Prometheus does, but for what the text says."""
    return body('{"metric":{},"values":[' + text + "]}")


NO_ANSWER = "answers with JSON that is no answer to a range query"
NO_SERIES = "a series of the answer has no labels or no values"
NO_NUMBER = "where a number was expected"
NO_PAIR = "something else than a time and a number in quotes"
OFF = "a sample at a moment that was not asked for"
ORDER = "samples that are repeated or out of order"
NO_JSON = "does not answer with whole JSON"

UNANSWERED: dict[str, tuple[Script, str]] = {
    "empty": (http(""), NO_JSON),
    "a login page": (http("<html>canary-token"), f"{NO_JSON}; it begins with '<html>***'"),
    "cut within the samples": (http(matrix(({}, [(GRID.start, "1")])).partition(b"\r\n\r\n")[2][:-20]), NO_JSON),
    "deep lists": (http("[" * 100_000), "nested too deeply"),
    "deeper lists": (http("[" * 2_000_000), "answers with more than 100,000 parts: aggregate"),
    "a million empty lists": (http("[" + "[]," * 600_000 + "[]]"), "answers with more than 100,000 parts: aggregate"),
    "a million numbers": (raw("1," * 500_000 + "1"), "answers with more than 100,000 parts: aggregate"),
    "null": (http("null"), NO_ANSWER),
    "no data": (http('{"status": "success"}'), NO_ANSWER),
    "another status": (http('{"status": "ok", "data": {"resultType": "matrix", "result": []}}'), NO_ANSWER),
    "a result null": (data(None), NO_ANSWER),
    "a result that is an object": (data({}), NO_ANSWER),
    "a vector": (data([{"metric": {}, "value": [T[0], "1"]}], "vector"), "gives a 'vector' over a range, not a matrix"),
    "a scalar": (data([T[0], "1"], "scalar"), "gives a 'scalar' over a range, not a matrix"),
    "an unknown kind": (data([], "canary-token"), "gives a '***' over a range"),
    "an error with 200": (http('{"status": "error", "error": "canary-token is busy"}'), "with an error: *** is busy"),
    "an error that is a list": (http('{"status": "error", "error": [[]]}'), "with an error: something that is no text"),
    "a bad query": (http('{"error": "1:5: canary-password"}', "400 Bad"), "refuses the query: 1:5: ***"),
    "too many points": (
        http('{"error": "exceeded maximum resolution of 11,000 points"}', "400 Bad"),
        "refuses the query: exceeded maximum resolution",
    ),
    "not found": (http("", "404 Not Found"), "is no Prometheus: it does not know /api/v1/query_range (404)"),
    "numbers for series": (data([1, 2]), NO_SERIES),
    "a series without labels": (data([{"values": [[T[0], "1"]]}]), NO_SERIES),
    "a series without values": (data([{"metric": {}}]), NO_SERIES),
    "one value": (data([{"metric": {}, "value": [T[0], "1"]}]), NO_SERIES),
    "values null": (data([{"metric": {}, "values": None}]), NO_SERIES),
    "values a number": (data([{"metric": {}, "values": 0}]), NO_SERIES),
    "values true": (data([{"metric": {}, "values": True}]), NO_SERIES),
    "values a guess": (data([{"metric": {}, "values": 2**60}]), NO_SERIES),
    "values for a label": (
        body(f'{{"metric":{{"values":[[{T[0]},"1"]]}},"values":[[{T[0]},"1"]]}}'),
        "a label of the answer is no text",
    ),
    "native histograms": (values([T[0], "1"], histograms=[[T[0], {}]]), "native histograms, not numbers"),
    "histograms alone": (data([{"metric": {}, "histograms": [[T[0], {}]]}]), "native histograms, not numbers"),
    "a label that is a number": (data([{"metric": {"a": 1}, "values": []}]), "a label of the answer is no text"),
    "half a character": (data([{"metric": {"a": "\ud800"}, "values": []}]), "a label of the answer is no text"),
    "half a name": (data([{"metric": {"\ud800": "a"}, "values": []}]), "a label of the answer is no text"),
    "a series twice": (matrix(({"a": "b"}, [(GRID.start, "1")]), ({"a": "b"}, [])), "the answer holds a series twice"),
    "samples that are numbers": (values(1, 2), NO_PAIR),
    "a sample null": (values([T[0], "1"], None), NO_PAIR),
    "a bare number": (raw(f'[{T[0]},"1"],[{T[1]},2]'), NO_PAIR),
    "a bare NaN": (raw(f"[{T[0]},NaN]"), NO_PAIR),
    "a time in quotes": (raw(f'["{T[0]}","1"]'), NO_PAIR),
    "three parts": (raw(f'[{T[0]},"1","1"]'), NO_PAIR),
    "one part": (raw(f"[{T[0]}]"), NO_PAIR),
    "nested samples": (raw(f'[[{T[0]},"1"]]'), NO_PAIR),
    "abc": (raw(f'[{T[0]},"1"],[{T[1]},"abc"]'), f"holds 'abc' {NO_NUMBER}"),
    "a credential": (raw(f'[{T[0]},"canary-token"]'), f"holds '***' {NO_NUMBER}"),
    "an empty number": (raw(f'[{T[0]},""]'), NO_NUMBER),
    "a space": (raw(f'[{T[0]},"1 "]'), NO_NUMBER),
    "an underscore": (raw(f'[{T[0]},"1_0"]'), NO_NUMBER),
    "hexadecimal": (raw(f'[{T[0]},"0x1p3"]'), NO_NUMBER),
    "other digits": (raw(f'[{T[0]},"\u0661"]'), NO_NUMBER),
    "small nan": (raw(f'[{T[0]},"nan"]'), NO_NUMBER),
    "infinity in words": (raw(f'[{T[0]},"Infinity"]'), NO_NUMBER),
    "half an exponent": (raw(f'[{T[0]},"1e"]'), NO_NUMBER),
    "two signs": (raw(f'[{T[0]},"+-1"]'), NO_NUMBER),
    "a comma too many": (raw(f'[{T[0]},"1"],'), NO_JSON),
    "a comma too few": (raw(f'[{T[0]},"1"][{T[1]},"1"]'), NO_JSON),
    "before the first point": (raw(f'[{T[0] - 30},"1"],[{T[0]},"1"]'), OFF),
    "after the last point": (raw(f'[{T[4]},"1"],[{T[5]},"1"]'), OFF),
    "between two points": (raw(f'[{T[0] + 15},"1"]'), OFF),
    "a millisecond late": (raw(f'[{T[0]}.001,"1"]'), OFF),
    "the year 10000": (raw('[253402300800,"1"]'), OFF),
    "a time of many digits": (raw(f'[{"9" * 400},"1"]'), OFF),
    "a time in milliseconds": (raw(f'[{GRID.start},"1"]'), OFF),
    "an endless time": (raw('[1e999,"1"]'), OFF),
    "a time that is no number": (raw('[NaN,"1"]'), OFF),
    "a time below zero": (raw(f'[-{T[0]},"1"]'), OFF),
    "a point twice": (raw(f'[{T[1]},"1"],[{T[1]},"1"]'), ORDER),
    "a point twice, almost": (raw(f'[{T[1]},"1"],[{T[1]}.0002,"1"]'), ORDER),
    "going back": (raw(f'[{T[1]},"1"],[{T[0]},"1"]'), ORDER),
    "going back, written otherwise": (values([T[1], "1"], [T[0], "1"]), ORDER),
    "off, written otherwise": (values([T[1] + 7, "1"]), OFF),
    "one good, one bad": (matrix(({"a": "1"}, [(GRID.start, "1")]), ({"a": "2"}, [(GRID.start + 7, "1")])), OFF),
    "no UTF-8": (body(b'{"metric":{"a":"\xff"},"values":[]}'), NO_JSON),
    "broken": (http("oops", "500 Oops"), "answers 500: oops"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNANSWERED)
def test_what_is_no_course_becomes_a_sentence(name: str) -> None:
    script, expected = UNANSWERED[name]
    outcome = ask(script)
    assert isinstance(outcome, Unanswered), outcome
    assert expected in outcome.reason
    assert "canary" not in outcome.reason
    assert outcome.reason.isprintable()
    assert len(outcome.reason) < 400


def line(*samples: tuple[int, float], **labels: str) -> Samples:
    points, numbers = [point for point, _ in samples], [number for _, number in samples]
    return Samples(tuple(sorted(labels.items())), points, numbers)


def listed(outcome: Course | Unanswered) -> Course:
    """With lists instead of arrays, so that it can be compared."""
    assert isinstance(outcome, Course), outcome
    series = (Samples(one.labels, list(one.points), list(one.values)) for one in outcome.series)
    return Course(tuple(series), outcome.warnings)


FIVE = ",".join(f'[{T[point]},"{point}"]' for point in range(5))

COURSES: dict[str, tuple[Script, Course]] = {
    "nothing": (data([]), Course(())),
    "every point": (raw(FIVE), Course((line(*((point, float(point)) for point in range(5))),))),
    "a hole": (raw(f'[{T[1]},"1"],[{T[4]},"-2.5e-3"]'), Course((line((1, 1.0), (4, -0.0025)),))),
    "written with spaces": (values([T[0], "1"], [T[2], "2"]), Course((line((0, 1.0), (2, 2.0)),))),
    "a time with decimals": (raw(f'[{T[0]}.000,"1"],[{T[1]}.0,"2"]'), Course((line((0, 1.0), (1, 2.0)),))),
    "a time with an exponent": (raw('[1.7e9,"1"]'), Course((line((0, 1.0)),))),
    "less than half a millisecond off": (raw(f'[{T[0]}.0004,"1"]'), Course((line((0, 1.0)),))),
    "infinite": (
        raw(f'[{T[0]},"+Inf"],[{T[1]},"-Inf"],[{T[2]},"Inf"],[{T[3]},"1e999"]'),
        Course((line((0, math.inf), (1, -math.inf), (2, math.inf), (3, math.inf)),)),
    ),
    "several series": (
        matrix(({"b": "2", "a": "é"}, [(GRID.start, "1")]), ({"a": "[[1,"}, [(GRID.start, "2")])),
        Course((line((0, 1.0), a="é", b="2"), line((0, 2.0), a="[[1,"))),
    ),
    "a label that looks like samples": (
        matrix(({"a": '"values":[[1,"1"]]'}, [(GRID.start, "1")])),
        Course((line((0, 1.0), a='"values":[[1,"1"]]'),)),
    ),
    "a series without samples": (
        matrix(({"a": "1"}, []), ({"a": "2"}, [(GRID.start, "1")])),
        Course((line((0, 1.0), a="2"),)),
    ),
    "warnings": (data([], warnings=["down", [], 7]), Course((), ("down", "something that is no text", "7"))),
    "many warnings": (data([], warnings=["w"] * 60), Course((), ("w", "10 more warnings"))),
    "partial": (data([], isPartial=True), Course((), ("partial answer",))),
    "hints and new keys": (data([], infos=["might not be a counter"], new=1), Course(())),
}  # fmt: skip


@pytest.mark.parametrize("name", COURSES)
def test_a_course_is_kept_whole(name: str) -> None:
    script, expected = COURSES[name]
    assert listed(ask(script)) == expected


def test_not_a_number_is_a_sample() -> None:
    outcome = ask(raw(f'[{T[0]},"NaN"],[{T[1]},"1"]'))
    assert isinstance(outcome, Course)
    assert math.isnan(outcome.series[0].values[0])
    assert outcome.series[0].values[1] == 1


def test_a_grid_without_points_has_an_empty_course() -> None:
    assert ask(http("", "500 No"), RangeQuery("up", "production", Grid(GRID.start, 1000, 0))) == Course(())
