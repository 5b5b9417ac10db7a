"""Where a rollout stands: the fold of its events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from rollout.frozen import dataclass, field
from rollout.model.changes import Change, Slot
from rollout.model.record import RecordedBaseline, Said
from rollout.model.values import Setting


class Status(StrEnum):
    NOT_STARTED = "not-started"
    IN_PROGRESS = "in-progress"
    PAUSED = "paused"
    ROLLED_BACK = "rolled-back"
    COMPLETE = "complete"
    CLOSED = "closed"


ACTIVE = frozenset({Status.IN_PROGRESS, Status.PAUSED, Status.ROLLED_BACK})
OVER = frozenset({Status.COMPLETE, Status.CLOSED})


@dataclass(frozen=True)
class Position:
    """A step of a phase; steps count from 1."""

    phase: str
    step: int

    def __str__(self) -> str:
        return f"{self.phase}/{self.step}"


@dataclass(frozen=True)
class PinnedPlan:
    """The plan everything judges by, as its file stood when the rollout started."""

    text: str
    sha256: str
    path: str


@dataclass(frozen=True)
class Holder:
    """The process that carries out a change. `host` is for people; the rest tells it from every other one.

    `machine` outlives a boot, `boot` does not; `space` is the namespace that `pid` counts in, `started` in clock ticks
    since the boot.
    """

    host: str
    machine: str
    boot: str
    space: str
    pid: int
    started: int

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


@dataclass(frozen=True)
class Pending:
    """A change that was intended and neither finished nor given up: whoever made it was interrupted or is at it.

    `aim` is the step an advance leads to or a rollback goes back to. `level`, `position` and `restart` are those of a
    rollback, as `RolloutState` will have them, `passed` the steps it goes back over, `kept` what it leaves as another
    change has set it that it overtook. `holder` None: it is not known who carries it out; `released`: nobody does any
    more, by what a person has said or the record tells.
    """

    op: str
    kind: str
    actor: str
    at: datetime
    aim: Position | None
    changes: tuple[Change, ...]
    reason: str = ""
    level: str = ""
    position: Position | None = None
    restart: Position | None = None
    passed: tuple[Position, ...] = ()
    kept: Mapping[Slot, Setting] = field(default_factory=dict)
    holder: Holder | None = None
    released: bool = False


@dataclass(frozen=True)
class Hold:
    """A person's hold on advancing; `everything`: `watch` does not act at all."""

    by: str
    at: datetime
    reason: str = ""
    everything: bool = False


@dataclass(frozen=True)
class RolloutState:
    """`since`: when the step was verified. `changed_at`: when a value last changed. `seq`: the last event's.

    `settings` is what every target holds by the record; `found` what it held at the start. `restart` is where an
    advance begins again after a rollback (None: the first step), `reached` the step that it led away from, `undone` the
    steps that rollbacks have gone back over since they were taken. `level` is the last rollback's. `hold` is there
    exactly while it is paused.

    `places` are the values of the variables that say where the targets are, as they were when it started.

    `answers` are all that people said, by what they were asked, the oldest first. `visit_since`: when the present visit
    of the present phase began, `opened_since`: since when answers for its entry counted; None: from the beginning.
    `baselines` stand by phase and metric, the earliest of this run; `fired`: when each trigger was first seen firing
    since the step began.
    """

    status: Status = Status.NOT_STARTED
    position: Position | None = None
    since: datetime | None = None
    changed_at: datetime | None = None
    settings: Mapping[Slot, Setting] = field(default_factory=dict)
    found: Mapping[Slot, Setting] = field(default_factory=dict)
    pinned: PinnedPlan | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    pending: Pending | None = None
    restart: Position | None = None
    reached: Position | None = None
    undone: tuple[Position, ...] = ()
    level: str = ""
    hold: Hold | None = None
    verdict: str = ""
    answers: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    visit_since: datetime | None = None
    opened_since: datetime | None = None
    baselines: Mapping[tuple[str, str], RecordedBaseline] = field(default_factory=dict)
    fired: Mapping[str, datetime] = field(default_factory=dict)
    seq: int = 0
    head: str = ""

    @property
    def begun(self) -> bool:
        """Whether the pinned plan and what was found still count: a first advance that failed leaves nothing behind."""
        return self.pinned is not None and (self.status is not Status.NOT_STARTED or self.pending is not None)
