"""The plan: what is rolled out, through which phases, judged by what, undone how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum

from rollout.frozen import dataclass, field
from rollout.model.around import Around
from rollout.model.gate import Alarm, Gate
from rollout.model.values import Flag, FlagValue
from rollout.model.verdicts import Stage


@dataclass(frozen=True)
class PrometheusSpec:
    """How an environment's Prometheus is asked. Texts may hold `${VAR}`."""

    url: str
    token: str = ""
    username: str = ""
    password: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    ca: str = ""
    timeout: timedelta = timedelta(seconds=10)


@dataclass(frozen=True)
class Command:
    """An argument list run without a shell; `once`: not repeated by a recovery."""

    argv: tuple[str, ...]
    timeout: timedelta | None = None
    once: bool = False


@dataclass(frozen=True, kw_only=True)
class TargetSpec:
    """What every kind of target has; each kind adds its own keys in a subclass beside its adapter.

    `verify` names gates. `name` is the target's key in the plan, `type` the kind's. `apply` brings a change into
    effect, `emergency_apply` in its place in an emergency; a kind without such commands leaves them empty.
    """

    name: str = ""
    type: str = ""
    prefix: str = ""
    verify: tuple[str, ...] = ()
    shared: bool = False
    apply: tuple[Command, ...] = ()
    emergency_apply: tuple[Command, ...] = ()
    apply_timeout: timedelta | None = None

    def check_key(self, key: str) -> None:
        """ValueError for a name that no flag can have at this kind of target."""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What of this target cannot be carried out yet, each a sentence with what a person can do instead."""
        return ()

    @property
    def places(self) -> tuple[str, ...]:
        """The texts that say where it is, without any credential; they may hold `${VAR}`."""
        return ()

    @property
    def remarks(self) -> Mapping[str, str]:
        """What the plan's author should know, each with the id of its warning."""
        return {}


@dataclass(frozen=True)
class Environment:
    name: str
    prometheus: PrometheusSpec | None = None
    store: str = ""
    targets: Mapping[str, TargetSpec] = field(default_factory=dict)
    values: Mapping[str, FlagValue] = field(default_factory=dict)
    vars: Mapping[str, str] = field(default_factory=dict)
    override: Mapping[str, FlagValue] = field(default_factory=dict)
    safe: Mapping[str, FlagValue] = field(default_factory=dict)


class SeriesRule(StrEnum):
    """What several series come to."""

    EVERY = "every"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"


class Absent(StrEnum):
    """What an empty result means."""

    UNKNOWN = "unknown"
    ZERO = "zero"
    PASS = "pass"
    FAIL = "fail"


@dataclass(frozen=True)
class EvidenceRule:
    """Below `at_least` of another metric, a number says nothing."""

    metric: str
    at_least: float


@dataclass(frozen=True)
class Metric:
    """`reach` is how far back the query looks: its longest range with offsets and sub-queries."""

    name: str
    query: str
    unit: str
    evidence: EvidenceRule | None = None
    series: SeriesRule = SeriesRule.EVERY
    absent: Absent = Absent.UNKNOWN
    present: str = ""
    tolerate_warnings: tuple[str, ...] = ()
    environment: str = ""
    description: str = ""
    reach: timedelta = timedelta()


@dataclass(frozen=True)
class BaselineRule:
    """A metric recorded `at` the entry or exit of its phase, as the mean over `over`."""

    metric: str
    at: Stage = Stage.EXIT
    over: timedelta = timedelta(hours=1)


@dataclass(frozen=True)
class ChecklistItem:
    """`gate` names the gate that ticks it by itself."""

    id: str
    text: str
    before: Stage = Stage.EXIT
    gate: str = ""


@dataclass(frozen=True)
class SignOff:
    role: str
    before: Stage = Stage.EXIT


@dataclass(frozen=True)
class Step:
    """One set of flag values. `number` counts from 1 within its phase; `undo` items are commands or text."""

    number: int
    name: str = ""
    set: Mapping[str, FlagValue] = field(default_factory=dict)
    soak: timedelta = timedelta()
    gates: tuple[Gate, ...] = ()
    before: tuple[Command, ...] = ()
    run: tuple[Command, ...] = ()
    instructions: tuple[str, ...] = ()
    undo: tuple[Command | str, ...] = ()


@dataclass(frozen=True)
class Phase:
    """`environments` empty means everywhere; `skip` and `observe` name gates and metrics."""

    id: str
    name: str = ""
    goal: str = ""
    audience: str = ""
    duration: str = ""
    entry: tuple[Gate, ...] = ()
    gates: tuple[Gate, ...] = ()
    exit: tuple[Gate, ...] = ()
    steps: tuple[Step, ...] = ()
    baseline: tuple[BaselineRule, ...] = ()
    checklist: tuple[ChecklistItem, ...] = ()
    sign_off: tuple[SignOff, ...] = ()
    environments: tuple[str, ...] = ()
    skip: Mapping[str, str] = field(default_factory=dict)
    observe: tuple[str, ...] = ()


class OnUnknown(StrEnum):
    BLOCK = "block"
    IGNORE = "ignore"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Trigger:
    """Calls for a rollback (to the level named) or a review (its text). `from_phase` and `phases` empty: always."""

    id: str
    alarm: Alarm
    rollback: str = ""
    review: str = ""
    automatic: bool = False
    severity: str = ""
    title: str = ""
    runbook: str = ""
    phases: tuple[str, ...] = ()
    from_phase: str = ""
    on_unknown: OnUnknown = OnUnknown.BLOCK
    unknown_after: timedelta = timedelta(minutes=10)


EMERGENCY = "emergency"
"""The level that always exists."""


@dataclass(frozen=True)
class Level:
    """A named way to roll back. `set` None: every flag's safe value for `emergency`, nothing for the others.

    `to` is `PHASE`, `PHASE/STEP`, `previous` or `previous-phase`; `restart` is `first`, `here` or `PHASE[/STEP]`.
    """

    name: str
    title: str = ""
    when: str = ""
    effect: str = ""
    warning: str = ""
    objective: timedelta = timedelta(minutes=1)
    set: Mapping[str, FlagValue] | None = None
    to: str = ""
    run: tuple[Command, ...] = ()
    verify: tuple[str, ...] = ()
    then: tuple[Command, ...] = ()
    instructions: tuple[str, ...] = ()
    approval: bool = False
    destructive: bool = False
    restart: str = ""
    environments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Freeze:
    """Whole days, both included."""

    first: date
    last: date
    reason: str = ""


@dataclass(frozen=True)
class AllowedHours:
    """`Mon-Thu 09:00-16:00 Asia/Seoul`: weekdays counted from Monday = 0, minutes from midnight, IANA zone."""

    weekdays: frozenset[int]
    start: int
    end: int
    zone: str
    text: str


@dataclass(frozen=True)
class Windows:
    allow: tuple[AllowedHours, ...] = ()
    freeze: tuple[Freeze, ...] = ()


@dataclass(frozen=True)
class Plan:
    """`workdir` is as written, relative to the plan file's folder."""

    name: str
    title: str = ""
    owner: str = ""
    summary: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    workdir: str = ""
    default_environment: str = ""
    environments: Mapping[str, Environment] = field(default_factory=dict)
    flags: Mapping[str, Flag] = field(default_factory=dict)
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    gates: Mapping[str, Gate] = field(default_factory=dict)
    phases: tuple[Phase, ...] = ()
    triggers: Mapping[str, Trigger] = field(default_factory=dict)
    rollback: Mapping[str, Level] = field(default_factory=dict)
    windows: Windows = field(default_factory=Windows)
    around: Around = field(default_factory=Around)

    def every_gate(self) -> Iterator[Gate]:
        """Named ones and those that phases and steps write out, some of them more than once."""
        yield from self.gates.values()
        for phase in self.phases:
            yield from (*phase.entry, *phase.gates, *phase.exit)
            for step in phase.steps:
                yield from step.gates

    def is_live(self, trigger: Trigger, phase: str) -> bool:
        """Whether the trigger watches the phase; `from` goes by the order of all phases, wherever they take place."""
        if trigger.from_phase:
            order = [one.id for one in self.phases]
            return order.index(phase) >= order.index(trigger.from_phase)
        return not trigger.phases or phase in trigger.phases
