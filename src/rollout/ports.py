"""What the core needs from the world. An adapter satisfies one of these; nothing here does I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from rollout.model.events import Draft, Event, RolloutId
from rollout.model.evidence import Question
from rollout.model.values import Held, Setting


class Target(Protocol):
    """A place where flags are written. Keys are the names there, not the flags' names."""

    @property
    def name(self) -> str: ...

    def read(self, keys: Iterable[str]) -> Mapping[str, Held]:
        """What each key holds now, None where it is absent. TargetError when that cannot be told."""
        ...

    def preflight(self, settings: Mapping[str, Setting]) -> None:
        """TargetError, with the remedy, when a write of exactly these settings would fail. Changes nothing."""
        ...

    def write(self, settings: Mapping[str, Setting], expected: Mapping[str, Held] | None) -> None:
        """Make every key hold its setting (None: absent), all in one write, without touching anything else.

        `expected` is what the operator saw: ConflictError when a key holds something else by now. None writes over
        whatever is there: the emergency. Writing what already stands changes nothing. TargetError when it fails.
        """
        ...

    def manual(self, settings: Mapping[str, Setting]) -> str:
        """One shell command, without secrets, with which a person does the same by hand."""
        ...


Q = TypeVar("Q", bound=Question[object])


class Source(Protocol[Q]):
    """Answers one kind of question, or several. Never raises for what a server or a network can do: `Unanswered`."""

    def ask(self, questions: Sequence[Q]) -> Mapping[Q, object]:
        """Every question, all at once, each with its kind of answer or Unanswered."""
        ...


class Store(Protocol):
    """Append-only events, one chain for each rollout. StoreError when the record cannot be read or written."""

    @property
    def location(self) -> str:
        """As the user writes it: `sqlite:PATH`."""
        ...

    def rollouts(self) -> Sequence[RolloutId]:
        """Every rollout with events, in the order of their names."""
        ...

    def events(self, rollout: RolloutId) -> Sequence[Event]:
        """Oldest first; empty for a rollout that is not known. Events are returned as kept, even when tampered with."""
        ...

    def append(
        self, rollout: RolloutId, drafts: Sequence[Draft], *, after: int, at: datetime, actor: str
    ) -> Sequence[Event]:
        """Record all drafts or none, behind the event with seq `after` (0: the first).

        ConflictError, with the name of whoever was faster, when the last event is another one by now.
        """
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None: ...
