"""What comes back from one request to Prometheus' HTTP API, bounded in time and size, before anybody reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from time import monotonic, time
from typing import Protocol

from rollout.frozen import dataclass
from rollout.sources.prometheus_connection import Connection

LARGEST = 2 * 2**20
"""Bytes that are read of one reply."""
_MUCH = LARGEST // 4
LONG = 2000
"""Characters from which on a query is posted: proxies cut URLs, but some of them let nobody post."""


@dataclass(frozen=True)
class Request:
    """`hot`: a check of the usual gates waits for it."""

    path: str
    parameters: Mapping[str, str]
    points: range = range(0)  # those of a grid that it is about
    hot: bool = True

    @property
    def posted(self) -> bool:
        return sum(map(len, self.parameters.values())) > LONG


@dataclass(frozen=True)
class Reply:
    """`ahead`: seconds by which the server's clock is ahead of this machine's, where the server told."""

    status: int
    body: bytearray
    location: str = ""
    ahead: float = 0.0

    @property
    def passing(self) -> bool:
        """Whether a second try may end otherwise."""
        return self.status == 429 or self.status >= 500

    @property
    def large(self) -> bool:
        return len(self.body) > _MUCH


@dataclass(frozen=True)
class Failure:
    """No reply, or none that was read; `passing` as for a reply. `large`: it was too large to be read whole."""

    reason: str
    passing: bool = False
    large: bool = False


class Client(Protocol):
    def get(self, request: Request, deadline: float) -> Reply | Failure:
        """`deadline` is a moment of the monotonic clock."""
        ...


def receive(
    status: int,
    header: Callable[[str], str | None],
    read: Callable[[], bytes],
    connection: Connection,
    deadline: float,
) -> Reply | Failure:
    """`read` gives the body piece by piece, as it comes."""
    ahead = _ahead(header("Date"))
    encoding = header("Content-Encoding") or "identity"
    if encoding.lower() != "identity":
        said = connection.quote(encoding)
        return Failure(f"{connection.base} encodes its answer as {said!r}, which nobody asked for")
    body = bytearray()
    while piece := read():
        body += piece
        if len(body) > LARGEST:
            return Failure(f"{connection.base}: the answer is larger than {LARGEST // 2**20} MiB", large=True)
        if monotonic() > deadline:
            return Failure(connection.too_late)
    return Reply(status, body, header("Location") or "", ahead)


def _ahead(date: str | None) -> float:
    from email.utils import parsedate_to_datetime

    if date is None:
        return 0.0
    try:
        told = parsedate_to_datetime(date)
        return told.replace(tzinfo=told.tzinfo or UTC).timestamp() - time()
    except (ValueError, TypeError, IndexError, OverflowError):  # no date: then the server has told none
        return 0.0


def failure(error: Exception, connection: Connection, *, final: bool) -> Failure:
    """Why there is no reply. `final`: a second try would end the same way."""
    cause = _innermost(error)
    if isinstance(cause, TimeoutError):
        return Failure(connection.too_late)
    # Messages of the libraries repeat URLs and headers; those of the system say what happened.
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    through = f" through the proxy {connection.proxy.shown}" if connection.proxy else ""
    return Failure(f"{connection.base} cannot be asked{through}: {connection.quote(said)}", passing=not final)


def _innermost(error: BaseException) -> BaseException:
    nested = next((part for part in error.args if isinstance(part, BaseException)), None)
    deeper = error.__cause__ or error.__context__ or nested
    return _innermost(deeper) if deeper else error
