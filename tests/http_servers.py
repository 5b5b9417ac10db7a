"""Servers that answer badly, and the `http` gate that is judged on what they say."""

from __future__ import annotations

import socket
import ssl
import struct
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from rollout.gates.http import ExpectedResponse, HttpGate, Method
from rollout.model.gate import Scope
from rollout.model.probes import HttpProbe
from rollout.model.verdicts import Finding
from rollout.sources.http import HttpSource
from tests.fakes import NOON
from tests.scripted_server import Exchange, Script

SCOPE = Scope("production", NOON)
LONG = timedelta(seconds=20)
GOOD = '{"status": "ok"}'
JSON_OK = ExpectedResponse(json={"status": "ok"})
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def no_variables(_: str) -> Callable[[str], str | None]:
    return lambda _: None


SOURCE = HttpSource(no_variables, lambda _: True)


def judged(
    url: str, expect: ExpectedResponse = JSON_OK, method: Method = Method.GET, patience: timedelta = LONG
) -> Finding:
    gate = HttpGate(url=url, method=method, expect=expect)
    (question,) = gate.needs(SCOPE)
    probe = HttpProbe("production", url, method, timeout=patience)
    return gate.judge({question: SOURCE.ask([probe])[probe]}, SCOPE)


def reset(exchange: Exchange) -> None:
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(exchange: Exchange) -> None:
    exchange.connection.shutdown(socket.SHUT_WR)


def hang(exchange: Exchange) -> None:
    exchange.stopping.wait(30)


def saying(*pieces: bytes, then: Script = b"") -> Script:
    def script(exchange: Exchange) -> None:
        for piece in pieces:
            exchange.send(piece)
        if not isinstance(then, bytes):
            then(exchange)

    return script


def dripping(piece: bytes, begin: bytes = b"HTTP/1.1 200 OK\r\n") -> Script:
    def script(exchange: Exchange) -> None:
        exchange.send(begin)
        exchange.drip(piece)

    return script


def self_signed(certificate: Path) -> ssl.SSLContext:
    """What a server shows a certificate of 127.0.0.1 with that only those trust who trust this file."""
    key = certificate.with_suffix(".key")
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=service", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", *kind, *names, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True, timeout=10)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
