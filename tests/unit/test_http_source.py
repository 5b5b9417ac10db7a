"""How an address is asked: with what, where, by whom, and that nobody else gets or sees a credential."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rollout.model.evidence import Unanswered
from rollout.model.gate import Scope
from rollout.model.probes import HttpProbe, HttpReply
from rollout.sources.http import HttpSource
from rollout.sources.http_exchange import Exchange, trust
from rollout.sources.http_request import request
from tests.fakes import NOON
from tests.http_servers import self_signed
from tests.scripted_server import Exchange as Heard
from tests.scripted_server import http, scripted_server

SCOPE = Scope("production", NOON)
GOOD = http('{"status": "ok"}')


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("NO_PROXY", raising=False)


def asked(
    url: str,
    variables: Mapping[str, str] | None = None,
    allows: Callable[[str], bool] = lambda _: True,
    headers: Mapping[str, str] | None = None,
    body: str = "",
) -> HttpReply | Unanswered:
    probe = HttpProbe("production", url, "POST" if body else "GET", tuple((headers or {}).items()), body)
    source = HttpSource(lambda name: {"production": variables or {}}[name].get, allows)
    return source.ask([probe])[probe]


def reason(
    url: str,
    variables: Mapping[str, str] | None = None,
    allows: Callable[[str], bool] = lambda _: True,
    headers: Mapping[str, str] | None = None,
    body: str = "",
) -> str:
    answer = asked(url, variables, allows, headers, body)
    assert isinstance(answer, Unanswered), answer
    assert answer.reason.isprintable()
    return answer.reason


def header_values(request: bytes, name: str) -> list[str]:
    lines = [line.partition(": ") for line in request.decode().split("\r\n")]
    return [value for key, _, value in lines if key.lower() == name]


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


def test_variables_are_filled_in_of_the_environment_that_asks() -> None:
    with scripted_server(GOOD) as server:
        variables = {"API": server.url, "KEY": "k", "ID": "7"}
        reply = asked("${API}/x?id=${ID}", variables, headers={"X-Key": "${KEY}:${NONE:-d}"}, body='{"id": ${ID}, $${}')
    assert isinstance(reply, HttpReply)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /x?id=7 HTTP/1.1\r\n")
    assert header_values(head, "x-key") == ["k:d"]
    assert body == b'{"id": 7, ${}'


@pytest.mark.parametrize(
    ("url", "headers", "body"), [("${NO}/x", {}, ""), ("${API}/x", {"X": "${NO}"}, ""), ("${API}/x", {}, "${NO}")]
)
def test_an_unset_variable_is_unknown_and_named(url: str, headers: Mapping[str, str], body: str) -> None:
    said = reason(url, {"API": "http://127.0.0.1:1"}, headers=headers, body=body)
    assert said == f"{url} cannot be asked: the variable NO is not set"


def test_a_request_says_no_more_than_it_must_and_the_plan_has_the_last_word() -> None:
    with scripted_server(GOOD) as server:
        asked(server.url)
        asked(server.url, headers={"accept": "application/json", "user-agent": "Mine", "host": "shop.example"})
    plain, own = server.requests
    assert plain.decode().split("\r\n") == [
        "GET / HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "Accept: */*",
        "Accept-Encoding: identity",
        "User-Agent: rollout",
        "Connection: close",
        "",
        "",
    ]
    for name, value in {"accept": "application/json", "user-agent": "Mine", "host": "shop.example"}.items():
        assert header_values(own, name) == [value]


@pytest.mark.parametrize(
    ("user", "headers", "expected"),
    [
        ("", {}, []),
        ("u:p%40%2F@", {}, [basic("u:p@/")]),
        ("u@", {}, [basic("u:")]),
        ("u:p@", {"authorization": "Bearer t"}, ["Bearer t"]),
    ],
)
def test_a_request_carries_one_credential_and_none_of_netrc(
    user: str, headers: Mapping[str, str], expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login netrc password netrc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    with scripted_server(GOOD) as server:
        asked(server.url.replace("//", f"//{user}"), headers=headers)
    assert header_values(server.requests[0], "authorization") == expected


def test_a_redirect_takes_nothing_to_another_host() -> None:
    with scripted_server(GOOD) as other:
        moved = http("", "302 Found", Location=f"http://u:canary@localhost:{other.port}/x?key=canary")
        with scripted_server(moved) as server:
            reply = asked(server.url, headers={"Authorization": "Bearer canary", "X-Api-Key": "canary"})
        assert isinstance(reply, HttpReply)
        assert (reply.status, reply.location) == (302, f"http://localhost:{other.port}/x")
        assert len(server.requests) == 1
        assert other.connections == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://API.example.com/x", "api.example.com:80"),
        ("https://u:p@api.example.com", "api.example.com:443"),
        ("http://[::1]/", "[::1]:80"),
        ("http://10.0.0.5:8080", "10.0.0.5:8080"),
        ("http://allowed.example%2F@evil.example/", "evil.example:80"),
    ],
)
def test_a_host_that_may_not_be_asked_is_not_asked(url: str, host: str) -> None:
    said = reason(url, allows=lambda name: name != host)
    assert said == f"{host} is not among the hosts that may be asked (--allow-host)"


URL, AT, HOST = "its URL ", "its URL has an @ behind the host", "the name of its host has other characters"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", URL),
        ("canary", URL),
        ("service:8080", URL),
        ("ftp://canary@h", URL),
        ("file:///canary", URL),
        ("gopher://h/canary", URL),
        ("HTTP+UNIX://canary", URL),
        ("http://", URL),
        ("http:///canary", URL),
        ("http://canary@", URL),
        ("http://canary@:80", URL),
        ("http://canary:1:2@h:x", URL),
        ("http://h:99999999", URL),
        ("http://[::1", URL),
        ("http://[canary]", URL),
        ("http://canary:1/2@h", AT),
        ("http://canary:1#2@h", AT),
        ("http://canary:1?2@h", AT),
        ("http://h/@canary", AT),
        ("http://h/\r\nX-Injected: canary", URL),
        ("http://h/\x00canary", URL),
        ("http://h/ canary", URL),
        ("http://h\t/canary", URL),
        ("http://h/canary\ud800", URL),
        ("http://allowed.example\\@canary", URL),
        ("http://h%2ecanary/", HOST),
        ("http://\uff48ost/", HOST),
        ("http://bücher.example", HOST),
        ("http://*.example", HOST),
        ("http://[fe80::1%25canary]", HOST),
        ("http://h/" + "canary" * 20_000, "the URL, headers and body do not make a request"),
    ],
)
def test_a_url_that_cannot_be_asked_is_a_sentence_without_what_may_be_a_credential(url: str, said: str) -> None:
    found = reason("${CANARY}/", {"CANARY": url}) if not url.endswith("canary" * 9) else reason("${C}", {"C": url})
    assert said in found
    assert "canary" not in found


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({"X Key": "v"}, "", "'X Key' is not the name of a header"),
        ({"X:": "v"}, "", "'X:' is not the name of a header"),
        ({"Ü": "v"}, "", "'Ü' is not the name of a header"),
        ({"X\r\nY": "v"}, "", "'X Y' is not the name of a header"),
        ({"X": "canary\r\nX-Injected: 1"}, "", "the header X contains a character that HTTP does not carry"),
        ({"X": "canary\x00"}, "", "the header X contains a character that HTTP does not carry"),
        ({"X": "canary é"}, "", "the header X contains a character that HTTP does not carry"),
        ({"X": "canary\ud800"}, "", "the header X contains a character that HTTP does not carry"),
        ({"X": " canary"}, "", "the header X contains a character that HTTP does not carry"),
        ({"X": "v"}, "canary\ud800", "the body contains a character that UTF-8 does not carry"),
        ({"Content-Length": "99"}, "canary", "the header Content-Length follows from the body: leave it out"),
        ({"transfer-encoding": "chunked"}, "", "the header transfer-encoding follows from the body: leave it out"),
        ({"Host": "canary", "host": "canary"}, "", "the URL, headers and body do not make a request"),
    ],
)
def test_a_request_that_cannot_be_made_is_a_sentence_without_its_values(
    headers: Mapping[str, str], body: str, said: str
) -> None:
    with scripted_server(GOOD) as server:
        variables = {"V": next(iter(headers.values())), "B": body}
        found = reason(f"{server.url}/x", variables, headers=dict.fromkeys(headers, "${V}"), body=body and "${B}")
    assert found == f"{server.url}/x cannot be asked: {said}"


def test_nothing_is_sent_that_nobody_waits_for_any_more() -> None:
    with scripted_server(GOOD) as server:
        filled = request(HttpProbe("production", server.url), lambda _: None)
        trusted = trust("http")
        assert not isinstance(filled, Unanswered)
        assert not isinstance(trusted, Unanswered)
        exchange = Exchange(filled, trusted, seconds=0)
        exchange.run()
        assert "within 0 s" in repr(exchange.outcome)
    assert server.requests == []


def test_a_proxy_of_the_environment_is_used_and_what_goes_wrong_on_the_way_is_nobodys_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("no_proxy")
    with scripted_server(GOOD, http("", "407 No"), b"") as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//user:canary@"))
        reply = asked("http://service.invalid/health")
        through = "http://service.invalid/health cannot be asked through the proxy of the environment: "
        assert reason("http://service.invalid/health") == f"{through}it wants credentials (407)"
        assert reason("http://service.invalid/health") == f"{through}the connection was closed"
    assert reason("http://service.invalid/health") == f"{through}the connection is refused"
    assert isinstance(reply, HttpReply)
    assert reply.status == 200
    assert proxy.requests[0].startswith(b"GET http://service.invalid/health HTTP/1.1\r\n")
    assert header_values(proxy.requests[0], "proxy-authorization") == [basic("user:canary")]


@pytest.mark.parametrize("proxy", ["socks5://canary@127.0.0.1:1", "foo://canary@h", "http://[canary", "http://h:x"])
def test_a_proxy_that_cannot_be_used_is_a_sentence(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", proxy)
    found = reason("http://service.invalid/")
    assert found.startswith("http://service.invalid/ cannot be asked through the proxy of the environment: ")
    assert "canary" not in found


def test_a_tunnel_that_a_proxy_refuses_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy")
    with scripted_server(b"HTTP/1.1 403 canary\r\n\r\n") as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        said = reason("https://service.invalid/")
    assert proxy.requests[0].startswith(b"CONNECT service.invalid:443 HTTP/1.1\r\n")
    assert said.endswith("through the proxy of the environment: it refuses (403)")


def test_a_certificate_that_is_not_trusted_is_nobodys_fault_and_nothing_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    trusted = tmp_path / "certificate.pem"
    with scripted_server(GOOD, tls=self_signed(trusted)) as server:
        said = reason(server.url, headers={"Authorization": "canary"})
        assert said.startswith(f"{server.url} cannot be asked: its certificate is not trusted (self")
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert "not valid for 'localhost'" in reason(server.url.replace("127.0.0.1", "localhost"))
        assert server.requests == []
        reply = asked(server.url)
        assert isinstance(reply, HttpReply)
        assert (reply.status, reply.body) == (200, b'{"status": "ok"}')
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
        assert "the certificates to trust cannot be read" in reason(server.url)


def test_a_server_without_tls_is_nobodys_fault_and_one_that_hangs_up_is_its_own() -> None:
    def hang_up(exchange: Heard) -> None:
        exchange.connection.close()

    with scripted_server(b"HTTP/1.1 400 Bad\r\n\r\n", hang_up) as server:
        url = server.url.replace("http", "https")
        assert "cannot be asked: TLS fails (" in reason(url)
        reply = asked(url)
    assert isinstance(reply, HttpReply)
    assert reply.failure.startswith("the connection ")
