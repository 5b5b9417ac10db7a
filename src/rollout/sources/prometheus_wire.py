"""A connection to Prometheus, or to a proxy before it, on which everything ends at one deadline.

A socket's own time-out is for each piece anew: whoever lets bytes drip would never be given up.
"""

from __future__ import annotations

import socket
from http.client import HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from select import POLLIN, poll
from time import monotonic
from typing import TYPE_CHECKING, cast

from rollout.sources.prometheus_connection import Connection

if TYPE_CHECKING:
    import ssl

    from _typeshed import WriteableBuffer

_HEAD = 2**16
"""Bytes that the headers of a reply may take."""


class Wire:
    """What `http.client` needs of a socket."""

    def __init__(self, raw: socket.socket) -> None:
        self._raw = raw
        self._head = 0
        self.deadline = 0.0

    def begin(self, deadline: float) -> None:
        """From here on, a reply is awaited."""
        self.deadline, self._head = deadline, _HEAD

    def begin_body(self) -> None:
        self._head = 0

    @property
    def silent(self) -> bool:
        """Whether it is still open, and nothing lies on it that nobody asked for: the rest of an answer, perhaps."""
        waiting = poll()
        waiting.register(self._raw, POLLIN)
        return not waiting.poll(0)

    def sendall(self, data: bytes) -> None:
        self._raw.settimeout(self._left())
        self._raw.sendall(data)

    def makefile(self, _mode: str) -> BufferedReader:
        return BufferedReader(_Reader(self, self._raw.makefile("rb", buffering=0)))

    def read(self, source: RawIOBase, buffer: WriteableBuffer) -> int:
        self._raw.settimeout(self._left())
        count = source.readinto(buffer) or 0
        if self._head:
            self._head -= count
            if self._head <= 0:
                raise HTTPException(f"the headers of the answer are larger than {_HEAD // 2**10} KiB")
        return count

    def close(self) -> None:
        self._raw.close()

    def _left(self) -> float:
        left = self.deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Reader(RawIOBase):
    def __init__(self, wire: Wire, source: RawIOBase) -> None:
        self._wire = wire
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._wire.read(self._source, buffer)

    def close(self) -> None:
        self._source.close()
        super().close()


def connect(connection: Connection, tls: ssl.SSLContext | None, deadline: float) -> Wire:
    """OSError or HTTPException where there is no way."""
    host, port = connection.address
    proxy = connection.proxy
    raw = _open(*((proxy.host, proxy.port) if proxy else (host, port)), deadline)
    try:
        if proxy and tls:
            _pass(raw, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", proxy.headers, deadline)
        if tls:
            raw.settimeout(max(deadline - monotonic(), 0.001))
            raw = tls.wrap_socket(raw, server_hostname=host)
    except BaseException:
        raw.close()
        raise
    return Wire(raw)


def _open(host: str, port: int, deadline: float) -> socket.socket:
    # A name in bytes does without the codec of international names, which takes its time to load.
    error: OSError = TimeoutError()
    for family, kind, protocol, _, address in socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM):
        raw = socket.socket(family, kind, protocol)
        try:
            raw.settimeout(max(deadline - monotonic(), 0.001))
            raw.connect(address)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as refused:
            raw.close()
            error = refused
        else:
            return raw
    raise error


def _pass(raw: socket.socket, address: str, headers: dict[str, str], deadline: float) -> None:
    """Asks a proxy for a way to the server."""
    wire = Wire(raw)
    wire.begin(deadline)
    lines = [f"CONNECT {address} HTTP/1.1", f"Host: {address}", *(f"{name}: {text}" for name, text in headers.items())]
    wire.sendall("\r\n".join((*lines, "", "")).encode())
    response = HTTPResponse(cast(socket.socket, wire), method="CONNECT")
    response.begin()
    if response.status != 200:
        raise HTTPException(f"it answers {response.status} {response.reason}")
    response.close()
