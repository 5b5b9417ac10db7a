"""Where a rollout stands, as far as that can be seen at once, and without writing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from rollout.engine.path import Stop, path
from rollout.errors import UsageError
from rollout.frozen import dataclass, replace
from rollout.model.events import RolloutId
from rollout.model.plan import Plan
from rollout.model.state import RolloutState
from rollout.settings import EMERGENCY_PATIENCE, Settings
from rollout.store.catalogue import Catalogue
from rollout.store.standing import LIVE
from rollout.store.unusable import UnusableStore
from rollout.wiring.desks import Need, find_state
from rollout.wiring.locate import locate
from rollout.wiring.plans import plans_here, read_plan_file
from rollout.wiring.stores import Stores, beside


@dataclass(frozen=True)
class Sight:
    plan: Plan
    environment: str
    stops: tuple[Stop, ...]
    state: RolloutState


def look(settings: Settings, *, of_file: bool = False) -> Sight:
    """At the rollout that a command with these settings would mean; `of_file`: by its file, whatever is pinned."""
    plan, rollout, state = find_state(_stores(settings), Need(finished=True, of_file=of_file, emergency=True))
    return Sight(plan, rollout.environment, path(plan, rollout.environment), state)


def known_rollouts(settings: Settings) -> Iterable[RolloutId]:
    return _stores(settings).own().find()


def known_plans(settings: Settings) -> dict[str, Path]:
    return plans_here(settings.folder)


def environments(settings: Settings) -> dict[str, str]:
    """Those of the plan that is meant, or else of the rollouts that could be, each with what it belongs to."""
    stores = _stores(replace(settings, environment=""))
    try:
        choice = locate(stores, finished=True)
    except UsageError:
        name, _, _ = settings.plan.partition("@")
        found = stores.own().find(name=name, standing=() if name else LIVE)
        return {one.environment: one.name for one in found}
    if choice.file:
        plan = read_plan_file(choice.file, settings.folder).load()
        return dict.fromkeys(plan.environments, plan.name)
    plan, _, _ = find_state(stores, Need(finished=True, emergency=True))
    return dict.fromkeys(plan.environments, plan.name)


def _stores(settings: Settings) -> Stores:
    return _LookedAt(replace(settings, patience=EMERGENCY_PATIENCE), emergency=True)


class _LookedAt(Stores):
    """Only what nobody else is writing to: to read that, SQLite may have to put it in order first."""

    def own(self) -> Catalogue:
        return self._at_rest(super().own())

    def planned(self, planned: str, folder: Path, lookup: Callable[[str], str | None]) -> Catalogue:
        return self._at_rest(super().planned(planned, folder, lookup))

    def _at_rest(self, store: Catalogue) -> Catalogue:
        kind, _, _ = store.location.partition(":")
        if kind != "sqlite":
            return UnusableStore(store.location, "is not asked here")
        file = beside(self.settings, store.location)
        if any(file.with_name(f"{file.name}-{what}").exists() for what in ("journal", "wal")) or _is_wal(file):
            return UnusableStore(store.location, "is being written to")
        return store


def _is_wal(file: Path) -> bool:
    """By the version in its header."""
    with suppress(OSError), file.open("rb") as stream:
        return stream.read(20)[18:19] == b"\x02"
    return False
