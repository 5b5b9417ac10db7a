"""Keys of `file` targets (JSON or YAML) and of `text` targets (any text file)."""

from __future__ import annotations

import re

from rollout.frozen import dataclass
from rollout.shapes import Record
from rollout.targets.keys import COMMON, FILE, PATH, FileSpec


@dataclass(frozen=True, kw_only=True)
class StructuredSpec(FileSpec):
    """A flag's key is a dotted path into the file."""

    def check_key(self, key: str) -> None:
        if not all(f"{self.prefix}{key}".split(".")):
            raise ValueError(f"{key!r} is not a dotted path, such as features.checkout.percent")


@dataclass(frozen=True, kw_only=True)
class TextSpec(FileSpec):
    """A flag's key is a regular expression whose one group holds the value."""

    def check_key(self, key: str) -> None:
        try:
            groups = re.compile(key).groups
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"{key!r} is not a regular expression: {error}") from None
        if groups != 1:
            raise ValueError(f"{key!r} has {groups} groups; a text target wants one, around the value")


FILE_KEYS = Record(StructuredSpec, {**COMMON, "path": PATH, **FILE}, what="file target")

TEXT_KEYS = Record(TextSpec, {**COMMON, "path": PATH, **FILE}, what="text target")
