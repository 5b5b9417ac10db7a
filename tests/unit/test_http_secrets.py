"""Servers that repeat what they were asked: no sentence, question, reply or request shows a credential."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

import pytest

from rollout.gates.http import ExpectedResponse, HttpGate
from rollout.model.evidence import Unanswered
from rollout.model.gate import Scope
from rollout.model.probes import HttpProbe, HttpReply
from rollout.model.verdicts import Finding, Outcome
from rollout.shapes.json_value import Json
from rollout.sources.http import HttpSource
from rollout.sources.http_request import request
from tests.fakes import NOON
from tests.scripted_server import Exchange, http, scripted_server

SCOPE = Scope("production", NOON)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


SECRETS = {
    "API": "http://us%65r-canary-1:p%40ss-canary-2@127.0.0.1:PORT/base-canary-3",
    "TOKEN": "header-canary-4",
    "QUERY": "query-canary-5",
    "BODY": 'body-"canary"-6',
    "SHORT": "wxyz",
}
LEAK = re.compile("cana|wxyz")


def finding(port: int, expected: Json) -> tuple[Finding, HttpReply]:
    gate = HttpGate(
        url="${API}/health?key=${QUERY}&s=${SHORT}#canary-7",
        headers={"Authorization": "Bearer ${TOKEN}", "X-Key": "literal-canary-8"},
        body='{"password": "${BODY}"}',
        expect=ExpectedResponse(status=(200, 500), json=expected),
    )
    (probe,) = gate.needs(SCOPE)
    assert isinstance(probe, HttpProbe)
    variables = {name: value.replace("PORT", str(port)) for name, value in SECRETS.items()}
    reply = HttpSource(lambda _: variables.get, lambda _: True).ask([probe])[probe]
    assert isinstance(reply, HttpReply)
    assert not LEAK.search(repr(probe) + repr(reply) + repr(request(probe, variables.get)))
    return gate.judge({probe: reply}, SCOPE), reply


def echo_as(form: str) -> Callable[[Exchange], None]:
    def echo(exchange: Exchange) -> None:
        lines = exchange.request.decode().splitlines()
        said = {
            "text": exchange.request,
            "location": b"",
            "list": json.dumps({"a": {str(number): line for number, line in enumerate(lines)}}).encode(),
        }
        status, location = ("302 Found", f"/{lines[0]}") if form == "location" else ("200 OK", "")
        exchange.send(http(said[form], status, Location=location) if location else http(said[form], status))

    return echo


@pytest.mark.parametrize("number", range(11))
def test_a_server_that_repeats_what_it_was_asked_shows_no_credential(number: int) -> None:
    with scripted_server(echo_as("list")) as server:
        found, _ = finding(server.port, {"a": {str(number): "x"}})
    assert found.outcome is Outcome.FAIL
    assert not LEAK.search(repr(found))
    assert found.reason.startswith(f"http://127.0.0.1:{server.port}/…/health says that a.{number} is ")


@pytest.mark.parametrize("form", ["text", "location"])
def test_a_page_and_a_redirect_that_repeat_it_show_no_credential(form: str) -> None:
    with scripted_server(echo_as(form)) as server:
        found, reply = finding(server.port, {"a": 1})
    assert found.outcome is not Outcome.PASS
    assert not LEAK.search(repr(found) + reply.location)
    assert "***" in found.reason


@pytest.mark.parametrize(
    ("url", "variables", "address"),
    [
        ("${API}/health", {"API": "http://10.0.0.5:8080"}, "http://10.0.0.5:8080/health"),
        ("${API}/health", {"API": "http://10.0.0.5:8080/v1"}, "http://10.0.0.5:8080/…/health"),
        ("${API}", {"API": "https://hooks.example/canary/canary"}, "https://hooks.example/…"),
        ("${API}", {"API": "https://hooks.example/"}, "https://hooks.example"),
        ("http://${HOST}:80/a/${ID}/b?x=1", {"HOST": "h", "ID": "canary"}, "http://h:80/a/${ID}/b"),
        ("http://u:${P}@h/a", {"P": "canary"}, "http://h/a"),
    ],
)
def test_the_host_is_shown_as_it_is_asked_and_the_path_as_the_plan_writes_it(
    url: str, variables: Mapping[str, str], address: str
) -> None:
    filled = request(HttpProbe("production", url), variables.get)
    assert not isinstance(filled, Unanswered)
    assert filled.address == address
