"""A probe with its variables filled in, and what may be said about it: never a credential."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import SplitResult, unquote, unquote_plus, urlsplit

from rollout.frozen import dataclass, field
from rollout.model.evidence import Unanswered
from rollout.model.probes import HttpProbe
from rollout.model.variables import UnsetVariableError, expand
from rollout.processes.quoting import Quoter, one_line

Lookup = Callable[[str], str | None]

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*")  # others are read differently by different readers
_WORD = re.compile(r"""[^\s"'{}\[\]():;,=&?/<>]{8,}""")
"""What may be a credential in a longer text."""
_LEAST_SECRET = 4
"""Characters from which on a value is masked: a shorter one is a switch, and occurs in any text."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Request:
    """`url` is without user information; `host` is `host:port`; `address` is as much of the URL as may be shown."""

    method: str
    url: str = field(repr=False)
    scheme: str
    host: str
    address: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    quoter: Quoter = field(repr=False)


class _FlawError(ValueError):
    """The message is why this cannot be asked. It never repeats what may be a part of a password."""


def request(probe: HttpProbe, lookup: Lookup) -> Request | Unanswered:
    used: list[str] = []

    def recorded(name: str) -> str | None:
        value = lookup(name)
        used.append(value or "")
        return value

    try:
        parts = _parts(expand(probe.url, recorded))
        headers = [(name, expand(value, recorded)) for name, value in probe.headers]
        body = expand(probe.body, recorded)
        _check_headers(headers)
        encoded = _encoded(body)
    except UnsetVariableError as error:
        return Unanswered(f"{probe.shown} cannot be asked: {error}", unset=error.name)
    except _FlawError as flaw:
        return Unanswered(f"{probe.shown} cannot be asked: {flaw}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if (user or password) and not any(name.lower() == "authorization" for name, _ in headers):
        credentials = b64encode(f"{user}:{password}".encode(errors="replace")).decode()
        headers.append(("Authorization", f"Basic {credentials}"))
    authority = parts.netloc.rpartition("@")[2]
    address = _address(parts, authority, probe.shown)
    secrets = [*_secrets(parts, headers, body, address), *(value for value in used if value not in address)]
    long = {secret for secret in secrets if len(secret) >= _LEAST_SECRET}
    return Request(
        method=probe.method,
        url=f"{parts.scheme}://{authority}{parts.path}{'?' if parts.query else ''}{parts.query}",
        scheme=parts.scheme,
        host=_host(parts),
        address=address,
        headers=tuple(headers),
        body=encoded,
        quoter=Quoter({*long, password, parts.password or ""}),
    )


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _FlawError("its URL cannot be read") from None
    if not url.isprintable() or " " in url or "\\" in url:  # urlsplit drops line breaks and tabs without a word
        raise _FlawError("its URL contains a space or another character that no URL has")
    if parts.scheme not in _PORTS or not host:
        raise _FlawError("its URL does not begin with http:// or https:// and the name of a host")
    if "@" in f"{parts.path}?{parts.query}#{parts.fragment}":
        raise _FlawError("its URL has an @ behind the host: write %40 (in a password, / ? # are %2F %3F %23)")
    if not _HOST.fullmatch(host):
        raise _FlawError("the name of its host has other characters than a-z, 0-9, - and . (ü is xn--…)")
    return parts


def _check_headers(headers: Iterable[tuple[str, str]]) -> None:
    for name, value in headers:
        if not _HEADER_NAME.fullmatch(name):
            raise _FlawError(f"{one_line(name)!r} is not the name of a header")
        if name.lower() in ("content-length", "transfer-encoding"):
            raise _FlawError(f"the header {name} follows from the body: leave it out")
        if not (value.isascii() and value.isprintable() and value == value.strip()):
            raise _FlawError(f"the header {name} contains a character that HTTP does not carry")


def _encoded(body: str) -> bytes:
    try:
        return body.encode()
    except UnicodeEncodeError:
        raise _FlawError("the body contains a character that UTF-8 does not carry") from None


def _host(parts: SplitResult) -> str:
    host, port = parts.hostname or "", parts.port
    return f"{f'[{host}]' if ':' in host else host}:{_PORTS[parts.scheme] if port is None else port}"


def _address(parts: SplitResult, authority: str, shown: str) -> str:
    """The host that is asked, and of the path what the plan says: the rest of it came out of a variable."""
    _, slash, planned = (shown.partition("://")[2] or shown).partition("/")
    path = slash + planned
    hidden = "" if "${" in path or parts.path.strip("/") == path.strip("/") else "/…"
    return f"{parts.scheme}://{authority}{hidden}{path}"


def _secrets(parts: SplitResult, headers: Iterable[tuple[str, str]], body: str, address: str) -> Iterator[str]:
    user = parts.username or ""
    yield from (user, unquote(user))
    for _, value in headers:
        yield from (value, *value.split(), *_WORD.findall(value))
    yield from _WORD.findall(body)
    for text in (parts.path, parts.query):
        yield from (word for word in _WORD.findall(f"{text} {unquote_plus(text)}") if word not in address)
