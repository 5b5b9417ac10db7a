"""Whatever a server sends, a query is answered or unanswered with a sentence that holds no credential."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable

import pytest

from rollout.model.evidence import Answer, Query, Series, Unanswered, answer_to
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.prometheus_asking import gather
from tests.scripted_server import Exchange, Script, http, scripted_server

UP = Query("up", "production")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def ask(*script: Script, timeout: float = 5.0) -> Answer | Unanswered:
    with scripted_server(*script) as server:
        # A credential in every place where one can stand.
        connection = Connection(
            f"http://canary-user:canary-url-password@127.0.0.1:{server.port}/prefix/",
            token="canary-token",
            username="canary-name",
            password="canary-password",
            headers={"X-Api-Key": "canary-header", "X-Scope-OrgID": "1"},
            timeout=timeout,
        )
        return answer_to(gather(PrometheusSource(connection), UP), UP)


def data(result: object, kind: object = "vector", **more: object) -> bytes:
    return http(json.dumps({"status": "success", "data": {"resultType": kind, "result": result}, **more}))


def value(*pair: object) -> bytes:
    return data([{"metric": {}, "value": list(pair)}])


GOOD = json.dumps({"status": "success", "data": {"resultType": "vector", "result": []}})
NO_JSON = "does not answer with whole JSON"
NO_ANSWER = "answers with JSON that is no answer to a query"
NO_NUMBER = "where a number was expected"
NO_PAIR = "something else than a time and a number in quotes"
NO_SERIES = "a series of the answer has no labels or no value"

UNANSWERED: dict[str, tuple[Script, str]] = {
    "empty": (http(""), NO_JSON),
    "a login page": (
        http("<html>Sign in</html>", Content_Type="text/html"),
        f"{NO_JSON}; it begins with '<html>Sign in",
    ),
    "cut JSON": (http(GOOD[:-1]), NO_JSON),
    "two documents": (http(GOOD * 2), NO_JSON),
    "no UTF-8": (http(b'{"status": "\xff"}'), NO_JSON),
    "UTF-16": (http(GOOD.encode("utf-16")), NO_JSON),
    "a byte order mark": (http("\ufeff" + GOOD), NO_JSON),
    "an endless number": (http('{"status": ' + "1" * 5000 + "}"), NO_JSON),
    "deep lists": (http("[" * 100_000), "nested too deeply"),
    "deep objects": (http('{"status":' * 100_000), "nested too deeply"),
    "null": (http("null"), NO_ANSWER),
    "a list": (http("[]"), NO_ANSWER),
    "a text": (http('"success"'), NO_ANSWER),
    "an empty object": (http("{}"), NO_ANSWER),
    "no status": (http('{"data": {"resultType": "vector", "result": []}}'), NO_ANSWER),
    "another status": (http(GOOD.replace("success", "ok")), NO_ANSWER),
    "no data": (http('{"status": "success"}'), NO_ANSWER),
    "data null": (http('{"status": "success", "data": null}'), NO_ANSWER),
    "data a list": (http('{"status": "success", "data": []}'), NO_ANSWER),
    "no kind": (http('{"status": "success", "data": {"result": []}}'), NO_ANSWER),
    "kind a number": (data([], 1), NO_ANSWER),
    "an unknown kind": (data([], "streams"), "gives a 'streams', which is not known here"),
    "a matrix": (data([], "matrix"), "the query gives a matrix"),
    "a string": (data([1, "text"], "string"), "the query gives a string, not a number"),
    "an error with 200": (http('{"status": "error", "error": "too\\nbusy"}'), "answers with an error: too busy"),
    "an error without text": (http('{"status": "error"}'), "answers with an error: without a word"),
    "a result null": (data(None), NO_ANSWER),
    "a result that is an object": (data({}), NO_ANSWER),
    "numbers for series": (data([1, 2]), NO_SERIES),
    "a series without labels": (data([{"value": [1, "1"]}]), NO_SERIES),
    "a series with labels null": (data([{"metric": None, "value": [1, "1"]}]), NO_SERIES),
    "a series without value": (data([{"metric": {}}]), NO_SERIES),
    "many values": (data([{"metric": {}, "values": [[1, "1"]]}]), NO_SERIES),
    "a native histogram": (
        data([{"metric": {}, "histogram": [1, {"count": "1"}]}]),
        "a native histogram, not a number",
    ),
    "a label that is a number": (data([{"metric": {"a": 1}, "value": [1, "1"]}]), "a label of the answer is no text"),
    "half a character": (data([{"metric": {"a": "\ud800"}, "value": [1, "1"]}]), "a label of the answer is no text"),
    "one good, one bad": (data([{"metric": {}, "value": [1, "1"]}, {"metric": {}, "value": [1, "x"]}]), NO_NUMBER),
    "a value null": (data([{"metric": {}, "value": None}]), NO_PAIR),
    "a bare number": (value(1, 2), NO_PAIR),
    "a bare NaN": (http(GOOD.replace("[]", '[{"metric": {}, "value": [1, NaN]}]')), NO_PAIR),
    "true": (value(1, True), NO_PAIR),
    "no number": (value(1, None), NO_PAIR),
    "no time": (value("1", "1"), NO_PAIR),
    "three parts": (value(1, "1", "1"), NO_PAIR),
    "one part": (value("1"), NO_PAIR),
    "abc": (value(1, "abc"), "holds 'abc' where a number was expected"),
    "an empty number": (value(1, ""), NO_NUMBER),
    "a space": (value(1, " 1"), NO_NUMBER),
    "a line break": (value(1, "1\n"), NO_NUMBER),
    "an underscore": (value(1, "1_000"), NO_NUMBER),
    "hexadecimal": (value(1, "0x10"), NO_NUMBER),
    "other digits": (value(1, "١٢"), NO_NUMBER),
    "small nan": (value(1, "nan"), NO_NUMBER),
    "infinity in words": (value(1, "Infinity"), NO_NUMBER),
    "a scalar that is a list of series": (data([{"metric": {}, "value": [1, "1"]}], "scalar"), NO_PAIR),
    "a scalar without value": (data(None, "scalar"), NO_PAIR),
    "no content": (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "answers 204: without a word"),
    "accepted": (http(GOOD, "202 Accepted"), "answers 202: {"),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n", "redirects to nowhere (304)"),
    "a bad query": (
        http('{"status": "error", "error": "1:5: parse error"}', "400 Bad"),
        "refuses the query: 1:5: parse",
    ),
    "a bad execution": (
        http('{"status": "error", "error": "many-to-many"}', "422 Bad"),
        "refuses the query: many-to-many",
    ),
    "a bad query in HTML": (http("<h1>No</h1>", "400 Bad"), "refuses the query: <h1>No</h1>"),
    "a bad query in deep JSON": (http("[" * 100_000, "400 Bad"), "refuses the query: [[["),
    "not logged in": (http("", "401 Unauthorized"), "wants credentials, or others than it was given (401)"),
    "forbidden": (http("", "403 Forbidden"), "forbids the query with these credentials (403)"),
    "not found": (http("", "404 Not Found"), "/prefix is no Prometheus: it does not know /api/v1/query (404)"),
    "method not allowed": (http("no", "405 No"), "answers 405: no"),
    "busy": (http("slow down", "429 Too Many"), "answers 429: slow down"),
    "broken": (http("<h1>oops</h1>", "500 Oops"), "answers 500: <h1>oops</h1>"),
    "a bad gateway": (http("", "502 Bad Gateway"), "answers 502: without a word"),
    "unavailable": (http('{"status": "error", "error": "timed out"}', "503 No"), "answers 503: timed out"),
    "control characters": (http("\x1b[2J\x00a\u202eb\r\nc", "400 Bad"), "refuses the query: [2J a b c"),
    "a long text": (http("x" * 1000, "400 Bad"), "refuses the query: " + "x" * 199 + "…"),
    "gzip unasked": (http(gzip.compress(GOOD.encode()), Content_Encoding="gzip"), "encodes its answer as 'gzip'"),
    "another protocol": (b"SSH-2.0-OpenSSH_9\r\n", "cannot be asked: SSH-2.0-OpenSSH_9"),
    "no headers": (GOOD.encode(), "cannot be asked:"),
    "nothing": (lambda _: None, "cannot be asked: Remote end closed connection without response"),
    "half the headers": (b"HTTP/1.1 200 OK\r\nConte", NO_JSON),
    "half the body": (
        lambda exchange: exchange.send(http(GOOD, Content_Length="9999")),
        "cannot be asked: IncompleteRead",
    ),
    "a length that is no number": (lambda exchange: exchange.send(http("", Content_Length="many")), NO_JSON),
    "half a chunk": (
        lambda exchange: exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + GOOD.encode()),
        "cannot be asked: IncompleteRead",
    ),
    "no last chunk": (
        lambda exchange: exchange.send(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(GOOD), GOOD.encode())
        ),
        "cannot be asked:",
    ),
    "a long header": (
        b"HTTP/1.1 200 OK\r\nA: " + b"a" * 70_000 + b"\r\n\r\n",
        "the headers of the answer are larger than 64 KiB",
    ),
    "many headers": (b"HTTP/1.1 200 OK\r\n" + b"A: a\r\n" * 200 + b"\r\n", "cannot be asked: got more than 100"),
}


@pytest.mark.parametrize("name", UNANSWERED)
def test_what_is_no_answer_becomes_a_sentence(name: str) -> None:
    script, expected = UNANSWERED[name]
    outcome = ask(script)
    assert isinstance(outcome, Unanswered)
    assert expected in outcome.reason
    assert "canary" not in outcome.reason
    assert outcome.reason.isprintable()
    assert len(outcome.reason) < 400


def echo(respond: Callable[[bytes], bytes]) -> Script:
    def answer(exchange: Exchange) -> None:
        exchange.send(respond(exchange.request))

    return answer


ECHOES: dict[str, Script] = {
    "in the text of a refusal": echo(lambda request: http(request, "400 Bad")),
    "in the JSON of a refusal": echo(lambda request: http(json.dumps({"error": request.decode()}), "422 Bad")),
    "in an error with 200": echo(lambda request: http(json.dumps({"status": "error", "error": request.decode()}))),
    "in a page": echo(http),
    "in a broken server's text": echo(lambda request: http(request, "500 Oops")),
    "in a value": echo(lambda request: value(1, request.decode())),
    "in the kind": echo(lambda request: data([], request.decode())),
    "in an encoding": echo(lambda request: http(GOOD, Content_Encoding=request.decode().partition("Bearer ")[2][:12])),
    "in a status line": echo(lambda request: request[request.index(b"Authorization") :]),
    "in a redirect": http("", "302 Found", Location="http://canary-user:canary-password@example.com/x?t=canary-token"),
    "in the path of a redirect": http("", "302 Found", Location="/canary-token/canary-url-password"),
    "in half a redirect": http("", "302 Found", Location="x:canary-password@example.com"),
    "in the other credentials": http(
        "canary-header Y2FuYXJ5 canary-url-password canary-user canary-password", "400 Bad"
    ),
}


@pytest.mark.parametrize("name", ECHOES)
def test_a_credential_that_a_server_repeats_is_not_shown(name: str) -> None:
    outcome = ask(ECHOES[name])
    assert isinstance(outcome, Unanswered)
    assert "canary" not in outcome.reason
    assert outcome.reason.isprintable()


ANSWERS: dict[str, tuple[Script, Answer]] = {
    "an empty vector": (data([]), Answer(())),
    "a scalar": (data([1.5, "3"], "scalar"), Answer((Series((), 3.0),))),
    "labels in order": (
        data([{"metric": {"b": "2", "a": "é"}, "value": [1, "-1.5e-3"]}]),
        Answer((Series((("a", "é"), ("b", "2")), -0.0015),)),
    ),
    "infinite": (
        data([{"metric": {}, "value": [1, text]} for text in ("+Inf", "-Inf", "Inf", "1e999")]),
        Answer(tuple(Series((), number) for number in (math.inf, -math.inf, math.inf, math.inf))),
    ),
    "warnings": (data([], warnings=["store\n down", 7]), Answer((), ("store down", "7"))),
    "a warning that is no list": (data([], warnings="down"), Answer((), ("down",))),
    "no warnings": (data([], warnings=None, isPartial=False), Answer(())),
    "partial": (data([], isPartial=True), Answer((), ("partial answer",))),
    "partial in words": (data([], warnings=["a"], isPartial="yes"), Answer((), ("a", "partial answer"))),
    "hints": (data([], infos=["metric might not be a counter"]), Answer(())),
    "more keys": (data([{"metric": {}, "value": [1, "1"], "new": 1}], new=1), Answer((Series((), 1.0),))),
    "chunked": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD.encode()),
        Answer(()),
    ),
    "up to the end of the connection": (b"HTTP/1.0 200 OK\r\n\r\n" + GOOD.encode(), Answer(())),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_kept_whole(name: str) -> None:
    script, expected = ANSWERS[name]
    assert ask(script) == expected


def test_not_a_number_is_an_answer() -> None:
    outcome = ask(value(1, "NaN"))
    assert isinstance(outcome, Answer)
    assert math.isnan(outcome.series[0].value)


def test_a_credential_that_a_server_puts_into_a_label_is_masked() -> None:
    said = ask(data([{"metric": {"seen": "Bearer canary-token"}, "value": [1, "1"]}]))
    assert isinstance(said, Answer)
    assert said.series[0].labels == (("seen", "Bearer ***"),)
