"""What an operation works with: one rollout, its plan and state, and the adapters, already built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property

from rollout.engine.fold import fold
from rollout.engine.path import Stop, path
from rollout.engine.progress import up_to
from rollout.engine.settings import slots
from rollout.errors import ConflictError, UsageError
from rollout.frozen import dataclass, field, replace
from rollout.model.changes import Slot
from rollout.model.events import RolloutId
from rollout.model.evidence import Question
from rollout.model.plan import Environment, Plan
from rollout.model.state import PinnedPlan, RolloutState
from rollout.model.values import Flag
from rollout.ports import Clock, Source, Store, Target


@dataclass(frozen=True)
class Desk:
    """`plan` is the pinned one once the rollout has started; `file` is what its file holds now, None when it is gone.

    `who` is typing. `variables` are the environment's own, filled in; `unset` those without a value that its parts
    need, `target_gaps` what of its targets cannot be carried out yet. `at` is a past moment to judge as of, and then
    `state` is that of the moment. The files that a plan names are read only where it is `trusted`. `say` tells a person
    what is going on.
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
    who: Callable[[], str]
    variables: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    target_gaps: tuple[str, ...] = ()
    at: datetime | None = None
    trusted: bool = True
    say: Callable[[str], None] = field(default=lambda _: None)

    @property
    def now(self) -> datetime:
        """The moment that is judged: a past one, where that was asked for."""
        return self.at or self.clock.now()

    def again(self) -> Desk:
        """As the record stands by now: somebody may have answered, or gone on."""
        return replace(self, state=fold(self.store.events(self.rollout)))

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

    @property
    def plan_changed(self) -> bool:
        return bool(self.difference)

    def conflicts(self) -> None:
        """ConflictError when somebody is at it, was interrupted, or has edited the plan."""
        pending = self.state.pending
        if pending is not None:
            aim = f" to {pending.aim}" if pending.aim else ""
            article = "an" if pending.kind == "advance" else "a"
            raise ConflictError(
                f"{pending.actor} began {article} {pending.kind}{aim} that has not ended, "
                f"at {pending.at:%Y-%m-%d %H:%M:%S} UTC",
                "if nobody is at it any more it was interrupted: `rollout rollback` takes it back",
            )
        if self.plan_changed:
            raise ConflictError(
                f"the plan has been edited since {self.rollout} started; it is judged by the text it started with:\n"
                f"{self.difference}",
                "restore the file, or roll back",
            )

    def need_carried_out(self, gaps: tuple[str, ...]) -> None:
        """UsageError when the command would need something that cannot be carried out yet."""
        if gaps:
            raise UsageError(
                "this plan needs what cannot be carried out yet: " + "; ".join(gaps), "nothing was changed"
            )
