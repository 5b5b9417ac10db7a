"""Prometheus behind TLS, and behind proxies: who is trusted, who is asked, and who learns what."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest

from rollout.model.evidence import Answer, LoadedRulesQuery, Query, Series, Unanswered, answer_to
from rollout.sources.prometheus import Connection, PrometheusSource
from tests.prometheus_asking import gather
from tests.scripted_server import Exchange, http, scripted_server

ONE = http('{"status": "success", "data": {"resultType": "scalar", "result": [1, "1"]}}')
ANSWER = Answer((Series((), 1.0),))
UP, UP_AGAIN = Query("up", "production"), Query("up or up", "production")
RULES = LoadedRulesQuery("production")
_TRUST = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _TRUST:
        monkeypatch.delenv(name, raising=False)
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1 alone, signed by itself; its key beside it."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=prometheus"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run([*command.split(), *names], cwd=folder, check=True, capture_output=True, timeout=10)
    return folder / "certificate.pem"


@pytest.fixture(scope="module")
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    return context


def ask(connection: Connection) -> Answer | Unanswered:
    return answer_to(gather(PrometheusSource(connection), UP), UP)


def reason(connection: Connection) -> str:
    outcome = ask(connection)
    assert isinstance(outcome, Unanswered)
    return outcome.reason


def test_a_certificate_is_checked_against_the_given_authority(
    certificate: Path, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    with scripted_server(ONE, tls=tls) as server:
        assert ask(Connection(server.url, ca=str(certificate))) == ANSWER
        assert "certificate verify failed" in reason(Connection(server.url))
        none = tmp_path / "none.pem"
        assert f"no certificates in {none}: No such file" in reason(Connection(server.url, ca=str(none)))
        assert "cannot be asked" in reason(Connection(server.url, ca=str(certificate.with_name("key.pem"))))
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", _TRUST[:3])
def test_the_environment_names_authorities(
    certificate: Path, tls: ssl.SSLContext, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(certificate))
    with scripted_server(ONE, http('{"status": "success", "data": {"groups": []}}'), tls=tls) as server:
        source = PrometheusSource(Connection(server.url))
        assert source.ask([UP]) == {UP: ANSWER}
        assert source.ask([RULES]) == {RULES: ()}
        del source  # with its connection, at which the server would wait for more


def test_a_certificate_of_another_host_is_refused(certificate: Path, tls: ssl.SSLContext) -> None:
    with scripted_server(ONE, tls=tls) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        assert "certificate verify failed: Hostname mismatch" in reason(Connection(url, ca=str(certificate)))
        assert server.requests == []


def test_a_refused_certificate_is_not_tried_again(tls: ssl.SSLContext) -> None:
    with scripted_server(ONE, tls=tls) as server:
        reason(Connection(server.url))
        assert len(server.connections) == 1


def test_a_connection_over_tls_is_used_again(certificate: Path, tls: ssl.SSLContext) -> None:
    with scripted_server(ONE, tls=tls) as server:
        source = PrometheusSource(Connection(server.url, ca=str(certificate)))
        assert source.ask([UP]) == {UP: ANSWER}
        assert source.ask([UP_AGAIN]) == {UP_AGAIN: ANSWER}
        assert len(server.connections) == 1
        del source


def test_a_server_without_tls_is_unanswered() -> None:
    with scripted_server(b"HTTP/1.1 400 Bad\r\n\r\n") as server:
        assert "cannot be asked: [SSL" in reason(Connection(server.url.replace("http", "https")))


def test_a_server_that_is_silent_before_tls_is_given_up_at_the_deadline() -> None:
    with scripted_server(lambda exchange: exchange.drip(b"")) as server:
        begin = monotonic()
        said = reason(Connection(server.url.replace("http", "https"), timeout=0.3))
        assert monotonic() - begin < 1.0
    assert said.endswith("gave no whole answer within 0.3 s")


def test_a_body_that_drips_over_tls_is_given_up_at_the_deadline(certificate: Path, tls: ssl.SSLContext) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
        exchange.drip(b" ")

    with scripted_server(answer, tls=tls) as server:
        begin = monotonic()
        said = reason(Connection(server.url, ca=str(certificate), timeout=0.5))
        assert monotonic() - begin < 1.2
    assert said.endswith("gave no whole answer within 0.5 s")


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(ONE) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//me:canary%21@"))
        monkeypatch.setenv("no_proxy", "localhost")
        source = PrometheusSource(Connection("http://prometheus.invalid:9090/prefix", token="token"))
        assert source.ask([UP, UP_AGAIN]) == {UP: ANSWER, UP_AGAIN: ANSWER}
    lines = proxy.requests[0].decode().split("\r\n")
    assert lines[0].startswith("GET http://prometheus.invalid:9090/prefix/api/v1/query?query=up")
    assert {"Host: prometheus.invalid:9090", "Proxy-Authorization: Basic bWU6Y2FuYXJ5IQ=="} <= set(lines)


def test_a_proxy_that_is_not_for_this_host_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "example.com,127.0.0.1")
    with scripted_server(ONE) as server:
        assert ask(Connection(server.url)) == ANSWER


def relaying_to(port: int) -> Callable[[Exchange], None]:
    """A proxy that lets through to a server, whatever name it is asked for."""

    def relay(exchange: Exchange) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            exchange.send(b"HTTP/1.1 200 Connection established\r\nX-Proxy: 1\r\n\r\n")
            back = Thread(target=_copy, args=(server, exchange.connection))
            back.start()
            _copy(exchange.connection, server)
            back.join()

    return relay


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def test_tls_goes_through_a_proxy_which_sees_no_credential_of_the_server(
    certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_server(ONE, tls=tls) as server, scripted_server(relaying_to(server.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"me:canary@127.0.0.1:{proxy.port}")
        source = PrometheusSource(Connection(server.url, token="token", ca=str(certificate)))
        assert source.ask([UP]) == {UP: ANSWER}
        assert source.ask([UP_AGAIN]) == {UP_AGAIN: ANSWER}
        address = f"127.0.0.1:{server.port}"
        assert proxy.requests == [
            f"CONNECT {address} HTTP/1.1\r\nHost: {address}\r\nProxy-Authorization: Basic bWU6Y2FuYXJ5\r\n\r\n".encode()
        ]
        assert b"Authorization: Bearer token" in server.requests[0]
        assert b"Proxy-" not in server.requests[0]
        del source


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (http("", "407 Proxy Authentication Required"), "it answers 407 Proxy Authentication Required"),
        (http("", "403 for me:canary"), "it answers 403 for me:***"),
        (b"SSH-2.0\r\n", "SSH-2.0"),
        (lambda _: None, "Remote end closed connection without response"),
    ],
)
def test_a_proxy_that_does_not_let_through_is_told_without_its_password(
    reply: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_server(reply) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("//", "//me:canary@"))
        assert (
            reason(Connection("https://prometheus.invalid/x"))
            == f"https://prometheus.invalid/x cannot be asked through the proxy {proxy.url}: {said}"
        )


def test_a_proxy_that_drips_is_given_up_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nA: ")
        exchange.drip(b"a")

    with scripted_server(answer) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        begin = monotonic()
        assert "within 0.3 s" in reason(Connection("https://prometheus.invalid", timeout=0.3))
        assert monotonic() - begin < 1.0


def test_a_proxy_behind_tls_is_asked_by_the_package_that_knows_how(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(b"") as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("http", "https"))
        assert "cannot be asked through the proxy https://127.0.0.1" in reason(Connection("http://prometheus.invalid"))
    assert proxy.requests[0].startswith(b"\x16\x03")


@pytest.mark.parametrize("proxy", ["http://canary:x", "http://", "http://[canary", "http://canary@", "canary:99999999"])
def test_a_proxy_that_cannot_be_read_is_a_sentence(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    said = reason(Connection("http://prometheus.invalid"))
    assert said == "the URL of the proxy that the environment names for Prometheus cannot be read"
