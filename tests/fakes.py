"""Fakes at the ports, plans in a line or two, and a workbench that runs operations as the commands do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from rollout.engine.fold import fold
from rollout.errors import ConflictError, StoreError, TargetError
from rollout.gates.metric import MetricAlarm, MetricGate
from rollout.model.conditions import parse_condition
from rollout.model.events import GENESIS, Draft, Event, RolloutId, canonical, seal
from rollout.model.evidence import Answer, Evidence, Query, Series, Unanswered
from rollout.model.plan import Environment, Level, Metric, Phase, Plan, SeriesRule, Step, TargetSpec, Trigger
from rollout.model.state import PinnedPlan, RolloutState
from rollout.model.values import Flag, FlagType, FlagValue, Held, Setting, as_held_text
from rollout.operations.advance import Advance, advance
from rollout.operations.check import Check, check
from rollout.operations.desk import Desk
from rollout.operations.rollback import Rollback, rollback
from rollout.operations.status import StatusReport, status

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROLLOUT = RolloutId("checkout-v2", "production")


class FakeClock:
    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> None:
        self._now += by


def nothing() -> None:
    pass


@dataclass
class FakeTarget:
    """A text target in memory. `fails` holds what goes wrong: read, read-back (after a write), write or preflight.

    `lies`: it accepts a write and holds what it held. `before_write` and `after_write` are what happens around one.
    """

    name: str = "api"
    held: dict[str, str] = field(default_factory=dict)
    fails: set[str] = field(default_factory=set)
    lies: bool = False
    before_write: Callable[[], None] = nothing
    after_write: Callable[[], None] = nothing
    writes: list[Mapping[str, Setting]] = field(default_factory=list)

    def read(self, keys: Iterable[str]) -> Mapping[str, Held]:
        self._stumble("read")
        if self.writes:
            self._stumble("read-back")
        return {key: self.held.get(key) for key in keys}

    def preflight(self, keys: Iterable[str]) -> None:
        self._stumble("preflight")

    def write(self, settings: Mapping[str, Setting], expected: Mapping[str, Held] | None) -> None:
        self.before_write()
        self._stumble("write")
        for key, value in (expected or {}).items():
            if self.held.get(key) != value:
                raise ConflictError(f"{key} at {self.name} holds {self.held.get(key)!r}, expected {value!r}")
        self.writes.append(settings)
        if not self.lies:
            kept = {key: value for key, value in self.held.items() if key not in settings}
            self.held = kept | {key: as_held_text(value) for key, value in settings.items() if value is not None}
        self.after_write()

    def manual(self, settings: Mapping[str, Setting]) -> str:
        texts = (f"{key}={'' if value is None else as_held_text(value)}" for key, value in settings.items())
        return f"set-by-hand {self.name} {' '.join(texts)}"

    def _stumble(self, what: str) -> None:
        if what in self.fails:
            raise TargetError(f"{self.name}: {what} failed", "look at the target")


Reply = float | Answer | Unanswered


def answer(*values: float, warnings: tuple[str, ...] = ()) -> Answer:
    """Several values are several series."""
    labels = [(("pod", f"p{number}"),) if len(values) > 1 else () for number in range(len(values))]
    return Answer(tuple(map(Series, labels, values)), warnings)


@dataclass
class FakeSource:
    """Answers by the text of the query; `asked` holds every query. `while_asked` is what happens meanwhile."""

    answers: dict[str, Reply] = field(default_factory=dict)
    asked: list[Query] = field(default_factory=list)
    while_asked: Callable[[], None] = nothing

    def ask(self, queries: Sequence[Query]) -> Evidence:
        self.asked += queries
        self.while_asked()
        return {query: self._answer(query) for query in queries}

    def _answer(self, query: Query) -> Answer | Unanswered:
        reply = self.answers[query.promql]
        return answer(reply) if isinstance(reply, int | float) else reply


class MemoryStore:
    """`fails` holds what goes wrong: read or append. `before_append` is what happens before the next append, once."""

    location = "memory"

    def __init__(self) -> None:
        self.chains: dict[RolloutId, list[Event]] = {}
        self.fails: set[str] = set()
        self.before_append: Callable[[], None] = nothing

    def rollouts(self) -> Sequence[RolloutId]:
        self._stumble("read")
        return sorted((rollout for rollout, chain in self.chains.items() if chain), key=str)

    def events(self, rollout: RolloutId) -> Sequence[Event]:
        self._stumble("read")
        return tuple(self.chains.get(rollout, ()))

    def append(
        self, rollout: RolloutId, drafts: Sequence[Draft], *, after: int, at: datetime, actor: str
    ) -> Sequence[Event]:
        first, self.before_append = self.before_append, nothing
        first()
        self._stumble("append")
        time = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        chain = self.chains.get(rollout, [])
        if after != len(chain):
            raise _conflict(rollout, after, chain)
        appended: list[Event] = []
        previous = chain[-1].hash if chain else GENESIS
        for seq, draft in enumerate(drafts, after + 1):
            data = json.loads(canonical(draft.data))
            appended.append(seal(Draft(draft.kind, data), rollout, seq, time, actor, previous))
            previous = appended[-1].hash
        self.chains[rollout] = chain + appended
        return tuple(appended)

    def _stumble(self, what: str) -> None:
        if what in self.fails:
            raise StoreError(f"the store cannot {what}")


def _conflict(rollout: RolloutId, after: int, chain: Sequence[Event]) -> ConflictError:
    if len(chain) > after:
        head = chain[-1]
        return ConflictError(f"{head.actor} was faster: {head.kind} of {rollout} at {head.at}", "see `rollout status`")
    return ConflictError(f"{rollout} was replaced or cut: {len(chain)} events, expected {after}", "see `rollout status`")


ON = Flag("ON", FlagType.BOOL, safe=False)
PERCENT = Flag("PERCENT", FlagType.PERCENT, safe=0)
ALLOW = Flag("ALLOW", FlagType.LIST)


def metric(promql: str = "errors", unit: str = "ratio", *, series: str = "every", reach: timedelta | None = None) -> Metric:
    return Metric(promql, promql, unit, series=SeriesRule(series), reach=reach or timedelta())


def gate(
    promql: str = "errors", require: str = "< 0.1%", unit: str = "ratio", *, id: str = "", advisory: bool = False
) -> MetricGate:
    return MetricGate(
        id=id or promql, metric=metric(promql, unit), require=parse_condition(require), advisory=advisory
    )


def alarm(promql: str = "errors", when: str = "> 1%", unit: str = "ratio") -> MetricAlarm:
    return MetricAlarm(metric=metric(promql, unit), when=parse_condition(when))


def spike(promql: str = "spike", rollback: str = "emergency", *, id: str = "", review: str = "") -> Trigger:
    """Fires above 1 %; with `review`, it asks for one."""
    return Trigger(id or promql, alarm(promql), rollback="" if review else rollback, review=review)


def step(*, soak: timedelta | None = None, gates: Iterable[MetricGate] = (), **values: FlagValue) -> Step:
    return Step(0, set=values, soak=soak or timedelta(), gates=tuple(gates))


def phase(
    id: str,
    *steps: Step,
    entry: Iterable[MetricGate] = (),
    gates: Iterable[MetricGate] = (),
    exit: Iterable[MetricGate] = (),
    environments: tuple[str, ...] = (),
) -> Phase:
    """The steps get their numbers here."""
    numbered = tuple(replace(one, number=number) for number, one in enumerate(steps, 1))
    return Phase(
        id, entry=tuple(entry), gates=tuple(gates), exit=tuple(exit), steps=numbered, environments=environments
    )


def make_plan(
    *phases: Phase,
    flags: Iterable[Flag] = (ON, PERCENT, ALLOW),
    triggers: Iterable[Trigger] = (),
    levels: Iterable[Level] = (),
    targets: Iterable[str] = ("api",),
    values: Mapping[str, FlagValue] | None = None,
    override: Mapping[str, FlagValue] | None = None,
    safe: Mapping[str, FlagValue] | None = None,
) -> Plan:
    environment = Environment(
        "production",
        targets={name: TargetSpec(name=name) for name in targets},
        values=values or {},
        override=override or {},
        safe=safe or {},
    )
    return Plan(
        "checkout-v2",
        environments={"production": environment, "staging": replace(environment, name="staging")},
        flags={flag.name: flag for flag in flags},
        phases=phases,
        triggers={trigger.id: trigger for trigger in triggers},
        rollback={level.name: level for level in levels},
    )


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
            who=lambda: who,
            unset=self.unset,
            say=self.said.append,
        )

    def advance(
        self, who: str = "ann", *, to: str = "", reason: str = "", dry_run: bool = False, confirm: Callable[[Advance], bool] = yes
    ) -> Advance:
        return advance(self.desk(who), to=to, reason=reason, dry_run=dry_run, confirm=confirm)

    def rollback(
        self,
        level: str = "",
        who: str = "ann",
        *,
        to: str = "",
        dry_run: bool = False,
        confirm: Callable[[Rollback], bool] = yes,
    ) -> Rollback:
        return rollback(self.desk(who), level=level, to=to, dry_run=dry_run, confirm=confirm)

    def status(self) -> StatusReport:
        return status(self.desk())

    def check(self, phase: str = "", stage: str = "") -> Check:
        return check(self.desk(), phase, stage)

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
