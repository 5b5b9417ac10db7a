"""Flags as `KEY=VALUE` lines of a `.env` file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rollout.errors import ConflictError, TargetError
from rollout.frozen import dataclass
from rollout.model.values import Held, Setting, as_held_text
from rollout.targets.atomic_file import FoundFile, check_replaceable, read_file, replace_content, sweep
from rollout.targets.dotenv_by_hand import command
from rollout.targets.dotenv_text import UnwritableError, can_be_put_back, edit, read_values

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ATTEMPTS = 100


@dataclass(frozen=True)
class DotenvTarget:
    """`prefix` stands before every key in the file. Where a key has several lines, the last one is read.

    What is written as `expected` stands in one line only; an emergency writes every line.
    """

    name: str
    path: Path
    prefix: str = ""

    def read(self, keys: Iterable[str]) -> Mapping[str, Held]:
        names = {key: self._at(key) for key in keys}
        return _held(read_file(self.path), names)

    def preflight(self, settings: Mapping[str, Setting]) -> Sequence[str]:
        texts = self._texts(settings)
        found = read_file(self.path)
        _refuse_duplicates(found, texts)
        _edited(found, texts, quote=False)
        for name in texts:
            standing = read_values(found.content).get(name)
            if standing and not can_be_put_back(found.content, name):
                raise TargetError(
                    f"{found.path}:{standing[0].line}: what {name} holds could not be put back after a change",
                    f"write the value of {name} on one line, in quotes, with no command in it",
                )
        check_replaceable(found)
        others = found.info.st_nlink - 1
        return (f"{found.path} has {others} more hard links: they keep the old values",) if others else ()

    def write(self, settings: Mapping[str, Setting], expected: Mapping[str, Held] | None) -> None:
        texts = self._texts(settings)
        for _ in range(_ATTEMPTS):
            found = read_file(self.path)
            sweep(found)
            if expected is not None:
                names = {key: self._at(key) for key in expected}
                _refuse_duplicates(found, {*texts, *names.values()})
                _refuse_others(found, names, expected)
            content = _edited(found, texts, quote=expected is None)
            if content == found.content or replace_content(found, content):
                return
        raise TargetError(
            f"{self.path} cannot be written: something else keeps changing it", "find out what, and stop it"
        )

    def manual(self, settings: Mapping[str, Setting]) -> str:
        texts = self._texts(settings)
        try:
            found = read_file(self.path)
        except TargetError:
            return command(self.path, None, texts)
        return command(found.path, found.content, texts)

    def _texts(self, settings: Mapping[str, Setting]) -> dict[str, str | None]:
        return {self._at(key): None if value is None else as_held_text(value) for key, value in settings.items()}

    def _at(self, key: str) -> str:
        name = f"{self.prefix}{key}"
        if not _KEY.fullmatch(name):
            raise TargetError(
                f"{self.path}: {name!r} cannot be a key of a .env file",
                "give the flag a `key` of letters, digits and underscores for this target",
            )
        return name


def _held(found: FoundFile, names: Mapping[str, str]) -> Mapping[str, Held]:
    values = read_values(found.content)
    return {key: values[name][-1].text if name in values else None for key, name in names.items()}


def _edited(found: FoundFile, texts: Mapping[str, str | None], *, quote: bool) -> bytes:
    try:
        return edit(found.content, texts, quote=quote)
    except UnwritableError as error:
        raise TargetError(f"{found.path}: {error}", error.hint) from error


def _refuse_duplicates(found: FoundFile, names: Iterable[str]) -> None:
    values = read_values(found.content)
    for name in names:
        lines = [str(value.line) for value in values.get(name, ())]
        if len(lines) > 1:
            raise TargetError(
                f"{found.path} holds {name} in lines {' and '.join(lines)}: readers differ in which one counts",
                f"leave one line of {name}",
            )


def _refuse_others(found: FoundFile, names: Mapping[str, str], expected: Mapping[str, Held]) -> None:
    """ConflictError when a key no longer holds what is expected."""
    for key, held in _held(found, names).items():
        if held != expected[key]:
            values = read_values(found.content).get(names[key])
            place = f"{found.path}:{values[-1].line}" if values else found.path
            now = "is absent" if held is None else f"holds {held!r}"
            then = "was absent" if expected[key] is None else f"held {expected[key]!r}"
            raise ConflictError(
                f"{place}: {names[key]} {now}; when this was decided it {then}",
                "somebody else changed it: look at the status, then decide again",
            )
