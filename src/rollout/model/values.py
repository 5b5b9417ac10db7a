"""What a flag can hold, what a target really holds, and how one becomes the other."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from enum import StrEnum

from rollout.frozen import dataclass, field

_BOOL_WORDS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
"""Words that services read as bools; what is written is always `true` or `false`."""

FlagValue = bool | int | float | str | tuple[str, ...]
"""A value as the plan means it: typed, checked against the flag."""

Held = bool | int | float | str | tuple[str, ...] | None
"""A value as a target holds it: text targets give str, typed ones their own; None when the key is absent."""


@dataclass(frozen=True)
class Verbatim:
    """Something found at a target that the flag's type would not write back to the letter (`1`, `TRUE`, `abc`)."""

    held: str | bool | int | float | tuple[str, ...]


Setting = FlagValue | Verbatim | None
"""What shall stand at a target: a value, what was found there, or None: the key is absent."""


class FlagType(StrEnum):
    BOOL = "bool"
    PERCENT = "percent"
    INT = "int"
    STRING = "string"
    LIST = "list"


@dataclass(frozen=True)
class Flag:
    """A named value that users of the service feel.

    `targets` maps a target's name to the key there; empty means the environment's only target, under `key`.
    """

    name: str
    type: FlagType
    safe: FlagValue | None = None
    key: str = ""
    targets: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[FlagValue, ...] = ()
    min: float | None = None
    max: float | None = None
    description: str = ""

    def parse(self, held: Held) -> FlagValue | None:
        """The value that a service would read, or None where nothing of this type can be read."""
        if held is None:
            return None
        match self.type:
            case FlagType.BOOL:
                return held if isinstance(held, bool) else _BOOL_WORDS.get(str(held).strip().lower())
            case FlagType.PERCENT:
                number = _number(held)
                return number if number is not None and 0 <= number <= 100 else None
            case FlagType.INT:
                number = _number(held)
                return number if isinstance(number, int) else None
            case FlagType.LIST:
                if isinstance(held, tuple):
                    return held
                return tuple(part for part in str(held).split(",") if part) if isinstance(held, str) else None
            case FlagType.STRING:
                return words(held)

    def found(self, held: Held) -> Setting:
        """`held` as a setting that restores it to the letter: typed where the type writes the same, else verbatim."""
        if held is None:
            return None
        value = self.parse(held)
        if value is None:
            return Verbatim(held)
        spelt = words(value) if isinstance(held, str) else value
        alike = held == spelt and isinstance(held, bool) == isinstance(spelt, bool)  # 1 == True, but not to the letter
        return value if alike else Verbatim(held)

    def meaning(self, setting: Setting) -> FlagValue | None:
        """The value behind a setting; None where it is absent or cannot be read."""
        return self.parse(setting.held) if isinstance(setting, Verbatim) else setting


def words(value: FlagValue) -> str:
    """How a text target writes a value: `true`, `10`, `12.5`, `a,b`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def as_held_text(setting: FlagValue | Verbatim) -> str:
    """The text a text target shall hold for a setting that is present."""
    value = setting.held if isinstance(setting, Verbatim) else setting
    return words(value)


def to_json(setting: Setting) -> object:
    """A JSON value for a setting; `from_json` reads it back."""
    if isinstance(setting, Verbatim):
        held = list(setting.held) if isinstance(setting.held, tuple) else setting.held
        return {"verbatim": held}
    return list(setting) if isinstance(setting, tuple) else setting


def from_json(value: object) -> Setting:
    """The setting that `to_json` wrote; ValueError for anything else."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list():
            return _texts(value)
        case {"verbatim": bool() | int() | float() | str() as held}:
            return Verbatim(held)
        case {"verbatim": list() as items}:
            return Verbatim(_texts(items))
        case _:
            raise ValueError(f"not a flag's value: {value!r}")


def _texts(items: list[object]) -> tuple[str, ...]:
    texts = tuple(item for item in items if isinstance(item, str))
    if len(texts) != len(items):
        raise ValueError(f"not a flag's value: {items!r}")
    return texts


_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?\Z")


def _number(held: FlagValue) -> int | float | None:
    if isinstance(held, bool | tuple):
        return None
    if isinstance(held, str):
        text = held.strip()
        if not _NUMBER.match(text):
            return None
        held = float(text) if "." in text else int(text)
    if isinstance(held, float):
        if not math.isfinite(held):
            return None
        return int(held) if held.is_integer() else held
    return held
