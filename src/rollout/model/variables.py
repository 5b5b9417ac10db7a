"""`${VAR}` and `${VAR:-default}` in a plan's text; `$${` is a literal. One pass, nothing is expanded twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_REFERENCE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|\$\{")


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
