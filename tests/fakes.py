"""Fakes at the ports."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rollout.engine.fold import fold
from rollout.errors import ConflictError, StoreError, TargetError
from rollout.model.card import Card
from rollout.model.commands import Ran
from rollout.model.events import GENESIS, Draft, Event, RolloutId, canonical, seal
from rollout.model.evidence import (
    Answer,
    Course,
    Grid,
    Query,
    Question,
    RangeQuery,
    Samples,
    Series,
    Unanswered,
)
from rollout.model.plan import Command
from rollout.model.state import Holder, RolloutState
from rollout.model.values import Held, Setting, as_held_text
from rollout.ports import Fate, Silent

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROLLOUT = RolloutId("checkout-v2", "production")


class FakeClock:
    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self.while_sleeping: Callable[[float], object] = lambda _: None

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.while_sleeping(seconds)
        self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> None:
        self._now += by


Hook = Callable[[], object]


def nothing() -> None:
    pass


@dataclass
class FakeTarget:
    """A text target in memory. `fails` holds what goes wrong: read, read-back (after a write), write or preflight.

    `lies`: it accepts a write and holds what it held. `warns` is what its preflight says. `before_write` and
    `after_write` are what happens around a write, `before_read` before every look.
    """

    name: str = "api"
    held: dict[str, str] = field(default_factory=dict)
    fails: set[str] = field(default_factory=set)
    lies: bool = False
    warns: tuple[str, ...] = ()
    before_read: Hook = nothing
    before_write: Hook = nothing
    after_write: Hook = nothing
    writes: list[Mapping[str, Setting]] = field(default_factory=list)

    def read(self, keys: Iterable[str]) -> Mapping[str, Held]:
        self.before_read()
        self._stumble("read")
        if self.writes:
            self._stumble("read-back")
        return {key: self.held.get(key) for key in keys}

    def preflight(self, settings: Mapping[str, Setting]) -> Sequence[str]:
        self._stumble("preflight")
        return self.warns

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


Reply = float | Answer | Unanswered | Callable[[datetime], float | None]
"""A function gives the value at each moment, None where there is none."""


def answer(*values: float, warnings: tuple[str, ...] = ()) -> Answer:
    """Several values are several series."""
    labels = [(("pod", f"p{number}"),) if len(values) > 1 else () for number in range(len(values))]
    return Answer(tuple(map(Series, labels, values)), warnings)


def course(grid: Grid, reply: Reply) -> Course | Unanswered:
    """The reply at every moment of the grid."""
    if isinstance(reply, Unanswered):
        return reply
    points = range(grid.count)
    if isinstance(reply, Answer):
        return Course(
            tuple(Samples(one.labels, points, [one.value] * grid.count) for one in reply.series), reply.warnings
        )
    if isinstance(reply, int | float):
        return Course((Samples((), points, [reply] * grid.count),))
    values = [(point, value) for point in points if (value := reply(grid.at(point))) is not None]
    return Course((Samples((), [point for point, _ in values], [value for _, value in values]),) if values else ())


@dataclass
class FakeSource:
    """Answers by the text of the query, ranges with the same at every moment; other questions by themselves.

    `asked` holds every question. `while_asked` is what happens meanwhile.
    """

    answers: dict[str, Reply] = field(default_factory=dict)
    others: dict[Question[object], object] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)
    asked: list[Question[object]] = field(default_factory=list)
    while_asked: Hook = nothing

    def ask(self, questions: Sequence[Question[object]]) -> Mapping[Question[object], object]:
        self.asked += questions
        self.while_asked()
        return {question: self._answer(question) for question in questions}

    def _answer(self, question: Question[object]) -> object:
        match question:
            case RangeQuery(promql=promql, grid=grid):
                return course(grid, self.answers[promql])
            case Query(promql=promql, at=at):
                reply = self.answers[promql]
                if callable(reply):
                    value = reply(at or self.clock.now())
                    return answer() if value is None else answer(value)
                return answer(reply) if isinstance(reply, int | float) else reply
            case _:
                return self.others[question]


class MemoryStore:
    """`fails` holds what goes wrong: read or append. `before_append` is what happens before the next append, once."""

    location = "memory"

    def __init__(self) -> None:
        self.chains: dict[RolloutId, list[Event]] = {}
        self.fails: set[str] = set()
        self.before_append: Hook = nothing

    def rollouts(self) -> Sequence[RolloutId]:
        self._stumble("read")
        return sorted((rollout for rollout, chain in self.chains.items() if chain), key=str)

    def events(self, rollout: RolloutId, after: int = 0) -> Sequence[Event]:
        self._stumble("read")
        return tuple(self.chains.get(rollout, ())[after:])

    def state(self, rollout: RolloutId) -> RolloutState:
        return fold(self.events(rollout))

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
    return ConflictError(
        f"{rollout} was replaced or cut: {len(chain)} events, expected {after}", "see `rollout status`"
    )


@dataclass
class FakeRunner:
    """Every command ends well, but those whose first argument is in `fails`. `ran` holds what and argv of each.

    `missing` are programs that are not there: what would run one is refused beforehand.

    `while_running` is what happens during the command that begins so.
    """

    fails: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    ran: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    contexts: list[Mapping[str, str]] = field(default_factory=list)
    while_running: dict[str, Hook] = field(default_factory=dict)

    def run(self, command: Command, what: str, *, timeout: timedelta, context: Mapping[str, str]) -> Ran:
        name = command.argv[0]
        self.ran.append((what, command.argv))
        self.contexts.append(context)
        self.while_running.get(name, nothing)()
        failed = name in self.fails
        failure = f"{what}: {name} ended with 1" if failed else ""
        return Ran(what, command.argv, int(failed), f"{name} was here", failure, timedelta(seconds=1))

    def by_hand(self, command: Command) -> str:
        return shlex.join(command.argv)

    def lacks(self, command: Command) -> str:
        return f"there is no program {command.argv[0]!r}" if command.argv[0] in self.missing else ""


@dataclass
class FakeMachine:
    """`fates` are by process number; who is not among them is gone. `ended` are those that were killed."""

    pid: int = 1
    fates: dict[int, Fate] = field(default_factory=dict)
    ended: list[int] = field(default_factory=list)
    stripped: list[int] = field(default_factory=list)
    swept: list[str] = field(default_factory=list)

    def this_process(self) -> Holder:
        return Holder("here", "m", "b", "s", self.pid, 1)

    def fate(self, holder: Holder) -> Fate:
        return self.fates.get(holder.pid, Fate.GONE)

    def end_commands(self, holder: Holder) -> None:
        self.stripped.append(holder.pid)

    def end_left(self, op: str) -> None:
        self.swept.append(op)

    def end(self, holder: Holder) -> bool:
        self.ended.append(holder.pid)
        self.fates[holder.pid] = Fate.GONE
        return True


@dataclass
class FakeKeepsakes:
    """`fails`: nothing can be written."""

    cards: list[Card] = field(default_factory=list)
    spooled: list[tuple[Draft, ...]] = field(default_factory=list)
    fails: bool = False

    def keep_card(self, card: Card) -> None:
        self._stumble()
        self.cards.append(card)

    def spool(self, rollout: RolloutId, drafts: Sequence[Draft], *, at: datetime, actor: str) -> str:
        self._stumble()
        self.spooled.append(tuple(drafts))
        return "store.db-spool-1"

    def _stumble(self) -> None:
        if self.fails:
            raise StoreError("nothing can be written beside the store")


@dataclass
class Listening(Silent):
    """Keeps what was said and what was said to take long."""

    said: list[str]

    def say(self, text: str) -> None:
        self.said.append(text)

    def working(self, what: str) -> AbstractContextManager[None]:
        self.said.append(what)
        return nullcontext()
