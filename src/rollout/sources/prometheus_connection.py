"""How a Prometheus is reached, and what may be said about that: never a credential."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cached_property
from urllib.parse import SplitResult, unquote, urlsplit

from rollout.frozen import dataclass, field
from rollout.processes.quoting import Quoter, one_line
from rollout.sources.prometheus_proxy import Proxy, proxy_for

_LEAST_NAME = 4
"""Characters from which on a user's name is masked: a shorter one occurs in any text."""
_LEAST_SECRET = 8
"""Characters from which on a header's value is taken for a credential."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True)
class Connection:
    """`timeout`: seconds for one query with its second try. `ca`: a file or folder; empty: what the system trusts.

    A token goes before a username; both go before user information in the URL.
    """

    url: str = field(repr=False)
    token: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca: str = ""
    timeout: float = 10.0

    def flaw(self) -> str | None:
        """Why nothing can be asked this way."""
        return self._url_flaw() or self._proxy_flaw() or self._header_flaw()

    def _url_flaw(self) -> str | None:
        """Never repeats the URL: where it is broken, any part of it may be a password."""
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            return "the URL of Prometheus cannot be read"
        if not self.url.isprintable() or " " in self.url:  # urlsplit drops line breaks and tabs without a word
            return "the URL of Prometheus contains a space or a character that cannot be printed"
        if parts.scheme not in ("http", "https") or not host:
            return "the URL of Prometheus must begin with http:// or https:// and the name of a host"
        if parts.query or parts.fragment or "@" in parts.path:
            return "the URL of Prometheus must not hold ?, # or a second @ (in a password: %3F, %23, %2F, %40)"
        try:
            _ = self.address
        except UnicodeError:
            return "the URL of Prometheus holds the name of a host that no name server could know"
        return None

    def _proxy_flaw(self) -> str | None:
        try:
            _ = self.proxy
        except ValueError:
            return "the URL of the proxy that the environment names for Prometheus cannot be read"
        return None

    def _header_flaw(self) -> str | None:
        for name, value in self.http_headers.items():
            if not _HEADER_NAME.fullmatch(name):
                return f"{self.quote(name)!r} is not the name of a header"
            if not (value.isascii() and value.isprintable() and value == value.strip()):
                return f"the header {name} for Prometheus contains a character that HTTP does not carry"
        return None

    @cached_property
    def base(self) -> str:
        """The URL without user information and without a slash at its end: what is asked, and what is shown."""
        return _without_credentials(urlsplit(self.url)).rstrip("/")

    @cached_property
    def address(self) -> tuple[str, int]:
        """Host and port, where the URL has no flaw."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        name = host if host.isascii() else host.encode("idna").decode()
        return name, parts.port if parts.port is not None else 443 if self.secure else 80

    @property
    def secure(self) -> bool:
        return self.url.lower().startswith("https:")

    @cached_property
    def proxy(self) -> Proxy | None:
        return proxy_for(self.url)

    @property
    def too_late(self) -> str:
        return f"{self.base} gave no whole answer within {self.timeout:g} s"

    @cached_property
    def http_headers(self) -> dict[str, str]:
        # An encoding that was not asked for is refused, so that no small body can unpack into a large one.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **self.headers}
        if self._authorization:
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            headers["Authorization"] = self._authorization
        return headers

    def quote(self, text: str) -> str:
        return self._quoter.quote(text)

    def mask(self, text: str) -> str:
        return self._quoter.mask(text)

    @cached_property
    def _authorization(self) -> str:
        if self.token:
            return f"Bearer {self.token}"
        user, password = self.username, self.password
        if not (user or password):
            parts = urlsplit(self.url)
            user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return "Basic " + b64encode(f"{user}:{password}".encode(errors="replace")).decode() if user or password else ""

    @cached_property
    def _quoter(self) -> Quoter:
        secrets = {self.token, self.password, self._authorization.rpartition(" ")[2]}
        # A short one is a tenant or a switch, and occurs in any text.
        secrets |= {value for value in self.headers.values() if len(value) >= _LEAST_SECRET}
        parts = urlsplit(self.url)
        name = parts.username or ""
        for part in (name if len(name) >= _LEAST_NAME else "", parts.password or ""):
            secrets |= {part, unquote(part)}
        return Quoter(secrets.union(self.proxy.secrets if self.proxy else ()))


def show_url(url: str) -> str:
    """Where a URL points, without user information, query and fragment."""
    try:
        return one_line(_without_credentials(urlsplit(url)))
    except ValueError:
        return "an address that cannot be read"


def _without_credentials(parts: SplitResult) -> str:
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else parts.path.rpartition("@")[2]
