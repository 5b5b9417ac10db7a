"""Every rule by which an answer of an address is judged, over answers made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rollout.gates.http import ExpectedResponse, HttpGate, Method
from rollout.model.evidence import Unanswered
from rollout.model.gate import Scope
from rollout.model.probes import HttpProbe, HttpReply, without_credentials
from rollout.model.verdicts import Finding, Outcome
from rollout.processes.quoting import Quoter
from tests.fakes import NOON

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
SCOPE = Scope("production", NOON)
HERE = "http://10.0.0.5:8080/health"
REPLY = HttpReply(address=HERE, quote=Quoter(["canary"]).quote, status=200, elapsed=timedelta(milliseconds=12.3))


ANY = ExpectedResponse()


def judged(reply: HttpReply | Unanswered, expect: ExpectedResponse = ANY) -> Finding:
    gate = HttpGate(url="${API}/health", expect=expect)
    (probe,) = gate.needs(SCOPE)
    return gate.judge({probe: reply}, SCOPE)


@pytest.mark.parametrize(
    ("status", "expected", "outcome", "said"),
    [
        (200, (), PASS, "answers 200 in 12.3 ms"),
        (204, (), PASS, "answers 204 in 12.3 ms"),
        (299, (), PASS, "answers 299 in 12.3 ms"),
        (101, (), FAIL, "answers 101, expected 2xx"),
        (304, (), FAIL, "answers 304, expected 2xx"),
        (404, (), FAIL, "answers 404, expected 2xx"),
        (999, (), FAIL, "answers 999, expected 2xx"),
        (503, (200,), FAIL, "answers 503, expected 200"),
        (204, (200,), FAIL, "answers 204, expected 200"),
        (200, (200, 204), PASS, "answers 200 in 12.3 ms"),
        (201, (200, 204), FAIL, "answers 201, expected 200 or 204"),
        (503, (503,), PASS, "answers 503 in 12.3 ms"),
    ],
)
def test_a_status_is_one_of_those_expected_or_any_2xx(
    status: int, expected: tuple[int, ...], outcome: Outcome, said: str
) -> None:
    finding = judged(replace(REPLY, status=status), ExpectedResponse(status=expected))
    assert (finding.outcome, finding.reason) == (outcome, f"{HERE} {said}")


def test_a_redirect_fails_and_says_where_it_leads() -> None:
    moved = replace(REPLY, status=302, location="https://sso.example.com/login")
    finding = judged(moved)
    assert finding.outcome is FAIL
    assert finding.reason == f"{HERE} redirects to https://sso.example.com/login (302), which is not followed"
    assert judged(moved, ExpectedResponse(status=(302,))).outcome is PASS


@pytest.mark.parametrize(
    ("took", "outcome", "said"),
    [
        (2.0, PASS, "answers 200 in 2 s"),
        (2.31, FAIL, "answers after 2.31 s, expected within 2 s"),
        (2.00004, FAIL, "answers after 2.00004 s, expected within 2 s"),
    ],
)
def test_an_answer_that_comes_too_late_fails_with_both_times(took: float, outcome: Outcome, said: str) -> None:
    late = replace(REPLY, elapsed=timedelta(seconds=took))
    finding = judged(late, ExpectedResponse(within=timedelta(seconds=2)))
    assert (finding.outcome, finding.reason) == (outcome, f"{HERE} {said}")
    assert (finding.observed, finding.unit, finding.require) == (took, "s", "2xx, within 2 s")


def test_without_a_bound_on_time_no_number_is_observed() -> None:
    assert (judged(REPLY).observed, judged(REPLY).unit) == (None, "")


def test_a_service_that_was_reached_and_gave_no_answer_fails() -> None:
    finding = judged(
        replace(REPLY, status=0, failure="the connection is refused"), ExpectedResponse(within=timedelta(seconds=1))
    )
    assert (finding.outcome, finding.observed) == (FAIL, None)
    assert finding.reason == f"{HERE} gives no whole answer: the connection is refused"


def test_what_nobody_could_ask_is_unknown_with_its_reason() -> None:
    assert judged(Unanswered("the variable API is not set")).reason == "the variable API is not set"
    assert judged(Unanswered("x")).outcome is UNKNOWN


@pytest.mark.parametrize(
    ("body", "pattern", "outcome"),
    [
        ("all is well", "is w", PASS),
        ("all\nis\nwell", "(?m)^is$", PASS),
        ("all is well", "^is", FAIL),
        ("größe", "größe", PASS),
        ("", "x", FAIL),
        ("", "^$", PASS),
    ],
)
def test_a_pattern_is_found_in_the_body_or_fails(body: str, pattern: str, outcome: Outcome) -> None:
    finding = judged(replace(REPLY, body=body.encode()), ExpectedResponse(body=pattern))
    assert finding.outcome is outcome
    assert (outcome is PASS) or finding.reason == f"{HERE} answers without /{pattern}/ in its body"


def test_a_body_that_is_no_utf_8_is_searched_all_the_same() -> None:
    assert judged(replace(REPLY, body=b"gr\xf6\xdfe: ok"), ExpectedResponse(body="ok$")).outcome is PASS


@pytest.mark.parametrize("pattern", ["x", "^(?!.*error)", "y$"])
def test_a_body_too_large_to_be_searched_as_a_whole_is_unknown_whatever_its_begin_says(pattern: str) -> None:
    large = replace(REPLY, body=b"x" * (64 * 2**10) + b"y")
    finding = judged(large, ExpectedResponse(body=pattern))
    assert (finding.outcome, "64 KiB" in finding.reason) == (UNKNOWN, True)


@pytest.mark.parametrize("expect", [ExpectedResponse(json={"status": "ok"}), ExpectedResponse(body="x")])
def test_a_body_that_was_not_read_matters_only_where_one_is_expected(expect: ExpectedResponse) -> None:
    large = replace(REPLY, unread="its body is larger than 1 MiB")
    assert judged(large).outcome is PASS
    finding = judged(large, expect)
    assert finding.outcome is UNKNOWN
    assert finding.reason == f"{HERE} answers 200, but its body is larger than 1 MiB"
    assert judged(replace(large, status=500), expect).outcome is FAIL


def test_it_asks_one_question_with_its_variables_unexpanded() -> None:
    gate = HttpGate(url="${API}/x", method=Method.POST, headers={"X-Key": "${KEY}"}, body="${B}")
    assert gate.needs(SCOPE) == (HttpProbe("production", "${API}/x", "POST", (("X-Key", "${KEY}"),), "${B}"),)


def test_it_is_patient_for_as_long_as_the_answer_may_take() -> None:
    slow = HttpGate(url="x", expect=ExpectedResponse(within=timedelta(seconds=30)))
    assert slow.needs(SCOPE) == (HttpProbe("production", "x", timeout=timedelta(seconds=30)),)
    quick = HttpGate(url="x", expect=ExpectedResponse(within=timedelta(seconds=1)))
    assert quick.needs(SCOPE) == (HttpProbe("production", "x", timeout=timedelta(seconds=10)),)


def test_as_of_a_past_moment_it_asks_nothing_and_is_unknown() -> None:
    past, gate = replace(SCOPE, at=NOON), HttpGate(url="x")
    assert gate.needs(past) == ()
    finding = gate.judge({}, past)
    assert (finding.outcome, finding.reason) == (UNKNOWN, "an address cannot be asked as of a past moment")


def test_it_is_tried_as_often_as_it_says() -> None:
    assert (HttpGate(url="x").tries, HttpGate(url="x", attempts=3).tries) == (1, 3)


@pytest.mark.parametrize(
    ("expect", "text"),
    [
        (ExpectedResponse(), "2xx"),
        (ExpectedResponse(status=(200, 204)), "200 or 204"),
        (
            ExpectedResponse((200,), {"status": "ok"}, timedelta(milliseconds=1500), "up|well"),
            '200, JSON {"status": "ok"}, /up|well/ in its body, within 1.5 s',
        ),
    ],
)
def test_what_is_required_is_said_in_one_line(expect: ExpectedResponse, text: str) -> None:
    assert judged(REPLY, expect).require == text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("${API}/health", "${API}/health"),
        ("${API:-http://u:canary@h/?canary}/health", "${API}/health"),
        ("http://u:canary@h:1/health?key=canary#canary", "http://h:1/health"),
        ("http://${U}:canary@${HOST}/${ID}?k=${K}", "http://${HOST}/${ID}"),
        ("${API}/x?next=http://canary", "${API}/x"),
        ("http://u:canary?canary@h/x", "http://…"),
        ("http://u:canary/canary@h/x", "http://…"),
        ("http://u:canary#canary@h/x", "http://…"),
        ("u:canary@h/x", "h/x"),
        ("/login?canary", "/login"),
        ("$${x}", "${x}"),
        ("", ""),
    ],
)
def test_an_address_is_shown_as_the_plan_writes_it_without_credentials(url: str, shown: str) -> None:
    gate = HttpGate(url=url, headers={"X-Key": "canary"}, body="canary")
    assert gate.words == f"GET {shown} answers as expected"
    assert "canary" not in repr(gate.needs(SCOPE))


def test_a_redirect_is_shown_without_credentials_whatever_it_is() -> None:
    assert without_credentials("https://me:canary@sso/login?canary=1#canary") == "https://sso/login"
    assert without_credentials("http://h/${x") == "http://h/${x"
