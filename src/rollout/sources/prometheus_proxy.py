"""The proxy that the environment names for a URL, and what may be said of it: never its password."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from functools import cached_property
from urllib.parse import unquote, urlsplit

from rollout.frozen import dataclass, field

_VARIABLES = ("http_proxy", "https_proxy", "all_proxy")


@dataclass(frozen=True)
class Proxy:
    url: str = field(repr=False)

    @property
    def plain(self) -> bool:
        """Whether it is reached over HTTP: over TLS and as SOCKS there are proxies too."""
        return urlsplit(self.url).scheme == "http"

    @cached_property
    def shown(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 80

    @cached_property
    def headers(self) -> dict[str, str]:
        parts = urlsplit(self.url)
        if parts.username is None and parts.password is None:
            return {}
        pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        return {"Proxy-Authorization": f"Basic {b64encode(pair.encode(errors='replace')).decode()}"}

    @property
    def secrets(self) -> tuple[str, ...]:
        password = urlsplit(self.url).password or ""
        return (password, unquote(password), *(value.rpartition(" ")[2] for value in self.headers.values()))


def proxy_for(url: str) -> Proxy | None:
    """ValueError for one whose URL cannot be read."""
    # Loading urllib.request costs more than asking; elsewhere than on Linux the system's settings count too.
    if sys.platform == "linux" and not any(name.lower() in _VARIABLES for name in os.environ):
        return None
    from urllib.request import getproxies, proxy_bypass

    parts, proxies = urlsplit(url), getproxies()
    named = proxies.get(parts.scheme) or proxies.get("all")
    if not named or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    proxy = Proxy(named if "://" in named else f"http://{named}")
    if not (proxy.host and proxy.port):
        raise ValueError("no host")
    return proxy
