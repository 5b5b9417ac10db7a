"""Which store a command uses, with what lies beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from rollout.errors import StoreError, UsageError
from rollout.model.card import Card
from rollout.model.events import RolloutId
from rollout.model.variables import UnsetVariableError, expand
from rollout.ports import Store
from rollout.processes.in_time import within
from rollout.settings import Settings
from rollout.store import KINDS
from rollout.store.beside import Beside, cards_in
from rollout.store.catalogue import Catalogue
from rollout.store.hurried import HurriedStore
from rollout.store.log import Log
from rollout.store.mirrored import Mirrored
from rollout.store.unusable import UnusableStore


class Stores:
    """Those of one command, each opened once.

    `emergency`: nobody waits for them. `say` hears what went wrong beside them.
    """

    def __init__(
        self, settings: Settings, *, emergency: bool = False, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self.settings = settings
        self.emergency = emergency
        self._say = say
        self._opened: dict[tuple[str, Path], Catalogue] = {}

    def own(self) -> Catalogue:
        """The store that an option or a variable names, else the user's own."""
        settings = self.settings
        store = self._open(settings.store or settings.default_store, settings.folder)
        if store is None:
            raise UsageError(f"{settings.store!r} is not a store", f"write one of {_FORMS}")
        return store

    def planned(self, planned: str, folder: Path, lookup: Callable[[str], str | None]) -> Catalogue:
        """As `own`, where a plan names one (`planned`) that neither option nor variable replaces.

        `folder` is where the plan's relative paths start. What is no store stops only whoever needs the record. A plan
        that is not trusted names none.
        """
        if self.settings.store or not planned or self.settings.trust:
            return self.own()
        try:
            text = expand(planned, lookup)
        except UnsetVariableError as error:
            return UnusableStore(planned, f"cannot be told: {error}")
        return self._open(text, folder) or UnusableStore(text, f"is none; write one of {_FORMS}")

    def beside(self, store: Store) -> Beside:
        stem = beside(self.settings, store.location)
        return Beside(stem, self._refuge(), _GLANCE if self.emergency else None)

    def card(self, store: Store, rollout: RolloutId) -> Card | None:
        """Where it can be used."""
        try:
            found = self.beside(store).card(rollout)
        except StoreError as error:
            self._say(error.message)
            return None
        return found if found and found.rollout == rollout else None

    def behind(self, store: Store, rollout: RolloutId, seq: int) -> str:
        """Why the record cannot be all that there was, where the card or the log beside it knows more; or nothing."""
        card = self.card(store, rollout)
        known = card.state.seq if card else 0
        if card and not seq and not known:  # lost, or killed between the first card and its intent
            known = max(Log(self.beside(store).log, self._say).witness(rollout).hashes, default=0)
        if seq < known:
            seq = store.state(rollout).seq  # somebody may just have gone on
        if seq >= known:
            return ""
        there = f"ends with event {seq}" if seq else "has no event"
        return f"the record of {rollout} {there} of at least {known}: {store.location} was lost or replaced"

    def cards(self) -> Sequence[Card]:
        """Those beside the store, and where none is named all that the user has."""
        found = {card.rollout: card for card in self._cards_of_the_user()}
        return list({**found, **{card.rollout: card for card in self.beside(self.own()).cards()}}.values())

    def _cards_of_the_user(self) -> Sequence[Card]:
        refuge = self._refuge()
        if self.settings.store or refuge is None:
            return ()
        try:
            return within(_GLANCE, lambda: cards_in(refuge))
        except OSError:
            return ()

    def _refuge(self) -> Path | None:
        try:
            return Path(self.settings.default_store.partition(":")[2]).parent
        except UsageError:
            return None

    def _open(self, text: str, folder: Path) -> Catalogue | None:
        kind, separator, rest = text.partition(":")
        if not separator or kind not in KINDS:
            return None
        if (text, folder) not in self._opened:
            store = KINDS[kind](folder, rest, self.settings.patience)
            around = self.beside(store)
            joins = None if self.emergency or self.settings.trust else KINDS[kind](folder, rest, _JOINING)
            mirrored = Mirrored(store, Log(around.log, self._say), around, joins)
            self._opened[text, folder] = HurriedStore(mirrored) if self.emergency else mirrored
        return self._opened[text, folder]


_JOINING = 0.1
"""Seconds that a lock may hold up what was spooled; the next command tries again."""
_GLANCE = 1.0
"""Seconds for the cards: without the record they are all there is, and a busy machine is slow."""

_FORMS = ", ".join(f"{kind}:…" for kind in KINDS)


def open_store(settings: Settings) -> Catalogue:
    return Stores(settings).own()


def open_planned_store(
    settings: Settings, planned: str, folder: Path, lookup: Callable[[str], str | None]
) -> Catalogue:
    return Stores(settings).planned(planned, folder, lookup)


def beside(settings: Settings, location: str) -> Path:
    """The file whose name the names of a store's cards, spool and log begin with: of a store on disk its own."""
    kind, _, rest = location.partition(":")
    if kind == "sqlite":
        return settings.folder / rest
    default = Path(settings.default_store.partition(":")[2])
    return default.with_name(quote(location, safe="").replace("%", "_"))
