"""A place to run operations as the commands do, each with the state folded anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from rollout.engine.fold import fold
from rollout.errors import RolloutError
from rollout.model.events import Event
from rollout.model.plan import Level, Plan, Step, TargetSpec
from rollout.model.state import PinnedPlan, RolloutState
from rollout.operations.advance import Advance, advance
from rollout.operations.check import Check, check
from rollout.operations.desk import Desk
from rollout.operations.options import Options
from rollout.operations.recover import Recovery, recover
from rollout.operations.rollback import Rollback, rollback
from rollout.operations.status import StatusReport, status
from rollout.operations.unlock import Unlocked, unlock
from rollout.operations.waiting import NO_WAIT
from tests.fakes import (
    ROLLOUT,
    FakeClock,
    FakeKeepsakes,
    FakeMachine,
    FakeRunner,
    FakeSource,
    FakeTarget,
    Listening,
    MemoryStore,
    nothing,
)
from tests.small_plans import ON, PERCENT, PHASES, commands, gate, make_plan, phase, spike, step


def yes(_: object) -> bool:
    return True


def no(_: object) -> bool:
    return False


@dataclass
class Workbench:
    """What stays between commands. Every command gets a desk of its own, with the state folded anew."""

    plan: Plan
    clock: FakeClock = field(default_factory=FakeClock)
    store: MemoryStore = field(default_factory=MemoryStore)
    source: FakeSource = field(default_factory=FakeSource)
    targets: dict[str, FakeTarget] = field(default_factory=dict)
    difference: str = ""
    unset: tuple[str, ...] = ()
    said: list[str] = field(default_factory=list)
    runner: FakeRunner = field(default_factory=FakeRunner)
    machine: FakeMachine = field(default_factory=FakeMachine)
    keepsakes: FakeKeepsakes = field(default_factory=FakeKeepsakes)

    @property
    def target(self) -> FakeTarget:
        """The only one, or the first."""
        return next(iter(self.targets.values()))

    @property
    def events(self) -> Sequence[Event]:
        return self.store.chains.get(ROLLOUT, [])

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    @property
    def state(self) -> RolloutState:
        return fold(self.events)

    def __post_init__(self) -> None:
        self.source.clock = self.clock

    def desk(self, who: str = "ann", state: RolloutState | None = None) -> Desk:
        return Desk(
            rollout=ROLLOUT,
            plan=self.plan,
            file=PinnedPlan("rollout: 1\n", "f" * 64, "/plans/checkout-v2.yaml"),
            difference=self.difference,
            state=self.state if state is None else state,
            store=self.store,
            source=self.source,
            targets=self.targets,
            clock=self.clock,
            runner=self.runner,
            machine=self.machine,
            keepsakes=self.keepsakes,
            who=lambda: who,
            unset=self.unset,
            voice=Listening(self.said),
        )

    def advance(
        self,
        who: str = "ann",
        *,
        to: str = "",
        reason: str = "",
        overrides: Sequence[str] = (),
        skip_soak: bool = False,
        start: str = "",
        renew: bool = False,
        accept: bool = False,
        wait: timedelta = NO_WAIT,
        dry_run: bool = False,
        confirm: Callable[[Advance], bool] = yes,
    ) -> Advance:
        options = Options(to, reason, overrides, skip_soak, start, renew, accept)
        desk = replace(self.desk(who), renew=renew).anew()
        return advance(desk, options=options, wait=wait, dry_run=dry_run, confirm=confirm)

    def rollback(
        self,
        level: str = "",
        who: str = "ann",
        *,
        to: str = "",
        flags: Sequence[str] = (),
        reason: str = "",
        approved_by: str = "",
        confirmed: str = "",
        dry_run: bool = False,
        confirm: Callable[[Rollback], bool] = yes,
    ) -> Rollback:
        return rollback(
            self.desk(who),
            level=level,
            to=to,
            flags=flags,
            reason=reason,
            approved_by=approved_by,
            confirmed=confirmed,
            dry_run=dry_run,
            confirm=confirm,
        )

    def recover(self, who: str = "ann", *, force: bool = False) -> Recovery:
        return recover(self.desk(who), force=force)

    def unlock(self, who: str = "ann", reason: str = "it is gone") -> Unlocked:
        return unlock(self.desk(who), reason)

    def refuses(self, error: type[RolloutError], to: str = "") -> RolloutError:
        """An advance that ends in the error, with nothing written and nothing recorded."""
        before, events = [target.held for target in self.targets.values()], self.kinds
        with pytest.raises(error) as caught:
            self.advance(to=to)
        assert [target.held for target in self.targets.values()] == before
        assert self.kinds == events
        return caught.value

    def status(self) -> StatusReport:
        return status(self.desk())

    def check(
        self, phase: str = "", stage: str = "", *, at: datetime | None = None, wait: timedelta = NO_WAIT
    ) -> Check:
        return check(self.desk(), phase, stage, at=at, wait=wait)

    def advanced(self, times: int) -> Workbench:
        """After so many steps, none of them refused."""
        for _ in range(times):
            assert self.advance().exit_code == 0
        return self


def workbench(plan: Plan, **held: str) -> Workbench:
    """`held` is what the first target holds before anything happens."""
    targets = {name: FakeTarget(name) for name in plan.environments[ROLLOUT.environment].targets}
    next(iter(targets.values())).held = held
    return Workbench(plan, targets=targets)


DAY = timedelta(days=1)


def checkout(**held: str) -> Workbench:
    """prepare, limited (20, then 35, each a day), full (100); every answer is good."""
    plan = make_plan(
        phase("prepare"),
        phase("limited", step(ON=True, PERCENT=20, soak=DAY), step(PERCENT=35, soak=DAY), gates=[gate("errors")]),
        phase("full", step(PERCENT=100), entry=[gate("ready")], at_exit=[gate("done")]),
        triggers=[spike("spike")],
    )
    made = workbench(plan, **(held or {"ON": "false", "PERCENT": "0"}))
    made.source.answers = {"errors": 0.0, "ready": 0.0, "done": 0.0, "spike": 0.0}
    return made


def two_targets(*steps: Step) -> Workbench:
    """A bool at `web`, a percent at `api`, both safe; one step exposes both."""
    flags = (replace(PERCENT, targets={"api": ""}), replace(ON, targets={"web": ""}))
    steps = steps or (step(ON=True, PERCENT=20),)
    made = workbench(make_plan(phase("one", *steps), flags=flags, targets=("web", "api")))
    made.targets["web"].held, made.targets["api"].held = {"ON": "false"}, {"PERCENT": "0"}
    return made


def three_targets() -> Workbench:
    """A bool at `b`, percents at `a` and `c`; all exposed."""
    flags = (replace(PERCENT, targets={"a": "", "c": ""}), replace(ON, targets={"b": ""}))
    made = workbench(make_plan(phase("one", step(ON=True, PERCENT=20)), flags=flags, targets=("a", "b", "c")))
    for target in made.targets.values():
        target.held = {"PERCENT": "0", "ON": "false"}
    return made.advanced(1)


def busy(*levels: Level, steps: int = 0) -> Workbench:
    """A bool at `web`, a percent at `api`, each with its commands and the gate `health`; `one` has two steps with
    commands of their own, `two` changes nothing. `health` passes.
    """
    flags = (replace(PERCENT, targets={"api": ""}), replace(ON, targets={"web": ""}))
    first = replace(
        step(ON=True, PERCENT=20),
        before=commands("backup all"),
        run=commands("warm 1"),
        undo=(*commands("cool 1"), "unlink the canary"),
        instructions=("Link the canary",),
    )
    second = replace(step(PERCENT=50), run=commands("warm 2"), undo=commands("cool 2", "cool 2b"))
    specs = [
        TargetSpec(
            name=name,
            apply=commands(f"restart-{name}"),
            emergency_apply=commands(f"kill-{name}"),
            verify=("health",),
        )
        for name in ("web", "api")
    ]
    plan = make_plan(
        phase("one", first, second), phase("two"), flags=flags, targets=specs, gates=[gate("health")], levels=levels
    )
    made = workbench(plan)
    made.targets["web"].held, made.targets["api"].held = {"ON": "false"}, {"PERCENT": "0"}
    made.source.answers = {"health": 0.0}
    return made.advanced(steps)


PARTIAL = Level("partial", set={"PERCENT": 10}, restart="limited", instructions=("Open an incident",))


def full_rollout(*levels: Level, steps: int = 4) -> Workbench:
    """At full, the last of four steps, unless fewer were taken."""
    plan = make_plan(*PHASES, levels=(PARTIAL, Level("back", to="limited/1"), *levels))
    return workbench(plan, ON="false", PERCENT="0", ALLOW="a,,b").advanced(steps)


def held_by_each(made: Workbench) -> list[str]:
    return [target.held["ON" if name == "b" else "PERCENT"] for name, target in made.targets.items()]


def interrupt() -> None:
    raise KeyboardInterrupt


class KilledError(BaseException):
    """The process ends here and now: nothing catches it, as nothing catches a kill -9."""


def kill() -> None:
    raise KilledError


def with_pending(made: Workbench, *, pid: int = 7) -> Workbench:
    """Somebody's advance, carried out by that process, has been intended and has not ended."""
    machine, made.machine = made.machine, FakeMachine(pid)
    made.target.before_write = kill
    with pytest.raises(KilledError):
        made.advance("bob")
    made.target.before_write, made.machine = nothing, machine
    return made
