"""One request to Prometheus' HTTP API, bounded in time and size; what a reply means stands elsewhere.

Importing this loads the HTTP client, so it is imported inside the function that asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPException
from time import monotonic

import requests
from prometheus_api_client.prometheus_connect import PrometheusConnect
from requests.exceptions import SSLError
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from rollout.sources.prometheus_answer import Failure, Reply
from rollout.sources.prometheus_connection import Connection

_LIMIT = 8 * 2**20
_CHUNK = 2**16
_LONG = 2000
"""Characters from which on a query is posted: proxies cut URLs, but some of them let nobody post."""


class Api(PrometheusConnect):
    """The client without its habits: its own queries drop warnings and result types, retry, and know no deadline."""

    def __init__(self, connection: Connection) -> None:
        session = _Session()
        session.verify = connection.ca or True
        # An authentication that adds nothing keeps `requests` from looking one up in .netrc, which would replace the
        # headers. trust_env = False would do that too, but would lose HTTP_PROXY and REQUESTS_CA_BUNDLE.
        session.auth = _unchanged
        super().__init__(connection.base, connection.http_headers, retry=Retry(0), session=session)
        self._connection = connection

    def get(self, path: str, parameters: Mapping[str, str], deadline: float) -> Reply | Failure:
        """`deadline` is a moment of the monotonic clock."""
        left = deadline - monotonic()
        if left <= 0:
            return Failure(self._connection.too_late)
        long = sum(map(len, parameters.values())) > _LONG
        try:
            with self._session.request(
                "POST" if long else "GET",
                f"{self.url}{path}",
                params=None if long else parameters,
                data=parameters if long else None,
                headers=self.headers,
                verify=self._session.verify,
                stream=True,
                timeout=left,
            ) as response:
                return self._read(response, deadline)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            return self._failure(error)

    def _read(self, response: requests.Response, deadline: float) -> Reply | Failure:
        """Every piece as it comes: reading a fixed amount would wait for all of it, however slowly it drips."""
        where = self._connection.base
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding.lower() != "identity":
            said = self._connection.quote(encoding)
            return Failure(f"{where} encodes its answer as {said!r}, which nobody asked for")
        body = bytearray()
        while piece := response.raw.read1(_CHUNK, decode_content=False):
            body += piece
            if len(body) > _LIMIT:
                return Failure(f"{where}: the answer is larger than 8 MiB")
            if monotonic() > deadline:
                return Failure(self._connection.too_late)
        return Reply(response.status_code, bytes(body), response.headers.get("Location", ""))

    def _failure(self, error: Exception) -> Failure:
        cause = _innermost(error)
        if isinstance(cause, TimeoutError):
            return Failure(self._connection.too_late)
        # Messages of the libraries repeat URLs and headers; those of the system say what happened.
        said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
        reason = f"{self._connection.base} cannot be asked: {self._connection.quote(said)}"
        return Failure(reason, passing=not isinstance(error, SSLError | ValueError))


class _Session(requests.Session):
    def get_redirect_target(self, _resp: requests.Response) -> str | None:
        """None for every response: a redirect would carry headers to another host, and its body is read unbounded."""
        return None


def _innermost(error: BaseException) -> BaseException:
    nested = next((part for part in error.args if isinstance(part, BaseException)), None)
    deeper = error.__cause__ or error.__context__ or nested
    return _innermost(deeper) if deeper else error


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
