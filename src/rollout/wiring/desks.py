"""From settings to a desk: the plan, its environment, its store and state, and the adapters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import sleep

from rollout.engine.fold import fold
from rollout.errors import StoreError, UsageError
from rollout.frozen import dataclass, field
from rollout.model.events import Event, RolloutId
from rollout.model.plan import Plan
from rollout.model.state import PinnedPlan, RolloutState, Status
from rollout.model.variables import resolved
from rollout.operations.desk import Desk
from rollout.ports import Store
from rollout.settings import Settings, actor
from rollout.wiring.locate import Choice, active_environment, locate, pinned_at
from rollout.wiring.plans import PlanFile, difference, load_pinned, read_plan_file
from rollout.wiring.prometheus import unset_variables
from rollout.wiring.sources import Sources
from rollout.wiring.stores import open_planned_store, open_store
from rollout.wiring.surroundings import Surroundings
from rollout.wiring.targets import open_targets
from rollout.wiring.variables import lookup_of


@dataclass(frozen=True)
class Need:
    """What a command asks of its desk.

    `finished`: where none is active, the only complete rollout will do. `of_file`: judge by the file given, whatever
    is pinned. `emergency`: a store that cannot be read stops nothing. `refused` are kinds of questions that it does
    not ask, each with the reason.
    """

    finished: bool = False
    of_file: bool = False
    emergency: bool = False
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


def open_desk(settings: Settings, need: Need, say: Callable[[str], None]) -> Desk:
    choice = locate(settings, finished=need.finished, tolerant=need.emergency)
    plan, file, rollout, store, state = _parts(settings, choice, need)
    environment = plan.environments[rollout.environment]
    pinned = state.pinned if state.begun else None
    where = file.path if file else Path(pinned.path) if pinned else settings.folder
    lookup = lookup_of(settings, environment)
    folder = (where.parent / plan.workdir).resolve()
    opened = open_targets(environment, folder, lookup)
    return Desk(
        rollout=rollout,
        plan=plan,
        file=file.pinned() if file else None,
        difference=difference(pinned, file.pinned()) if pinned and file else "",
        state=state,
        store=store,
        source=Sources(
            Surroundings(
                plan=plan,
                folder=folder,
                rollout=rollout,
                state=state,
                store=store,
                settings=settings,
                refused=need.refused if settings.trust is None else {**need.refused, **_UNTRUSTED},
            )
        ),
        targets=opened.targets,
        target_gaps=opened.gaps,
        clock=SystemClock(),
        variables=resolved(environment.vars, settings.plan_variables.get),
        who=cache(lambda: actor(settings)),
        unset=(*opened.unset, *unset_variables(environment.prometheus, lookup)),
        trusted=settings.trust is None,
        say=say,
    )


def find_rollout(settings: Settings) -> tuple[Store, RolloutId]:
    """A rollout and its store, for commands that need neither plan nor targets."""
    choice = locate(settings, finished=True)
    if choice.rollout is not None:
        return open_store(settings), choice.rollout
    _, _, rollout, store, _ = _by_file(settings, choice, Need(finished=True))
    return store, rollout


def find_plan(settings: Settings) -> tuple[Plan, str]:
    """A plan as its file says, else as it was pinned, and the environment."""
    need = Need(finished=True, of_file=True)
    plan, _, rollout, _, _ = _parts(settings, locate(settings, finished=True), need)
    return plan, rollout.environment


_Parts = tuple[Plan, PlanFile | None, RolloutId, Store, RolloutState]


def _parts(settings: Settings, choice: Choice, need: Need) -> _Parts:
    parts = _by_file(settings, choice, need) if choice.file else _by_record(settings, choice, need)
    plan, _, rollout, _, _ = parts
    if rollout.environment not in plan.environments:
        raise _no_environment(plan, rollout.environment)
    return parts


def _by_file(settings: Settings, choice: Choice, need: Need) -> _Parts:
    assert choice.file is not None
    named = choice.environment or settings.environment
    try:
        file = read_plan_file(choice.file, settings.folder)
        plan = file.load()
        if named and named not in plan.environments:
            raise _no_environment(plan, named)
    except UsageError:
        # Edited into something broken: a rollout that runs goes by what it has pinned, above all its way back.
        rollout = pinned_at(settings, choice.file, named, tolerant=need.emergency)
        if rollout is None or need.of_file:
            raise
        return _by_record(settings, Choice(rollout=rollout), need)
    stores = _stores(settings, plan, file)
    states = {} if need.of_file else _states(plan, stores)
    name = named or active_environment(states) or _only_environment(plan, settings)
    rollout, store = RolloutId(plan.name, name), stores[name]
    state = _known(store, rollout) if need.of_file else states.get(name) or _state(store, rollout, need)
    if state.begun and state.pinned and not need.of_file:
        plan = load_pinned(state.pinned)
    return plan, file, rollout, store, state


def _stores(settings: Settings, plan: Plan, file: PlanFile) -> dict[str, Store]:
    """Of each environment."""
    folder = file.path.parent / plan.workdir
    return {
        name: open_planned_store(settings, environment.store, folder, lookup_of(settings, environment))
        for name, environment in plan.environments.items()
    }


def _states(plan: Plan, stores: Mapping[str, Store]) -> dict[str, RolloutState]:
    """Of each environment whose record can be read."""
    states = {}
    for name, store in stores.items():
        with suppress(StoreError):
            states[name] = fold(store.events(RolloutId(plan.name, name)))
    return states


def _by_record(settings: Settings, choice: Choice, need: Need) -> _Parts:
    assert choice.rollout is not None
    store = open_store(settings)
    state = _state(store, choice.rollout, need)
    if state.pinned is None:
        raise UsageError(f"{choice.rollout} was never started", "name its plan file: --plan FILE")
    try:
        file = read_plan_file(Path(state.pinned.path), settings.folder)
    except UsageError:
        file = None  # a deleted plan file stops nothing: the store keeps its text
    plan = load_pinned(state.pinned) if state.begun or file is None else file.load()
    return plan, file, choice.rollout, store, state


def _state(store: Store, rollout: RolloutId, need: Need) -> RolloutState:
    try:
        return fold(store.events(rollout))
    except StoreError:
        if need.emergency:
            return _salvaged(store, rollout)
        raise


def _known(store: Store, rollout: RolloutId) -> RolloutState:
    """Of what judges by its file the record only adds answers and baselines, so one that cannot be read is none."""
    try:
        return fold(store.events(rollout))
    except StoreError:
        return RolloutState()


def _salvaged(store: Store, rollout: RolloutId) -> RolloutState:
    """For an emergency, of a record that cannot be understood as a whole: the plan that it pinned."""
    events: Sequence[Event] = ()
    with suppress(StoreError):
        events = store.events(rollout)
    for event in reversed(events):
        match event.data:
            case {"plan_text": str(text), "plan_sha256": str(sha256), "plan_path": str(path)}:
                pinned = PinnedPlan(text, sha256, path)
                return RolloutState(Status.IN_PROGRESS, pinned=pinned, seq=events[-1].seq)
            case _:
                pass
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
