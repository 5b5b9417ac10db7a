"""The files beside a store: rollback cards, and what could not be recorded yet."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from rollout.errors import StoreError
from rollout.model.card import Card
from rollout.model.events import Draft, RolloutId
from rollout.model.witness import Witness
from rollout.processes.in_time import within
from rollout.store.card_file import glob_literal, read_card, write_card
from rollout.store.json_lines import add_lines, make_folder

T = TypeVar("T")


class Beside:
    """`stem` is the store's own file; every name begins with its name. `refuge`: the folder for what must be kept
    where nothing can be written beside it. `limit`: for how many seconds each folder may keep anybody waiting."""

    def __init__(self, stem: Path, refuge: Path | None = None, limit: float | None = None) -> None:
        self._stem = stem
        self._refuge = refuge
        self._limit = limit

    @property
    def log(self) -> Path:
        return self._stem.with_name(f"{self._stem.name}-log.jsonl")

    def keep_card(self, card: Card) -> None:
        write_card(self._card_path(card.rollout), card)

    def card(self, rollout: RolloutId) -> Card | None:
        """StoreError when there is one that cannot be used."""
        path = self._card_path(rollout)
        try:
            return self._in_time(lambda: read_card(path) if path.exists() else None)
        except OSError as error:
            raise StoreError(f"the rollback card {path} cannot be read: {error}") from error

    def cards(self) -> Sequence[Card]:
        """All that can be used."""
        try:
            return self._in_time(lambda: cards_in(self._stem.parent, f"{self._stem.name}-card-"))
        except OSError:
            return ()

    def witness(self, rollout: RolloutId) -> Witness:
        name = f"the rollback card {self._card_path(rollout)}"
        try:
            card = self.card(rollout)
        except StoreError as error:
            return Witness(name, flaws=(error.message,))
        return Witness(name, {card.state.seq: card.state.head} if card and card.state.seq else {})

    def spool(self, rollout: RolloutId, drafts: Sequence[Draft], *, at: datetime, actor: str) -> str:
        rows = [
            {
                "rollout": rollout.name,
                "environment": rollout.environment,
                "at": at.astimezone(UTC).isoformat(),
                "actor": actor,
                "kind": draft.kind.value,
                "data": draft.data,
            }
            for draft in drafts
        ]
        reasons = []
        for prefix, folder in self._spools():
            path = folder / f"{prefix}{at.astimezone(UTC):%Y%m%dT%H%M%S}-{os.urandom(4).hex()}.jsonl"
            try:
                self._in_time(partial(_write, path, rows))
                return str(path)
            except OSError as error:
                reasons.append(str(error))
        raise StoreError(f"what was done cannot be kept either: {'; '.join(reasons)}", "write down what is shown here")

    def spooled(self) -> Sequence[Path]:
        """The files of what could not be recorded, the oldest first."""
        found: list[Path] = []
        for prefix, folder in self._spools():
            with suppress(OSError):
                found += folder.glob(f"{glob_literal(prefix)}[0-9]*.jsonl")
        return sorted(found, key=lambda path: path.name.rpartition("-spool-")[2])

    def _spools(self) -> Sequence[tuple[str, Path]]:
        """How their names begin in each folder; in the refuge it says of which store's file they are."""
        name = f"{self._stem.name}-spool-"
        there = [(name, self._stem.parent)]
        if self._refuge and self._refuge != self._stem.parent:
            which = zlib.crc32(str(self._stem.absolute()).encode("utf-8", "surrogateescape"))
            there.append((f"{name}of-{which:08x}-", self._refuge))
        return there

    def _in_time(self, call: Callable[[], T]) -> T:
        return call() if self._limit is None else within(self._limit, call)

    def _card_path(self, rollout: RolloutId) -> Path:
        return self._stem.with_name(f"{self._stem.name}-card-{quote(str(rollout), safe='@')}.json")


def cards_in(folder: Path, prefix: str = "") -> Sequence[Card]:
    """All whose file's name begins so, and that can be used."""
    found = []
    for path in sorted(folder.glob(f"{glob_literal(prefix) or '*-card-'}*@*.json")):
        with suppress(StoreError):
            found.append(read_card(path))
    return found


def _write(path: Path, rows: Sequence[object]) -> None:
    make_folder(path.parent)
    try:
        add_lines(path, rows, new=True)
    except OSError:
        with suppress(OSError):
            path.unlink(missing_ok=True)  # half of it says nothing
        raise
