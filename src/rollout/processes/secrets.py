"""Which values a command inherits that nobody else may see, and how they are taken out of what it prints."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import unquote

from rollout.processes.output import Tail, plain
from rollout.processes.quoting import Quoter

_LEAST = 6
"""Characters from which on a value is masked: `AUTH=none` is a switch, and stands in any text."""

_NAME = re.compile("TOKEN|SECRET|PASSWORD|PASSWD|KEY|CREDENTIAL|AUTH|DSN", re.IGNORECASE)
_USER_INFORMATION = re.compile(r"://([^/?#\s]+)@")


class Mask:
    def __init__(self, variables: Mapping[str, str], names: Collection[str] = ()) -> None:
        """`names` are of variables that hold a credential, whatever they are called."""
        values = [
            os.fsencode(value)
            for name, text in variables.items()
            for value in _secrets(text, secret=name in names or bool(_NAME.search(name)))
        ]
        self.margin = max(map(len, values), default=0)
        secrets = {plain(value).strip() for value in values}  # as they look when they are printed
        self._secrets = sorted((secret for secret in secrets if len(secret) >= _LEAST), key=len, reverse=True)
        self.quote = Quoter(self._secrets).quote

    def text(self, tail: Tail) -> str:
        """As `end`, but a number that happens to hold a short credential stays: it is what a gate judges."""
        text = tail.text()
        if not tail.cut and _is_number(text) and text.strip() not in self._secrets:
            return text
        return self.end(tail)

    def end(self, tail: Tail) -> str:
        """The whole of it, without credentials; where its begin was cut off it says so.

        The end of a credential whose begin was cut off is not known as such, so that `margin` characters are dropped.
        """
        text = self.hide(tail.text())
        return f"…{text[self.margin :]}" if tail.cut else text

    def hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _secrets(value: str, *, secret: bool) -> Iterator[str]:
    in_urls = [match[1] for match in _USER_INFORMATION.finditer(value)]
    if in_urls or secret:
        yield value
        yield from value.splitlines()  # a key of several lines may be printed with others between them
    for user_information in in_urls:
        user, _, password = user_information.partition(":")
        yield password or user
        yield unquote(password or user)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
