"""One request and its reply, bounded in time and size.

Importing this loads httpx, which takes some 0.15 s, so it is imported when an address is asked and not before. Its
transport is used without its client, which would keep cookies, log URLs and read the addresses of redirects.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from time import monotonic

import httpx
from httpcore import NetworkStream

from rollout.model.evidence import Unanswered
from rollout.model.probes import HttpReply, without_credentials
from rollout.sources.http_fault import Fault, fault_of
from rollout.sources.http_request import Request
from rollout.sources.prometheus_proxy import proxy_for
from rollout.sources.prometheus_tls import authorities, context

_LIMIT = 2**20
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "rollout", "Connection": "close"}


def trust(scheme: str) -> ssl.SSLContext | Unanswered:
    """What certificates are checked against; for `http`, which shows none, nothing is loaded."""
    if scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return context(authorities(""))
    except OSError:
        return Unanswered("the certificates to trust cannot be read (SSL_CERT_FILE and the like say where they are)")


class Exchange:
    """Its time begins when it is made; `outcome` stands when `run` has returned."""

    def __init__(self, request: Request, trusted: ssl.SSLContext, seconds: float) -> None:
        self._request = request
        self._trusted = trusted
        self._seconds = seconds
        self.deadline = monotonic() + seconds
        self.outcome: HttpReply | Unanswered = Unanswered("asking broke off")  # stays if a bug ends the thread
        self._stream: NetworkStream | None = None
        self._proxied = False
        self._status = 0

    def run(self) -> None:
        try:
            with self._transport() as transport:
                self.outcome = self._reply(transport)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError) as error:
            self.outcome = self._no_reply(fault_of(error, connected=self._stream is not None))

    def give_up(self) -> HttpReply | Unanswered:
        """What it came to at its deadline. Cutting the line ends the thread, which headers could drip on for days."""
        line = self._stream.get_extra_info("socket") if self._stream else None
        if isinstance(line, socket.socket):
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)  # TLS' own would pull its state from under the reader
        return self._no_reply(None)

    def _transport(self) -> httpx.HTTPTransport:
        self._proxied = True  # an unreadable one too
        proxy = proxy_for(self._request.url)
        self._proxied = proxy is not None
        return httpx.HTTPTransport(verify=self._trusted, proxy=proxy.url if proxy else None)

    def _reply(self, transport: httpx.HTTPTransport) -> HttpReply | Unanswered:
        headers = httpx.Headers(_HEADERS)
        headers.update(self._request.headers)
        begun = monotonic()
        sent = httpx.Request(
            self._request.method,
            self._request.url,
            headers=headers,
            content=self._request.body,
            extensions={
                "timeout": dict.fromkeys(("connect", "read", "write", "pool"), max(0.001, self.deadline - begun)),
                "trace": self._follow,
            },
        )
        response = transport.handle_request(sent)
        self._status = response.status_code
        if self._proxied and self._status == 407:
            return self._no_reply(Fault("it wants credentials (407)"))
        body, unread = self._read(response)
        return HttpReply(
            address=self._request.address,
            quote=self._request.quoter.quote,
            status=self._status,
            body=body,
            unread=unread,
            elapsed=timedelta(seconds=monotonic() - begun),
            location=self._request.quoter.quote(without_credentials(response.headers.get("Location", ""))),
        )

    def _follow(self, event: str, info: Mapping[str, object]) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            stream = info["return_value"]
            self._stream = stream if isinstance(stream, NetworkStream) else None
        elif event.endswith("send_request_headers.started") and monotonic() > self.deadline:
            raise TimeoutError  # nothing is sent that nobody waits for any more

    def _read(self, response: httpx.Response) -> tuple[bytes, str]:
        """The body, or why there is none to judge."""
        body = bytearray()
        for piece in response.iter_raw():
            body += piece
            if len(body) > _LIMIT:
                return b"", f"its body is larger than {_LIMIT >> 20} MiB"
            if monotonic() > self.deadline:
                raise TimeoutError
        encoding = response.headers.get("Content-Encoding", "identity")
        if body and encoding.lower() != "identity":  # unpacked, a small body may be larger than all memory
            return b"", f"its body is packed as {self._request.quoter.quote(encoding)!r}, which was not asked for"
        return bytes(body), ""

    def _no_reply(self, fault: Fault | None) -> HttpReply | Unanswered:
        """For None it was too late."""
        address, seconds = self._request.address, self._seconds
        if fault is None:
            connected = self._stream is not None
            what = "it did not end" if self._status else "nothing came" if connected else "there was no connection"
            fault = Fault(f"{what} within {seconds:g} s", own=connected)
        if self._proxied:
            return Unanswered(f"{address} cannot be asked through the proxy of the environment: {fault.why}")
        if not fault.own:
            return Unanswered(f"{address} cannot be asked: {fault.why}")
        why = f"{fault.why} (after status {self._status})" if self._status else fault.why
        return HttpReply(address=address, quote=self._request.quoter.quote, failure=why)
