"""Every shape of body against the JSON that a gate expects of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.gates.http import ExpectedResponse, HttpGate
from rollout.model.gate import Scope
from rollout.model.probes import HttpReply
from rollout.model.verdicts import Finding, Outcome
from rollout.processes.quoting import Quoter
from rollout.shapes.json_value import Json
from tests.fakes import NOON

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
SCOPE = Scope("production", NOON)
HERE = "http://10.0.0.5:8080/health"
REPLY = HttpReply(address=HERE, quote=Quoter(["canary"]).quote, status=200, elapsed=timedelta(milliseconds=12.3))


def judged(reply: HttpReply, expect: ExpectedResponse) -> Finding:
    gate = HttpGate(url="${API}/health", expect=expect)
    (probe,) = gate.needs(SCOPE)
    return gate.judge({probe: reply}, SCOPE)


def on_body(body: bytes | str, expected: Json) -> tuple[Outcome, str]:
    data = body if isinstance(body, bytes) else body.encode()
    finding = judged(replace(REPLY, body=data), ExpectedResponse(json=expected))
    return finding.outcome, finding.reason.removeprefix(f"{HERE} ")


OK = {"status": "ok"}


@pytest.mark.parametrize(
    ("body", "expected", "outcome", "said"),
    [
        ('{"status": "ok", "version": 7}', OK, PASS, "answers 200 in 12.3 ms"),
        ('\ufeff{"status": "ok"}', OK, PASS, "answers 200 in 12.3 ms"),
        ('{"status": "down"}', OK, FAIL, 'says that status is "down", expected "ok"'),
        ('{"status": "OK"}', OK, FAIL, 'says that status is "OK", expected "ok"'),
        ('{"status": null}', OK, FAIL, 'says that status is null, expected "ok"'),
        ('{"status": {"code": "ok"}}', OK, FAIL, 'says that status is an object, expected "ok"'),
        ('{"status": ["ok"]}', OK, FAIL, 'says that status is an array, expected "ok"'),
        ('{"state": "ok"}', OK, UNKNOWN, "answers with JSON that has no status"),
        ("{}", {}, PASS, "answers 200 in 12.3 ms"),
        ('"ok"', OK, UNKNOWN, "answers with JSON that is no object"),
        ("[]", OK, UNKNOWN, "answers with JSON that is no object"),
        ("null", OK, UNKNOWN, "answers with JSON that is no object"),
        ("{}", (1,), UNKNOWN, "answers with JSON that is no array"),
        ('"ok"', "ok", PASS, "answers 200 in 12.3 ms"),
        ('"no"', "ok", FAIL, 'says that its JSON is "no", expected "ok"'),
        ('{"db": {"up": true, "n": 1}}', {"db": {"up": True}}, PASS, "answers 200 in 12.3 ms"),
        ('{"db": {"up": false}}', {"db": {"up": True}}, FAIL, "says that db.up is false, expected true"),
        ('{"db": {}}', {"db": {"up": True}}, UNKNOWN, "answers with JSON that has no db.up"),
        ('{"db": "down"}', {"db": {"up": True}}, FAIL, 'says that db is "down", expected {"up": true}'),
        ('{"a.b": 1}', {"a.b": 2}, FAIL, 'says that ["a.b"] is 1, expected 2'),
        ('{"n": 1.0}', {"n": 1}, PASS, "answers 200 in 12.3 ms"),
        ('{"n": 1e2}', {"n": 100}, PASS, "answers 200 in 12.3 ms"),
        ('{"n": 0.1}', {"n": 0.1}, PASS, "answers 200 in 12.3 ms"),
        ('{"n": 9007199254740993}', {"n": 9007199254740992}, FAIL, ""),
        ('{"n": true}', {"n": 1}, FAIL, "says that n is true, expected 1"),
        ('{"n": 0}', {"n": False}, FAIL, "says that n is 0, expected false"),
        ('{"n": "1"}', {"n": 1}, FAIL, 'says that n is "1", expected 1'),
        ('{"n": null}', {"n": None}, PASS, "answers 200 in 12.3 ms"),
        ("{}", {"n": None}, UNKNOWN, "answers with JSON that has no n"),
        ('{"l": [1, {"a": 2, "b": 3}]}', {"l": (1, {"a": 2})}, PASS, "answers 200 in 12.3 ms"),
        ('{"l": [1, {"a": 3}]}', {"l": (1, {"a": 2})}, FAIL, "says that l[1].a is 3, expected 2"),
        ('{"l": [1, 2, 3]}', {"l": (1, 2)}, FAIL, "says that l has 3 elements, expected 2"),
        ('{"l": {"0": 1}}', {"l": (1,)}, FAIL, "says that l is an object, expected [1]"),
        ('{"l": [{}]}', {"l": ({"a": 1},)}, UNKNOWN, "answers with JSON that has no l[0].a"),
    ],
)
def test_json_holds_what_is_expected_or_differs_or_does_not_say(
    body: str, expected: Json, outcome: Outcome, said: str
) -> None:
    found, reason = on_body(body, expected)
    assert found is outcome
    assert said in reason


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "answers with an empty body, which is no JSON"),
        (b"<!DOCTYPE html><html>Log in</html>", "it begins with '<!DOCTYPE html><html>Log in</html>'"),
        (b'{"status": "ok"', "no whole JSON"),
        (b'{"status": "ok"} {}', "no whole JSON"),
        (b"{'status': 'ok'}", "no whole JSON"),
        (b'{"status": "ok\xff"}', "no whole JSON"),
        ('{"status": "ok"}'.encode("utf-16"), "no whole JSON"),
        (b'{"status": "ok", "n": NaN}', "JSON that holds NaN, Infinity or a number too large"),
        (b'{"status": "ok", "n": -Infinity}', "JSON that holds NaN, Infinity or a number too large"),
        (b'{"status": "ok", "n": 1e999}', "JSON that holds NaN, Infinity or a number too large"),
        (b'{"status": "ok", "n": ' + b"9" * 5000 + b"}", "no whole JSON"),
        (b'{"status": "down", "status": "ok"}', "JSON in which a key stands twice"),
        (b'{"status": "ok", "x": [{"a": 1, "a": 1}]}', "JSON in which a key stands twice"),
        (b'{"status": "ok", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b"[" * 1_000_000, "nested too deeply"),
    ],
)
def test_a_body_that_is_no_json_or_strange_json_is_unknown(body: bytes, said: str) -> None:
    outcome, reason = on_body(body, OK)
    assert outcome is UNKNOWN
    assert said in reason
    assert reason.isprintable()
    assert len(reason) < 150


def test_a_failure_goes_before_what_cannot_be_told_and_the_first_of_several_is_told() -> None:
    assert on_body('{"b": 2}', {"a": 1, "b": 1}) == (FAIL, "says that b is 2, expected 1")
    late = replace(REPLY, body=b"no JSON", elapsed=timedelta(seconds=3))
    expect = ExpectedResponse(json=OK, within=timedelta(seconds=2))
    assert judged(late, expect).outcome is FAIL
    assert "expected 2xx" in judged(replace(late, status=500), expect).reason


def test_text_of_a_server_is_quoted_short_on_one_line_and_masked() -> None:
    outcome, reason = on_body(json.dumps({"status": "ca" + "nary\n\x1b[31m" + "x" * 500}), OK)
    assert outcome is FAIL
    assert 'status is "*** [31mxxx' in reason
    assert reason.isprintable()
    assert len(reason) < 100
    assert on_body('{"status": "c\\u0061nary"}', OK)[1] == 'says that status is "***", expected "ok"'
    assert "canary" not in on_body("canary " * 20, OK)[1]
    assert on_body(b'{"status": "\\ud800"}', OK)[1] == 'says that status is "", expected "ok"'


JSON_VALUES = st.recursive(
    st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def expectation(value: object) -> Json:
    match value:
        case list():
            return tuple(map(expectation, value))
        case dict():
            return {str(key): expectation(inner) for key, inner in value.items()}
        case bool() | int() | float() | str():
            return value
        case _:
            raise AssertionError(value)


@given(JSON_VALUES, JSON_VALUES)
def test_every_json_holds_itself_and_another_only_when_it_is_as_much(one: object, other: object) -> None:
    assert on_body(json.dumps(one), expectation(one))[0] is PASS
    assert on_body(json.dumps({"a": one, "more": other}), {"a": expectation(one)})[0] is PASS
    if json.dumps(one) != json.dumps(other) and not isinstance(one, dict | list | float) and type(one) is type(other):
        assert on_body(json.dumps({"a": other}), {"a": expectation(one)})[0] is FAIL


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_no_body_raises_and_none_passes_by_accident(body: bytes | str) -> None:
    outcome, reason = on_body(body, {"status": "a word that no generator makes"})
    assert outcome in (FAIL, UNKNOWN)
    assert reason.isprintable()
