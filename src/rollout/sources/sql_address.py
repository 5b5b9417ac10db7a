"""Which database a URL names, and what may be said about it: no user, no password, no parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from rollout.frozen import dataclass, field
from rollout.model.evidence import Unanswered
from rollout.processes.quoting import Quoter
from rollout.sources.sql_rows import MISSING, NoRowsError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_LEAST = 4
_READ = 2**15
"""Characters of an error that are looked at; it may repeat a value of any length."""


@dataclass(frozen=True)
class Address:
    url: URL = field(repr=False)
    folder: Path

    @property
    def kind(self) -> str:
        return self.url.drivername.partition("+")[0]

    def options(self, driver: str) -> Mapping[str, object]:
        """What this driver's `connect` takes."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return self.url.set(drivername=driver).get_dialect()().create_connect_args(self.url)[1]
        except (SQLAlchemyError, ValueError) as error:
            raise NoRowsError(str(error)) from None

    def unanswered(self, said: str) -> Unanswered:
        """What a database said, without what is secret."""
        masked = self._secrets.sub("***", said[:_READ])
        return Unanswered(f"{self._shown}: {self._quoter.quote(masked)}")

    @cached_property
    def _shown(self) -> str:
        url = self.url
        named = type(url).create(url.drivername, host=url.host, port=url.port, database=url.database)
        scheme, mark, rest = named.render_as_string().partition("://")
        return scheme + mark + self._quoter.quote(rest)

    @cached_property
    def _parameters(self) -> list[tuple[str, str]]:
        query = self.url.query.items()
        return [(name, value) for name, given in query for value in ([given] if isinstance(given, str) else given)]

    @cached_property
    def _passwords(self) -> list[str]:
        written = [self.url.password, *(value for name, value in self._parameters if "pass" in name)]
        return [form for password in written if password for form in (password, quote(password, safe=""))]

    @cached_property
    def _quoter(self) -> Quoter:
        return Quoter(self._passwords)

    @cached_property
    def _secrets(self) -> re.Pattern[str]:
        """Passwords; the user and the values of parameters as whole words, a short one, which may be any, in quotes."""
        words = []
        for name in sorted(filter(None, [self.url.username, *(value for _, value in self._parameters)]), key=len):
            before, after = (r"(?<!\w)", r"(?!\w)") if len(name) >= _LEAST else ("(?<=[\"'])", "(?=[\"'])")
            words.append(before + re.escape(name) + after)
        return re.compile("|".join([*map(re.escape, self._passwords), *reversed(words)]) or "(?!)")


def read_address(text: str, folder: Path) -> Address | Unanswered:
    """Never repeats a URL that is broken: any part of it may be a password."""
    try:
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError
    except ImportError:
        return Unanswered(f"the database {MISSING}")
    if not text.isprintable():
        return Unanswered("the URL of the database contains a character that cannot be printed")
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        return Unanswered("the URL of the database cannot be read; it is like postgresql://USER:PASSWORD@HOST/DATABASE")
    if url.host and "@" in f"{url.host}{url.database}":
        return Unanswered("the URL of the database must not hold a second @ (in a password: %40, %2F, %3A, %25)")
    return Address(url, folder)
