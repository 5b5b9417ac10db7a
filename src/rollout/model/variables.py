"""`${VAR}` and `${VAR:-default}` in a plan's text; `$${` is a literal. One pass, nothing is expanded twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|\$\{")
_FIT_FOR_QUERY = re.compile(r"[A-Za-z0-9_.:-]*\Z")


class UnsetVariableError(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"the variable {name} is not set")
        self.name = name


def expand(text: str, lookup: Callable[[str], str | None]) -> str:
    """`text` with every reference replaced; UnsetVariableError names the first that has neither value nor default."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        found = lookup(match["name"]) if match["name"] else None
        if found is None:
            found = match["default"]
        if found is None:
            raise UnsetVariableError(match["name"] or match[0])
        return found

    return _REFERENCE.sub(value, text)


def references(text: str) -> Iterator[tuple[str, bool]]:
    """Each variable's name with whether it has a default; an empty name is a `${` that is no reference."""
    for match in _REFERENCE.finditer(text):
        if match[0] != "$${":
            yield match["name"] or "", match["default"] is not None


def defaults(text: str) -> Iterator[tuple[str, str]]:
    """Each variable's name with its default, where it has one."""
    for match in _REFERENCE.finditer(text):
        if match["default"] is not None:
            yield match["name"], match["default"]


def resolved(written: Mapping[str, str], lookup: Callable[[str], str | None]) -> dict[str, str]:
    """`vars` with the references in their values replaced; one that refers to what has no value is left out.

    `lookup` is the process environment: a var never refers to another.
    """
    values = {}
    for name, value in written.items():
        try:
            values[name] = expand(value, lookup)
        except UnsetVariableError:
            continue
    return values


def fit_for_query(value: str) -> bool:
    """Whether it stays one word in a query: nothing but letters, digits and `_ . : -`."""
    return _FIT_FOR_QUERY.match(value) is not None
