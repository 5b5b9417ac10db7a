"""A server on loopback that says exactly the bytes a test writes, and keeps what it was asked."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread


@dataclass
class Exchange:
    """One request, to be answered byte by byte; the connection closes when the script's function returns."""

    request: bytes
    connection: socket.socket
    stopping: Event

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def next(self) -> bytes:
        """The next request on this connection; empty when there is none."""
        return read_request(self.connection)

    def drip(self, piece: bytes) -> None:
        """Again and again, until the client or the test has had enough."""
        while not self.stopping.wait(0.02):
            self.send(piece)


_TLS_HELLO = b"\x16\x03"

Script = bytes | Callable[[Exchange], None]


@dataclass
class ScriptedServer:
    """The first request gets the first line of the script, every one after the last gets the last."""

    script: tuple[Script, ...]
    listener: socket.socket
    port: int
    tls: ssl.SSLContext | None = None
    stopping: Event = field(default_factory=Event)
    requests: list[bytes] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def accept(self) -> None:
        threads = []
        with suppress(OSError):  # the listener is shut down when the test ends
            while True:
                connection, _ = self.listener.accept()
                self.connections.append(connection)
                if self.stopping.is_set():
                    connection.shutdown(socket.SHUT_RDWR)
                threads.append(Thread(target=self._serve, args=(connection,)))
                threads[-1].start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        self.stopping.set()
        for end in (self.listener, *self.connections):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                while request := read_request(connection):
                    self.requests.append(request)
                    line = self.script[min(len(self.requests), len(self.script)) - 1]
                    if not isinstance(line, bytes):
                        line(Exchange(request, connection, self.stopping))
                        return
                    connection.sendall(line)
                    if b"Content-Length" not in line and b"chunked" not in line:
                        return


@contextmanager
def scripted_server(*script: Script, tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        server = ScriptedServer(script, listener, listener.getsockname()[1], tls)
        acceptor = Thread(target=server.accept)
        acceptor.start()
        try:
            yield server
        finally:
            server.stop()
            acceptor.join()


def http(body: bytes | str, status: str = "200 OK", **headers: str) -> bytes:
    """A whole response; `Content_Type="text/html"` becomes a header."""
    data = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if "Content_Length" not in headers:
        lines.append(f"Content-Length: {len(data)}")
    return "\r\n".join((*lines, "", "")).encode("latin-1") + data


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data and not data.startswith(_TLS_HELLO):
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
