"""Which rollout a command means: what was named, else the only active one in the store, else the only plan here."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from rollout.errors import StoreError, UsageError
from rollout.frozen import dataclass
from rollout.model.card import Card
from rollout.model.events import RolloutId
from rollout.model.state import ACTIVE, RolloutState, Status
from rollout.ports import Store
from rollout.settings import Settings
from rollout.store.standing import FINISHED, LIVE
from rollout.wiring.plans import SUFFIXES, plans_here
from rollout.wiring.stores import Stores


@dataclass(frozen=True)
class Choice:
    """Either a plan file or a rollout of the store. `environment`: the one that NAME@ENV named, if any."""

    file: Path | None = None
    rollout: RolloutId | None = None
    environment: str = ""


def locate(stores: Stores, *, finished: bool = False) -> Choice:
    """`finished`: where no rollout is active, the only complete one will do. UsageError lists complete command lines.

    In an emergency a store that cannot be read stops nothing while there is another way to tell.
    """
    settings = stores.settings
    if settings.plan:
        return _named(stores)
    candidates = [rollout for rollout, state in _known(stores, LIVE) if _is_active(state)]
    if not candidates and finished:
        complete = _known(stores, FINISHED)
        candidates = [rollout for rollout, state in complete if state and state.status is Status.COMPLETE]
    if not candidates and stores.emergency:
        candidates = [card.rollout for card in _cards(stores)]
    if settings.environment:
        candidates = [rollout for rollout in candidates if rollout.environment == settings.environment]
    if len(candidates) == 1:
        return Choice(rollout=candidates[0])
    if candidates:
        _ask_back(settings, "several rollouts are active", [f"--plan {rollout}" for rollout in candidates])
    plans = plans_here(settings.folder)
    if len(plans) == 1:
        return Choice(file=next(iter(plans.values())))
    if plans:
        _ask_back(settings, "there are several plans in ./plans", [f"--plan {shlex.quote(name)}" for name in plans])
    stores.own().find(standing=LIVE)  # a store that cannot be read is the better reason
    raise UsageError(
        "no plan is named, none is active in the store, and there is none in ./plans", "name one: --plan FILE"
    )


def active_environment(states: Mapping[str, RolloutState]) -> str:
    """Of a plan's environments, with their states, the one that it is being rolled out in, if that is one."""
    active = [name for name, state in states.items() if _is_active(state)]
    return active[0] if len(active) == 1 else ""


def pinned_at(stores: Stores, path: Path, environment: str) -> RolloutId | None:
    """The only rollout (of the environment, if one is named) whose plan stood at this path.

    So a deleted or broken file does not hide it.
    """
    resolved = str((stores.settings.folder / path).resolve())
    states = dict(_known(stores))
    if stores.emergency:
        states.update((card.rollout, card.state) for card in _cards(stores))
    found = [
        rollout
        for rollout, state in states.items()
        if state and state.begun and state.pinned and state.pinned.path == resolved
        if environment in ("", rollout.environment)
    ]
    return found[0] if len(found) == 1 else None


def _named(stores: Stores) -> Choice:
    """A path; the name of a plan in ./plans; NAME[@ENV] of a rollout in the store or on a rollback card."""
    settings = stores.settings
    text = settings.plan
    path = settings.folder / text
    if _is_file(path):
        return Choice(file=path)
    if "/" in text or text.endswith(SUFFIXES):
        rollout = pinned_at(stores, path, settings.environment)
        return Choice(rollout=rollout) if rollout else Choice(file=path)
    plans = plans_here(settings.folder)
    if text in plans:
        return Choice(file=plans[text])
    name, _, environment = text.partition("@")
    if environment and settings.environment not in ("", environment):
        raise UsageError(
            f"two environments are named, {environment!r} and {settings.environment!r}", "name one: NAME@ENV or --env"
        )
    environment = environment or settings.environment
    known = _of_name(stores, name) or [card.rollout for card in stores.cards() if card.rollout.name == name]
    fitting = [one for one in known if environment in ("", one.environment)]
    if len(fitting) == 1:
        return Choice(rollout=fitting[0])
    if not fitting and name in plans:
        return Choice(file=plans[name], environment=environment)
    if fitting:
        _ask_back(settings, f"{name} runs in several environments", [f"--env {one.environment}" for one in fitting])
    choices = sorted({*plans, *map(str, _of_name(stores, ""))})
    raise UsageError(
        f"there is no plan or rollout {text!r}: no such file, nothing of that name in ./plans or in the store",
        f"known: {', '.join(choices)}" if choices else "name a plan file: --plan FILE",
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder that may not be entered, a name that is too long
        return False


def _is_active(state: RolloutState | None) -> bool:
    """One whose record cannot be understood may be: better asked about than passed over."""
    return state is None or state.status in ACTIVE or state.pending is not None


def _known(stores: Stores, standing: Collection[str] = ()) -> list[tuple[RolloutId, RolloutState | None]]:
    """Those that stand so, or all, and perhaps more; with their states, None where the record cannot be understood."""
    try:
        store = stores.own()
        return [(rollout, _state(store, rollout)) for rollout in store.find(standing=standing)]
    except StoreError:
        if stores.emergency:
            return []
        raise


def _of_name(stores: Stores, name: str) -> Sequence[RolloutId]:
    """Those in the store; all of them where no name is given."""
    try:
        return stores.own().find(name=name)
    except StoreError:
        if stores.emergency:
            return ()
        raise


def _cards(stores: Stores) -> list[Card]:
    """Of the rollouts that the store knows nothing of, or that cannot be read."""
    cards = stores.cards()
    return [card for card in cards if not (state := _state(stores.own(), card.rollout)) or not state.seq]


def _state(store: Store, rollout: RolloutId) -> RolloutState | None:
    try:
        return store.state(rollout)
    except StoreError:
        return None


def _ask_back(settings: Settings, what: str, options: Sequence[str]) -> NoReturn:
    raise UsageError(f"{what}; say which:\n" + "\n".join(f"  {settings.line} {option}" for option in options))
