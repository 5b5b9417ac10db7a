"""What an operation works with: one rollout, its plan and state, and the adapters, already built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import assert_never

from rollout.engine.fold import fold, renewed
from rollout.engine.path import Stop, label_of, path
from rollout.engine.progress import up_to
from rollout.engine.settings import slots
from rollout.errors import ConflictError, UsageError
from rollout.frozen import dataclass, field, replace
from rollout.model.changes import Slot
from rollout.model.events import RolloutId
from rollout.model.evidence import Question
from rollout.model.plan import Environment, Plan
from rollout.model.state import OVER, PinnedPlan, RolloutState
from rollout.model.values import Flag
from rollout.ports import Clock, Fate, Keepsakes, Machine, Runner, Silent, Source, Store, Target, Voice


@dataclass(frozen=True)
class Desk:
    """`plan` is the pinned one once the rollout has started; `file` is what its file holds now, None when it is gone.

    `who` is typing. `variables` are the environment's own, filled in; `unset` those without a value that its parts
    need, `target_gaps` what of its targets cannot be carried out yet, `places` the values of those variables that say
    where its targets are, `moved` the targets that this shell puts somewhere else, each with a sentence. `at`
    is a past moment to judge as of, and then `state` is that of the moment. The files that a plan names are read only
    where it is `trusted`. `renew`: a run that is over counts no more. `behind` says why the record cannot be whole.
    `typed` are the options that said which rollout is meant.
    """

    rollout: RolloutId
    plan: Plan
    file: PinnedPlan | None
    difference: str
    state: RolloutState
    store: Store
    source: Source[Question[object]]
    targets: Mapping[str, Target]
    clock: Clock
    runner: Runner
    machine: Machine
    keepsakes: Keepsakes
    who: Callable[[], str]
    variables: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    target_gaps: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    trusted: bool = True
    renew: bool = False
    behind: str = ""
    typed: str = ""
    voice: Voice = Silent()

    @property
    def now(self) -> datetime:
        """The moment that is judged: a past one, where that was asked for."""
        return self.at or self.clock.now()

    def again(self) -> Desk:
        """As the record stands by now: somebody may have answered, or gone on."""
        return replace(self, state=self.store.state(self.rollout)).anew()

    def anew(self) -> Desk:
        """Before the next run, where one that is over counts no more."""
        over = self.renew and self.state.status in OVER and self.state.pending is None
        return replace(self, state=renewed(self.state)) if over else self

    def as_of(self, at: datetime) -> Desk:
        """As the record stood then."""
        return replace(self, state=fold(up_to(self.store.events(self.rollout), at)), at=at)

    @property
    def environment(self) -> Environment:
        return self.plan.environments[self.rollout.environment]

    @cached_property
    def stops(self) -> tuple[Stop, ...]:
        return path(self.plan, self.rollout.environment)

    @cached_property
    def slots(self) -> Mapping[Slot, Flag]:
        return slots(self.plan, self.environment)

    def verifying(self, targets: Iterable[str]) -> list[str]:
        """The gates that these targets name to verify a change."""
        return [gate for name in targets for gate in self.environment.targets[name].verify]

    @property
    def plan_changed(self) -> bool:
        return bool(self.difference)

    def conflicts(self) -> None:
        """ConflictError when somebody is at it, was interrupted, or has edited the plan."""
        self.refuse_under_way()
        if self.state.pending is not None:
            back = "; `rollout rollback` takes it back" if self.state.pending.kind == "advance" else ""
            raise ConflictError(self.under_way, f"`rollout recover` finishes or undoes it{back}")
        if self.moved:
            hint = "set the variables as they were; a rollback goes by what was recorded"
            raise ConflictError("; ".join(self.moved.values()), hint)
        if self.plan_changed:
            raise ConflictError(
                f"the plan has been edited since {self.rollout} started; it is judged by the text it started with:\n"
                f"{self.difference}",
                "restore the file; or go on by the edited one: rollout advance --accept-plan-change --reason TEXT",
            )

    @property
    def fate(self) -> Fate:
        """Of whoever carries out the pending change: gone where there is none."""
        pending = self.state.pending
        if pending is None or pending.released or pending.holder is None:
            return Fate.GONE
        return self.machine.fate(pending.holder)

    @property
    def under_way(self) -> str:
        """What is pending, as a sentence; empty where nothing is."""
        pending = self.state.pending
        if pending is None:
            return ""
        aim = f" to {label_of(self.stops, pending.aim)}" if pending.aim else ""
        what = f"{pending.kind}{aim}"
        when = f"{pending.at:%Y-%m-%d %H:%M:%S} UTC"
        match self.fate:
            case Fate.ALIVE:
                return f"{pending.actor} is at it: {what} since {when} ({pending.holder})"
            case Fate.STOPPED:
                return f"{pending.actor} has stopped in the middle: {what} since {when} ({pending.holder})"
            case Fate.GONE:
                ended = "is not complete" if pending.released else "was interrupted"
                return f"the {what} that {pending.actor} began at {when} {ended}"
            case Fate.UNKNOWN:
                return f"the {what} that {pending.actor} began at {when} has not ended ({pending.holder})"

    def refuse_under_way(self) -> None:
        """ConflictError where somebody may be at the pending change, or where the record is not whole."""
        if self.behind:
            hint = "put the store's file back; `rollout rollback --emergency` works without it"
            raise ConflictError(self.behind, hint)
        match self.fate:
            case Fate.GONE:
                return
            case Fate.UNKNOWN:
                hint = "when nobody is at it any more: rollout unlock --reason TEXT, then rollout recover"
            case Fate.ALIVE | Fate.STOPPED:
                hint = "wait for its end; only `rollout rollback --emergency` overtakes it"
            case never:
                assert_never(never)
        raise ConflictError(self.under_way, hint)

    def need_carried_out(self, gaps: tuple[str, ...]) -> None:
        """UsageError when the command would need something that cannot be carried out yet."""
        if gaps:
            raise UsageError(
                "this plan needs what cannot be carried out yet: " + "; ".join(gaps), "nothing was changed"
            )
