"""From settings to a desk: the plan, its environment, its store and state, and the adapters."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import sleep

from rollout.engine.fold import renewed
from rollout.errors import StoreError, UsageError
from rollout.frozen import dataclass, field, replace
from rollout.model.events import RolloutId
from rollout.model.plan import Environment, Plan
from rollout.model.state import OVER, RolloutState
from rollout.model.variables import resolved
from rollout.operations.desk import Desk
from rollout.ports import Store, Voice
from rollout.processes.machine import ThisMachine
from rollout.processes.runner import CommandRunner
from rollout.settings import Settings, actor
from rollout.store.catalogue import Catalogue
from rollout.wiring.locate import Choice, active_environment, locate, pinned_at
from rollout.wiring.places import moved, place_lookup, places_of
from rollout.wiring.plans import PlanFile, difference, load_pinned, read_plan_file
from rollout.wiring.prometheus import unset_variables
from rollout.wiring.sources import Sources
from rollout.wiring.states import state_of
from rollout.wiring.stores import Stores
from rollout.wiring.surroundings import Surroundings
from rollout.wiring.targets import open_targets
from rollout.wiring.variables import lookup_of, own_variables


@dataclass(frozen=True)
class Need:
    """What a command asks of its desk.

    `finished`: where none is active, the only complete rollout will do. `of_file`: judge by the file given, whatever
    is pinned. `emergency`: a store that cannot be read stops nothing. `renew`: a run that is over counts no more.
    `accept`: by the plan as its file is now, where that was edited. `refused` are kinds of questions that it does not
    ask, each with the reason.
    """

    finished: bool = False
    of_file: bool = False
    emergency: bool = False
    renew: bool = False
    accept: bool = False
    refused: Mapping[str, str] = field(default_factory=dict)


_UNTRUSTED = {
    kind: f"a plan that is not trusted runs no {what} (--untrusted)"
    for kind, what in (("command", "commands"), ("sql", "SQL"))
}


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        sleep(seconds)


def open_desk(settings: Settings, need: Need, voice: Voice) -> Desk:
    stores = Stores(settings, emergency=need.emergency, say=voice.say)
    choice = locate(stores, finished=need.finished)
    plan, file, rollout, store, state = _by_edited_file(_parts(stores, choice, need), need)
    environment = plan.environments[rollout.environment]
    pinned = state.pinned if state.begun else None
    where = file.path if file else Path(pinned.path) if pinned else settings.folder
    lookup = lookup_of(settings, environment)
    card = stores.card(store, rollout) if need.emergency else None
    recorded = card.places if card else state.places if state.begun else {}
    at = place_lookup(lookup, recorded)
    folder = (where.parent / plan.workdir).resolve()
    opened = open_targets(environment, folder, at)
    surroundings = Surroundings(
        plan=plan,
        folder=folder,
        rollout=rollout,
        state=state,
        store=store,
        settings=settings,
        refused=need.refused if settings.trust is None else {**need.refused, **_UNTRUSTED},
    )
    return Desk(
        rollout=rollout,
        plan=plan,
        file=file.pinned() if file else None,
        difference=difference(pinned, file.pinned()) if pinned and file else "",
        state=state,
        store=store,
        source=Sources(surroundings),
        targets=opened.targets,
        target_gaps=opened.gaps,
        clock=SystemClock(),
        runner=CommandRunner(
            folder,
            settings.variables,
            own_variables(settings, environment),
            lambda: surroundings.secret_names,
            voice.show,
        ),
        machine=ThisMachine(),
        keepsakes=stores.beside(store),
        variables=resolved(environment.vars, settings.plan_variables.get),
        places=places_of(environment, lookup if need.accept else at),
        moved=dict(moved(_pinned_environment(plan, state, rollout, need), recorded, environment, lookup)),
        who=cache(lambda: actor(settings)),
        unset=(*opened.unset, *unset_variables(environment.prometheus, lookup)),
        trusted=settings.trust is None,
        renew=need.renew,
        behind="" if need.emergency or need.of_file else stores.behind(store, rollout, state.seq),
        typed=settings.typed,
        voice=voice,
    )


def _pinned_environment(plan: Plan, state: RolloutState, rollout: RolloutId, need: Need) -> Environment:
    """As the pinned plan has it; of one that has not begun nothing is recorded."""
    if need.accept and state.begun and state.pinned:
        return load_pinned(state.pinned).environments[rollout.environment]
    return plan.environments[rollout.environment]


def find_rollout(settings: Settings) -> tuple[Catalogue, RolloutId]:
    """A rollout and its store, for commands that need neither plan nor targets."""
    stores = Stores(settings)
    choice = locate(stores, finished=True)
    if choice.rollout is not None:
        return stores.own(), choice.rollout
    _, _, rollout, store, _ = _by_file(stores, choice, Need(finished=True))
    return store, rollout


def find_plan(settings: Settings) -> tuple[Plan, str]:
    """A plan as its file says, else as it was pinned, and the environment."""
    need = Need(finished=True, of_file=True)
    stores = Stores(settings)
    plan, _, rollout, _, _ = _parts(stores, locate(stores, finished=True), need)
    return plan, rollout.environment


def find_state(stores: Stores, need: Need) -> tuple[Plan, RolloutId, RolloutState]:
    """Where a rollout stands, for whoever only looks."""
    plan, _, rollout, _, state = _parts(stores, locate(stores, finished=need.finished), need)
    return plan, rollout, state


_Parts = tuple[Plan, PlanFile | None, RolloutId, Catalogue, RolloutState]


def _parts(stores: Stores, choice: Choice, need: Need) -> _Parts:
    parts = _by_file(stores, choice, need) if choice.file else _by_record(stores, choice, need)
    plan, _, rollout, _, _ = parts
    if rollout.environment not in plan.environments:
        raise _no_environment(plan, rollout.environment)
    return parts


def _by_edited_file(parts: _Parts, need: Need) -> _Parts:
    """The same, with the plan as its file is now where that is what counts from here on."""
    _, file, rollout, store, state = parts
    over = need.renew and state.status in OVER and state.pending is None
    if not over and not need.accept:
        return parts
    if file is None:
        raise UsageError("the plan's file is gone", "name another: --plan FILE")
    plan = file.load()
    if rollout.environment not in plan.environments:
        raise _no_environment(plan, rollout.environment)
    return plan, file, rollout, store, renewed(state) if over else state


def _by_file(stores: Stores, choice: Choice, need: Need) -> _Parts:
    assert choice.file is not None
    settings = stores.settings
    named = choice.environment or settings.environment
    try:
        file = read_plan_file(choice.file, settings.folder)
        plan = file.load()
        if named and named not in plan.environments:
            raise _no_environment(plan, named)
    except UsageError:
        # Edited into something broken: a rollout that runs goes by what it has pinned, above all its way back.
        rollout = pinned_at(stores, choice.file, named)
        if rollout is None or need.of_file:
            raise
        return _by_record(stores, Choice(rollout=rollout), need)
    of_each = _stores(stores, plan, file.path)
    states = {} if need.of_file else _states(stores, plan, of_each)
    name = named or active_environment(states) or _only_environment(plan, settings)
    rollout, store = RolloutId(plan.name, name), of_each[name]
    state = _known(store, rollout) if need.of_file else states.get(name) or state_of(stores, store, rollout)
    if state.begun and state.pinned and not need.of_file:
        plan = load_pinned(state.pinned)
    return plan, file, rollout, store, state


def _stores(stores: Stores, plan: Plan, path: Path) -> dict[str, Catalogue]:
    """Of each environment, for a plan that stands or stood at this path."""
    folder = path.parent / plan.workdir
    return {
        name: stores.planned(environment.store, folder, lookup_of(stores.settings, environment))
        for name, environment in plan.environments.items()
    }


def _states(stores: Stores, plan: Plan, of_each: Mapping[str, Catalogue]) -> dict[str, RolloutState]:
    """Of each environment whose record can be read."""
    states = {}
    for name, store in of_each.items():
        with suppress(StoreError):
            states[name] = state_of(stores, store, RolloutId(plan.name, name))
    return states


def _by_record(stores: Stores, choice: Choice, need: Need) -> _Parts:
    assert choice.rollout is not None
    rollout, store = choice.rollout, stores.own()
    state = state_of(stores, store, rollout)
    cards = [] if state.pinned else [card for card in stores.cards() if card.rollout == rollout]
    if cards and need.emergency:
        state = replace(cards[0].state, seq=0, head="")
    if state.pinned is None:
        if cards:
            raise StoreError(
                f"{store.location} knows nothing of {rollout}, of which there is a rollback card",
                "restore the store from a backup; `rollout rollback --emergency` works without it",
            )
        raise UsageError(f"{rollout} was never started", "name its plan file: --plan FILE")
    file = None  # one that is gone, or that hangs in an emergency, stops nothing: its text is kept
    if not (need.emergency and state.begun):
        with suppress(UsageError):
            file = read_plan_file(Path(state.pinned.path), stores.settings.folder)
    plan = load_pinned(state.pinned) if state.begun or file is None else file.load()
    if cards:
        store = _stores(stores, plan, Path(state.pinned.path)).get(rollout.environment, store)
    return plan, file, rollout, store, state


def _known(store: Store, rollout: RolloutId) -> RolloutState:
    """Of what judges by its file the record only adds answers and baselines, so one that cannot be read is none."""
    try:
        return store.state(rollout)
    except StoreError:
        return RolloutState()


def _no_environment(plan: Plan, name: str) -> UsageError:
    return UsageError(f"the plan has no environment {name!r}", f"environments: {', '.join(plan.environments)}")


def _only_environment(plan: Plan, settings: Settings) -> str:
    if plan.default_environment:
        return plan.default_environment
    if len(plan.environments) == 1:
        return next(iter(plan.environments))
    lines = "".join(f"\n  {settings.line} --env {name}" for name in plan.environments)
    raise UsageError(f"{plan.name} has several environments; say which:{lines}")
