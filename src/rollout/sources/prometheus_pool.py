"""The hot path to Prometheus: requests over connections that are kept open, on nothing but `http.client`.

`prometheus-api-client` and the `requests` beneath it take longer to load than a check of a few gates waits for all of
its answers. What is not on the hot path still goes through it: `prometheus_http`.
"""

from __future__ import annotations

import ssl  # http.client has loaded it anyway
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from time import monotonic
from urllib.parse import quote, urlencode, urlsplit
from weakref import finalize

from rollout.sources.prometheus_connection import Connection
from rollout.sources.prometheus_reply import Failure, Reply, Request, failure, receive
from rollout.sources.prometheus_wire import connect

_PIECE = 2**16


class Pool:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._idle: list[_Line] = []
        finalize(self, _close, self._idle)
        self._flaw: Failure | None = None
        self._tls: ssl.SSLContext | None = None
        if connection.secure:
            from rollout.sources.prometheus_tls import authorities, context

            trusted = authorities(connection.ca)
            try:
                self._tls = context(trusted)
            except OSError as error:
                said = connection.quote(error.strerror or str(error))
                self._flaw = Failure(f"{connection.base} cannot be asked: no certificates in {trusted}: {said}")

    def get(self, request: Request, deadline: float) -> Reply | Failure:
        if self._flaw:
            return self._flaw
        if deadline <= monotonic():
            return Failure(self._connection.too_late)
        line = None
        try:
            line = self._kept(deadline) or _Line(self._connection, self._tls, deadline)
            reply = self._exchange(line, request, deadline)
        except (HTTPException, OSError, ValueError) as error:
            if line:
                line.close()
            return failure(error, self._connection, final=isinstance(error, ssl.SSLError | ValueError))
        if line.open and isinstance(reply, Reply):
            self._idle.append(line)
        else:
            line.close()
        return reply

    def _kept(self, deadline: float) -> _Line | None:
        while self._idle:
            try:
                line = self._idle.pop()
            except IndexError:  # another thread was faster
                return None
            if line.wire.silent:
                line.wire.begin(deadline)
                return line
            line.close()
        return None

    def _exchange(self, line: _Line, request: Request, deadline: float) -> Reply | Failure:
        parts, headers = urlsplit(self._connection.base), self._connection.http_headers
        target = quote(parts.path, safe="/%:@!$&'()*+,;=~") + request.path
        if self._connection.proxy and not self._tls:
            target, headers = f"http://{parts.netloc}{target}", headers | self._connection.proxy.headers
        encoded = urlencode(request.parameters)
        if request.posted:
            line.request("POST", target, encoded, headers | {"Content-Type": "application/x-www-form-urlencoded"})
        else:
            line.request("GET", f"{target}?{encoded}", headers=headers)
        with line.getresponse() as response:
            line.wire.begin_body()
            return receive(response.status, response.getheader, lambda: _piece(response), self._connection, deadline)


class _Line(HTTPConnection):
    def __init__(self, connection: Connection, tls: ssl.SSLContext | None, deadline: float) -> None:
        super().__init__(*connection.address)
        self.default_port = 443 if tls else 80
        self.auto_open = 0
        self.wire = connect(connection, tls, deadline)
        self.wire.begin(deadline)
        self.sock = self.wire

    @property
    def open(self) -> bool:
        """Whether the server leaves it open."""
        return self.sock is not None


def _close(lines: list[_Line]) -> None:
    for line in lines:
        line.close()


def _piece(response: HTTPResponse) -> bytes:
    piece = response.read(_PIECE)
    if not piece and response.length:
        raise IncompleteRead(b"", response.length)
    return piece
