"""Where Prometheus is asked, with which credentials, and that nobody else gets or sees them."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from rollout.model.evidence import Answer, Query, Series, Unanswered, answer_to
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.prometheus_asking import gather
from tests.scripted_server import Exchange, http, scripted_server

HERE = "http://127.0.0.1:1"
ONE = http('{"status": "success", "data": {"resultType": "scalar", "result": [1, "1"]}}')
ANSWER = Answer((Series((), 1.0),))
UP = Query("up", "production")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def ask(connection: Connection) -> Answer | Unanswered:
    return answer_to(gather(PrometheusSource(connection), UP), UP)


def reason(connection: Connection) -> str:
    outcome = ask(connection)
    assert isinstance(outcome, Unanswered)
    return outcome.reason


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("connection", "expected"),
    [
        (Connection("http://HOST"), []),
        (Connection("http://HOST", token="t"), ["Bearer t"]),
        (Connection("http://HOST", username="u", password="pä"), [basic("u:pä")]),
        (Connection("http://u:p%40%2F@HOST"), [basic("u:p@/")]),
        (Connection("http://url:url@HOST", username="u", password="p"), [basic("u:p")]),
        (Connection("http://u:p@HOST", token="t", username="u"), ["Bearer t"]),
        (Connection("http://HOST", headers={"authorization": "Custom c"}), ["Custom c"]),
        (Connection("http://HOST", headers={"authorization": "Custom c"}, token="t"), ["Bearer t"]),
    ],
)
def test_a_request_carries_one_credential_and_none_of_netrc(
    connection: Connection, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login netrc password netrc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with scripted_server(ONE) as server:
        here = replace(connection, url=connection.url.replace("HOST", f"127.0.0.1:{server.port}"))
        assert ask(here) == ANSWER
    lines = server.requests[0].decode().split("\r\n")
    assert [line.partition(": ")[2] for line in lines if line.lower().startswith("authorization:")] == expected


def test_a_password_is_not_shown_in_its_encoding_either() -> None:
    def echo(exchange: Exchange) -> None:
        exchange.send(http(exchange.request[exchange.request.index(b"Authorization") :], "400 Bad"))

    with scripted_server(echo) as server:
        said = reason(Connection(server.url, username="user", password="canary"))
    assert "Authorization: Basic ***" in said


def test_nothing_packed_is_asked_for() -> None:
    with scripted_server(ONE) as server:
        ask(Connection(server.url))
    assert b"\r\nAccept-Encoding: identity\r\n" in server.requests[0]


def test_a_redirect_takes_no_request_to_another_host() -> None:
    with scripted_server(ONE) as other:
        moved = http("", "302 Found", Location=f"http://localhost:{other.port}/api/v1/query")
        with scripted_server(moved) as server:
            said = reason(Connection(server.url, token="canary", headers={"X-Api-Key": "canary"}))
        assert f"redirects to http://localhost:{other.port}/api/v1/query (302)" in said
        assert other.connections == []


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://me:secret@sso.example.com/login?state=1#x", "https://sso.example.com/login"),
        ("me:secret@sso.example.com/login", "sso.example.com/login"),
        ("/login?secret", "/login"),
        ("http://[secret", "an address that cannot be read"),
    ],
)
def test_a_redirect_is_told_without_what_may_be_secret(location: str, shown: str) -> None:
    with scripted_server(http("", "307 Temporary Redirect", Location=location)) as server:
        said = reason(Connection(server.url))
    assert f" redirects to {shown} (307), which is not followed" in said


@pytest.mark.parametrize(
    "url",
    [
        "",
        "prometheus:9090",
        "canary:canary@prometheus:9090",
        "//canary@prometheus",
        "ftp://canary@prometheus",
        "file:///canary",
        "http://",
        "http://canary@",
        "http://canary:9090:1@prometheus:x",
        "http://prometheus:99999999",
        "http://[::1",
        "http://[canary]",
        "http://canary:1/2@prometheus",
        "http://canary:1#2@prometheus",
        "http://canary:1?2@prometheus",
        "http://prometheus/?token=canary",
        "http://prometheus/\n",
        "http://pro metheus",
        "http://prometheus\x00.invalid",
        "http://\ud800.invalid",
        "http://*.invalid",
        "http://.invalid",
        "http://ü..invalid",
        "http://" + "a" * 64 + ".invalid",
        "http://" + "a" * 300,
        "http://prometheus.invalid",
        "http://127.0.0.1:0",
    ],
)
def test_a_bad_url_is_a_sentence_without_its_credentials(url: str) -> None:
    said = reason(Connection(url))
    assert "Prometheus" in said or "cannot be asked" in said
    assert "canary" not in said
    assert said.isprintable()


@pytest.mark.parametrize(
    ("connection", "expected"),
    [
        (Connection(HERE, headers={"X Key": "v"}), "'X Key' is not the name of a header"),
        (Connection(HERE, headers={"": "v"}), "'' is not the name of a header"),
        (Connection(HERE, headers={"X-Key\r\nX-More": "v"}), "'X-Key X-More' is not the name of a header"),
        (
            Connection(HERE, headers={"X-Key": "canary\r\nX-More: 1"}),
            "the header X-Key for Prometheus contains a character",
        ),
        (Connection(HERE, headers={"X-Key": "canary é"}), "the header X-Key for Prometheus contains a character"),
        (Connection(HERE, headers={"X-Key": "canary\ud800"}), "the header X-Key for Prometheus contains a character"),
        (Connection(HERE, token="canary\n"), "the header Authorization for Prometheus contains a character"),
        (Connection(HERE, token="canary→"), "the header Authorization for Prometheus contains a character"),
    ],
)
def test_a_bad_header_is_a_sentence_without_its_value(connection: Connection, expected: str) -> None:
    said = reason(connection)
    assert expected in said
    assert "canary" not in said


def test_a_connection_shows_no_credential() -> None:
    connection = Connection("http://u:canary@h", token="canary", password="canary", headers={"X-Key": "canary"})
    assert "canary" not in repr(connection)
