"""Services that keep a gate waiting, cannot be reached or are many: nothing is waited for beyond its deadline."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from rollout.gates.http import ExpectedResponse
from rollout.model.probes import HttpProbe, HttpReply
from rollout.model.verdicts import Finding, Outcome
from tests.http_servers import CHUNKED, GOOD, HEAD, LONG, SOURCE, dripping, hang, judged, saying, self_signed
from tests.scripted_server import Exchange, Script, http, scripted_server

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
SOON = timedelta(seconds=0.5)


@pytest.fixture(scope="module", autouse=True)
def _no_proxies() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("no_proxy", "*")
        yield


STALLS: dict[str, tuple[Script, str]] = {
    "silence": (hang, "nothing came within 0.5 s"),
    "half a status": (saying(b"HTTP/1.1 2", then=hang), "nothing came within 0.5 s"),
    "dripping headers": (dripping(b"X: y\r\n"), "nothing came within 0.5 s"),
    "early hints without end": (dripping(b"HTTP/1.1 103 X\r\n\r\n", b""), "nothing came within 0.5 s"),
    "a body that stops": (saying(HEAD + b"Content-Length: 9\r\n\r\n{", then=hang), "it did not end within 0.5 s"),
    "a dripping body": (dripping(b" ", HEAD + b"\r\n"), "it did not end within 0.5 s (after status 200)"),
    "dripping chunks": (dripping(b"1\r\n \r\n", CHUNKED), "it did not end within 0.5 s (after status 200)"),
    "dripping chunk sizes": (dripping(b"0", CHUNKED), "it did not end within 0.5 s (after status 200)"),
    "dripping trailers": (dripping(b"X: y\r\n", CHUNKED + b"0\r\n"), "it did not end within 0.5 s"),
}


@dataclass(frozen=True)
class Stalled:
    url: str
    finding: Finding
    took: float


@pytest.fixture(scope="module")
def stalled() -> Mapping[str, Stalled]:
    """All of them at the same time."""

    def one(script: Script) -> Stalled:
        with scripted_server(script) as server:
            begun = monotonic()
            return Stalled(server.url, judged(server.url, patience=SOON), monotonic() - begun)

    with ThreadPoolExecutor(len(STALLS)) as pool:
        return dict(zip(STALLS, pool.map(one, [script for script, _ in STALLS.values()]), strict=True))


@pytest.mark.parametrize("name", STALLS)
def test_a_service_that_stalls_fails_at_the_deadline(stalled: Mapping[str, Stalled], name: str) -> None:
    one, (_, said) = stalled[name], STALLS[name]
    assert one.took < 2.5
    assert one.finding.outcome is FAIL
    assert f"{one.url} gives no whole answer: {said}" in one.finding.reason


@pytest.mark.parametrize("tls", [False, True])
def test_no_thread_stays_on_a_line_that_was_given_up(
    tls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, ended = tmp_path / "certificate.pem", Event()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    def drip(exchange: Exchange) -> None:
        try:
            exchange.send(HEAD)
            exchange.drip(b"X: y\r\n")
        except OSError:
            ended.set()

    with scripted_server(drip, tls=self_signed(certificate) if tls else None) as server:
        assert "nothing came within 0.5 s" in judged(server.url, patience=SOON).reason
        assert ended.wait(10)


def test_a_handshake_that_stalls_is_the_fault_of_the_service() -> None:
    with scripted_server(hang) as server:
        finding = judged(server.url.replace("http", "https"), patience=SOON)
    assert finding.outcome is FAIL
    assert finding.reason.endswith("gives no whole answer: nothing came within 0.5 s")


@contextmanager
def bound(*, deaf: bool) -> Iterator[int]:
    """A port where nobody listens, or, `deaf`, where somebody listens and answers no call."""
    with socket.socket() as server, socket.socket() as first, socket.socket() as second:
        server.bind(("127.0.0.1", 0))
        if deaf:
            server.listen(0)
            for line in (first, second):
                line.setblocking(False)
                line.connect_ex(server.getsockname())
        yield server.getsockname()[1]


def test_a_refused_connection_is_the_fault_of_the_service() -> None:
    with bound(deaf=False) as port:
        finding = judged(f"http://127.0.0.1:{port}/health")
    assert finding.outcome is FAIL
    assert finding.reason == f"http://127.0.0.1:{port}/health gives no whole answer: the connection is refused"


def test_a_call_that_nobody_takes_is_nobodys_fault() -> None:
    with bound(deaf=True) as port:
        begun = monotonic()
        finding = judged(f"http://127.0.0.1:{port}", patience=SOON)
        assert monotonic() - begun < 2.5
    assert finding.outcome is UNKNOWN
    assert finding.reason.endswith("cannot be asked: there was no connection within 0.5 s")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://service.invalid/x", "http://service.invalid/x cannot be asked: its name cannot be resolved"),
        ("http://.invalid", "its name cannot be resolved"),
        ("http://" + "a" * 64 + ".invalid", "its name cannot be resolved"),
        ("http://127.0.0.1:0", "127.0.0.1:0 "),
        ("http://255.255.255.255:80", "cannot be asked: no way leads there"),
    ],
)
def test_where_no_way_leads_nothing_is_known(url: str, said: str) -> None:
    finding = judged(url)
    assert finding.outcome is not PASS
    assert said in finding.reason


def test_all_are_asked_at_once_and_one_that_hangs_holds_up_no_other() -> None:
    def by_path(exchange: Exchange) -> None:
        if b"GET /hang" in exchange.request:
            hang(exchange)
        else:
            exchange.send(http(GOOD))

    with scripted_server(by_path) as server:
        paths = [f"/{kind}/{number}" for number in range(12) for kind in ("hang", "good")]
        probes = [HttpProbe("production", f"{server.url}{path}", timeout=timedelta(seconds=1)) for path in paths]
        begun = monotonic()
        replies = SOURCE.ask([*probes, probes[0]])
        assert monotonic() - begun < 2.9
    assert len(server.requests) == len(probes) == len(replies)
    for probe in probes:
        reply = replies[probe]
        assert isinstance(reply, HttpReply)
        assert (reply.status == 200) is ("/good" in probe.url)
        assert bool(reply.failure) is ("/hang" in probe.url)


def test_nothing_is_asked_where_there_is_no_question() -> None:
    assert SOURCE.ask([]) == {}


def test_the_time_runs_to_the_end_of_the_body() -> None:
    def late(exchange: Exchange) -> None:
        exchange.send(HEAD + b"\r\n" + GOOD[:3].encode())
        exchange.stopping.wait(0.3)
        exchange.send(GOOD[3:].encode())

    with scripted_server(late) as server:
        finding = judged(server.url, ExpectedResponse(within=timedelta(milliseconds=250)))
        assert judged(server.url, ExpectedResponse(within=LONG)).outcome is PASS
    assert finding.outcome is FAIL
    assert finding.observed is not None
    assert 0.25 < finding.observed < 10
