"""Requests to Prometheus' HTTP API with the package for it, tamed: for all that is not on the hot path.

Its own queries drop warnings and result types, try again unseen, and know no deadline. Importing this loads the
package, so it is imported inside the function that asks.
"""

from __future__ import annotations

from functools import partial
from http.client import HTTPException
from time import monotonic

import requests
from prometheus_api_client.prometheus_connect import PrometheusConnect
from requests.exceptions import SSLError
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from rollout.sources.prometheus_connection import Connection
from rollout.sources.prometheus_reply import Failure, Reply, Request, failure, receive
from rollout.sources.prometheus_tls import authorities

_CHUNK = 2**16


class Api(PrometheusConnect):
    """The client without its habits."""

    def __init__(self, connection: Connection) -> None:
        session = _Session()
        session.verify = authorities(connection.ca) if connection.secure else True
        # An authentication that adds nothing keeps `requests` from looking one up in .netrc, which would replace the
        # headers. trust_env = False would do that too, but would lose HTTP_PROXY.
        session.auth = _unchanged
        super().__init__(connection.base, connection.http_headers, retry=Retry(0), session=session)
        self._connection = connection

    def get(self, request: Request, deadline: float) -> Reply | Failure:
        left = deadline - monotonic()
        if left <= 0:
            return Failure(self._connection.too_late)
        try:
            with self._session.request(
                "POST" if request.posted else "GET",
                f"{self.url}{request.path}",
                params=None if request.posted else request.parameters,
                data=request.parameters if request.posted else None,
                headers=self.headers,
                verify=self._session.verify,
                stream=True,
                timeout=left,
            ) as response:
                # Every piece as it comes: reading a fixed amount would wait for all of it, however slowly it drips.
                read = partial(response.raw.read1, _CHUNK, decode_content=False)
                return receive(response.status_code, response.headers.get, read, self._connection, deadline)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            return failure(error, self._connection, final=isinstance(error, SSLError | ValueError))


class _Session(requests.Session):
    def get_redirect_target(self, _resp: requests.Response) -> str | None:
        """None for every response: a redirect would carry headers to another host, and its body is read unbounded."""
        return None


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
