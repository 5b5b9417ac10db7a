"""What the core needs from the world. An adapter satisfies one of these; nothing here does I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from rollout.model.card import Card
from rollout.model.commands import Ran
from rollout.model.events import Draft, Event, RolloutId
from rollout.model.evidence import Question
from rollout.model.plan import Command
from rollout.model.state import Holder, RolloutState
from rollout.model.values import Held, Setting


class Target(Protocol):
    """A place where flags are written. Keys are the names there, not the flags' names."""

    @property
    def name(self) -> str: ...

    def read(self, keys: Iterable[str]) -> Mapping[str, Held]:
        """What each key holds now, None where it is absent. TargetError when that cannot be told."""
        ...

    def preflight(self, settings: Mapping[str, Setting]) -> Sequence[str]:
        """TargetError, with the remedy, when a write of exactly these settings would fail. Changes nothing.

        Returned are sentences about what a write would do besides.
        """
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

    def events(self, rollout: RolloutId, after: int = 0) -> Sequence[Event]:
        """Those behind seq `after`, oldest first. Events are returned as kept, even when tampered with."""
        ...

    def state(self, rollout: RolloutId) -> RolloutState:
        """What all events come to, in a time that does not grow with them. StoreError where that cannot be told."""
        ...

    def append(
        self, rollout: RolloutId, drafts: Sequence[Draft], *, after: int, at: datetime, actor: str
    ) -> Sequence[Event]:
        """Record all drafts or none, behind the event with seq `after` (0: the first).

        ConflictError, with the name of whoever was faster, when the last event is another one by now.
        """
        ...


class Keepsakes(Protocol):
    """What lies beside the store for the night on which it cannot be used. StoreError when it cannot be written."""

    def keep_card(self, card: Card) -> None:
        """In the place of the rollout's last one."""
        ...

    def spool(self, rollout: RolloutId, drafts: Sequence[Draft], *, at: datetime, actor: str) -> str:
        """Keep what could not be recorded, to be joined to the record by the next command; the file's name."""
        ...


class Runner(Protocol):
    """Runs the commands of a change, one at a time, in the plan's folder."""

    def run(self, command: Command, what: str, *, timeout: timedelta, context: Mapping[str, str]) -> Ran:
        """`timeout` is for a command that has none of its own; `context` are the variables ROLLOUT_….

        What it prints is shown as it comes, behind `what`. Never raises for what a command can do.
        """
        ...

    def by_hand(self, command: Command) -> str:
        """The same for a person to type, as the plan writes it, without secrets."""
        ...

    def lacks(self, command: Command) -> str:
        """Why it could not be started now, or nothing."""
        ...


class Fate(StrEnum):
    """What became of a process: stopped is alive, and may go on at any time."""

    ALIVE = "alive"
    STOPPED = "stopped"
    GONE = "gone"
    UNKNOWN = "unknown"


class Machine(Protocol):
    """The processes here, one of which may be carrying out a change."""

    def this_process(self) -> Holder: ...

    def fate(self, holder: Holder) -> Fate:
        """Unknown for one on another machine, or in another container."""
        ...

    def end_commands(self, holder: Holder) -> None:
        """End the commands that it runs, as far as possible."""
        ...

    def end_left(self, op: str) -> None:
        """End what a change still runs whose holder is gone, as far as possible: its commands know it by `op`."""
        ...

    def end(self, holder: Holder) -> bool:
        """Kill it with its commands; whether it is gone by then. Waits no longer than half a second."""
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, in UTC."""
        ...

    def sleep(self, seconds: float) -> None: ...


class Voice(Protocol):
    """Tells a person what goes on."""

    def say(self, text: str) -> None:
        """For somebody at a terminal."""
        ...

    def show(self, line: str) -> None:
        """What a command of the plan prints, also for whoever reads the log."""
        ...

    def trace(self, text: Callable[[], str]) -> None:
        """For somebody who wants to know everything."""
        ...

    def working(self, what: str) -> AbstractContextManager[None]:
        """What may take long."""
        ...


class Silent:
    """A voice for whoever does not listen."""

    def say(self, text: str) -> None:
        pass

    def show(self, line: str) -> None:
        pass

    def trace(self, text: Callable[[], str]) -> None:
        pass

    def working(self, what: str) -> AbstractContextManager[None]:
        return nullcontext()
