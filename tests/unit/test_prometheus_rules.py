"""Which alerting rules a server has loaded: whole, or a sentence."""

from __future__ import annotations

import json
from time import monotonic

import pytest

from rollout.model.evidence import LoadedRule, LoadedRulesQuery, Unanswered, answer_to
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.prometheus_asking import gather
from tests.scripted_server import Exchange, Script, http, scripted_server

RULES = LoadedRulesQuery("production")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def ask(script: Script, timeout: float = 5.0) -> tuple[LoadedRule, ...] | Unanswered:
    with scripted_server(script) as server:
        connection = Connection(server.url, token="canary-token", timeout=timeout)
        return answer_to(gather(PrometheusSource(connection), RULES), RULES)


def data(groups: object, **more: object) -> bytes:
    return http(json.dumps({"status": "success", "data": {"groups": groups}, **more}))


def rules(*rules: object) -> bytes:
    return data([{"name": "group", "rules": list(rules)}])


HIGH = {"type": "alerting", "name": "High", "labels": {"severity": "critical"}}
NO_LIST = "answers with JSON that is no list of rules"
NO_RULE = "a rule of the answer has no name, or labels that are none"

UNANSWERED: dict[str, tuple[Script, str]] = {
    "empty": (http(""), "does not answer with whole JSON"),
    "a login page": (http("<html>canary-token"), "whole JSON; it begins with '<html>***'"),
    "deep lists": (http("[" * 90_000), "nested too deeply"),
    "a million empty lists": (http("[" + "[]," * 600_000 + "[]]"), "answers with more than 100,000 parts"),
    "too much": (http(" " * (2 * 2**20 + 1)), ": the answer is larger than 2 MiB"),
    "null": (http("null"), NO_LIST),
    "no data": (http('{"status": "success"}'), NO_LIST),
    "another status": (http('{"status": "ok", "data": {"groups": []}}'), NO_LIST),
    "groups null": (data(None), NO_LIST),
    "an error": (http('{"status": "error", "error": "canary-token"}'), "with an error: ***"),
    "a group that is a number": (data([1]), "a group of rules has no rules"),
    "a group without rules": (data([{"name": "a"}]), "a group of rules has no rules"),
    "rules null": (data([{"rules": None}]), "a group of rules has no rules"),
    "a rule that is a text": (rules("up"), NO_RULE),
    "a rule without type": (rules({"name": "High"}), NO_RULE),
    "a rule of an unknown type": (rules({"type": "canary-token", "name": "High"}), NO_RULE),
    "a rule without name": (rules({"type": "alerting", "labels": {}}), NO_RULE),
    "a name that is a number": (rules({"type": "alerting", "name": 1, "labels": {}}), NO_RULE),
    "labels that are a list": (rules({"type": "alerting", "name": "High", "labels": []}), NO_RULE),
    "a label that is a number": (rules({**HIGH, "labels": {"a": 1}}), "a label of the answer is no text"),
    "one good, one bad": (rules(HIGH, {}), NO_RULE),
    "a part of the rules": (
        http('{"status": "success", "data": {"groups": [], "groupNextToken": "canary-token"}}'),
        "gives only a part of its rules",
    ),
    "a warning": (data([], warnings=["canary-token down"]), "may not know all of its rules: *** down"),
    "partial": (data([], isPartial=True), "may not know all of its rules: partial answer"),
    "not found": (http("", "404 Not Found"), "is no Prometheus: it does not know /api/v1/rules (404)"),
    "a redirect": (http("", "302 Found", Location="/login?canary-token"), "redirects to /login (302)"),
    "forbidden": (http("", "403 No"), "forbids the query with these credentials (403)"),
    "packed unasked": (http("", Content_Encoding="gzip"), "encodes its answer as 'gzip'"),
    "half the body": (lambda exchange: exchange.send(http("{", Content_Length="9")), "cannot be asked: "),
    "another protocol": (b"SSH-2.0-OpenSSH_9\r\n", "cannot be asked: SSH-2.0-OpenSSH_9"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNANSWERED)
def test_what_is_no_list_of_rules_becomes_a_sentence(name: str) -> None:
    script, expected = UNANSWERED[name]
    outcome = ask(script)
    assert isinstance(outcome, Unanswered), outcome
    assert expected in outcome.reason
    assert "canary" not in outcome.reason
    assert outcome.reason.isprintable()


def test_rules_come_with_name_and_labels() -> None:
    recording = {"type": "recording", "name": "job:up", "query": "up"}
    bare = {"type": "alerting", "name": "Bare", "alerts": [{}]}
    answer = data([{"rules": [HIGH, recording]}, {"rules": []}, {"rules": [bare, HIGH]}], infos=["fine"])
    high = LoadedRule("High", (("severity", "critical"),))
    assert ask(answer) == (high, LoadedRule("Bare", ()), high)


def test_a_rule_that_cannot_be_evaluated_cannot_fire_and_is_none() -> None:
    broken = {"type": "alerting", "name": "High", "labels": {}, "health": "err", "lastError": "many-to-many"}
    sound = {"type": "alerting", "name": "Low", "labels": {}, "health": "ok"}
    assert ask(data([{"rules": [broken, sound]}])) == (LoadedRule("Low", ()),)


def test_no_rules_are_an_answer() -> None:
    assert ask(data([])) == ()


def test_only_alerting_rules_are_asked_for() -> None:
    with scripted_server(data([])) as server:
        PrometheusSource(Connection(f"{server.url}/prefix", token="secret")).ask([RULES, RULES])
    (request,) = server.requests
    assert request.startswith(b"GET /prefix/api/v1/rules?type=alert&exclude_alerts=true HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer secret\r\n" in request


def test_what_may_pass_is_tried_once_more() -> None:
    with scripted_server(http("", "503 No"), data([])) as server:
        assert PrometheusSource(Connection(server.url)).ask([RULES]) == {RULES: ()}
        assert len(server.requests) == 2


def test_a_slow_server_is_given_up_at_the_deadline() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nA: ")
        exchange.drip(b"a")

    begin = monotonic()
    outcome = ask(answer, timeout=0.3)
    assert monotonic() - begin < 1.0
    assert isinstance(outcome, Unanswered)
    assert outcome.reason.endswith(" gave no whole answer within 0.3 s")
