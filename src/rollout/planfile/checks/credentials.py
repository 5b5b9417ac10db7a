"""Credentials, which belong into variables: the plan's text is kept in the record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rollout.model.plan import Plan, PrometheusSpec
from rollout.shapes import Book

_PASSWORD = re.compile(r"://[^/?#\s:@]*:([^/?#\s@]+)@")
_AUTHORIZATION = re.compile(r"(?i)authorization|token|secret|api-?key|cookie")


def credentials_stand_in_variables(plan: Plan, book: Book) -> None:
    for name, environment in plan.environments.items():
        for what in _literal(environment.prometheus) if environment.prometheus else ():
            message = f"the {what} of {name!r} stands in the plan, whose text is kept in the record and on the card"
            book.warn(
                book.defined["environment"][name], "literal-secret", message, "write ${NAME}, and set the variable"
            )


def _literal(spec: PrometheusSpec) -> Iterator[str]:
    texts = {"token": spec.token, "password": spec.password}
    texts |= {f"header {name}": text for name, text in spec.headers.items() if _AUTHORIZATION.search(name)}
    if found := _PASSWORD.search(spec.url):
        texts["password in the url"] = found[1]
    yield from (what for what, text in texts.items() if text and "${" not in text)
