"""Fakes at the ports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rollout.errors import ConflictError, StoreError, TargetError
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
from rollout.model.values import Held, Setting, as_held_text

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


Hook = Callable[[], object]


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
    before_write: Hook = nothing
    after_write: Hook = nothing
    writes: list[Mapping[str, Setting]] = field(default_factory=list)

    def read(self, keys: Iterable[str]) -> Mapping[str, Held]:
        self._stumble("read")
        if self.writes:
            self._stumble("read-back")
        return {key: self.held.get(key) for key in keys}

    def preflight(self, settings: Mapping[str, Setting]) -> None:
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
    return ConflictError(
        f"{rollout} was replaced or cut: {len(chain)} events, expected {after}", "see `rollout status`"
    )
