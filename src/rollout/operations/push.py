"""Writing to every target at once, whatever becomes of any: how a rollback and a recovery change values."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event, Thread
from time import monotonic

from rollout.errors import RolloutError, TargetError
from rollout.frozen import replace
from rollout.model.changes import Change
from rollout.model.plan import TargetSpec
from rollout.operations.apply import Applied, grouped, same_as_wanted, switches
from rollout.operations.commanding import Crew, applying
from rollout.operations.desk import Desk

_HEAD_START = 1.0
"""Seconds that targets with bools have before the rest begins."""
_PATIENCE = 5.0
"""Seconds for one target to be written, and again to be read back."""
_GRACE = 5.0
"""Seconds that a command may take to be ended after its time-out."""


def push(desk: Desk, changes: Sequence[Change], crew: Crew, *, bools_first: bool, emergency: bool = False) -> Applied:
    """Write over whatever is there, bring it into effect, read it back: every target by itself, in time bounds.

    What the crew does before each command it does before each write, too.
    """
    parts = grouped(changes)
    workers = {name: _Worker(desk, name, part, crew, emergency) for name, part in parts.items()}
    try:
        return _carried_out(desk, changes, workers, bools_first)
    except BaseException:  # interrupted: nobody would tell the workers' commands
        desk.machine.end_commands(desk.machine.this_process())
        raise


def _carried_out(desk: Desk, changes: Sequence[Change], workers: dict[str, _Worker], bools_first: bool) -> Applied:
    first = [worker for worker in workers.values() if switches(desk, worker.part) is bools_first]
    rest = [worker for worker in workers.values() if worker not in first]
    for worker in first:
        worker.start()
    if rest:
        until = monotonic() + _HEAD_START
        for worker in first:
            worker.written.wait(max(until - monotonic(), 0))
        for worker in rest:
            worker.start()
    failures = []
    results: list[Change] = []
    for name, worker in workers.items():
        failure = worker.failure_in_time()
        if failure is not None:
            failures.append((name, failure))
        results += worker.result
    order = {change.slot: number for number, change in enumerate(changes)}
    return Applied(tuple(sorted(results, key=lambda change: order[change.slot])), tuple(failures), frozenset(workers))


class _Worker(Thread):
    """One target. A daemon: a target that never answers does not keep the process from ending."""

    def __init__(self, desk: Desk, target: str, part: Sequence[Change], crew: Crew, emergency: bool) -> None:
        super().__init__(daemon=True)
        self.part = part
        self.result = [replace(change, verified=False) for change in part]
        self.written, self._applied, self._done = Event(), Event(), Event()
        self._desk, self._target, self._crew, self._emergency = desk, target, crew, emergency
        self._failure: RolloutError | None = None
        self._began = self._applied_at = 0.0

    def start(self) -> None:
        self._began = monotonic()
        super().start()

    def run(self) -> None:
        try:
            self._write()
            self._read_back()
        finally:  # a bug here must not keep the others waiting
            for event in (self.written, self._applied, self._done):
                event.set()

    def _write(self) -> None:
        try:
            if self._crew.before_each is not None:
                self._crew.before_each()
            with self._desk.voice.working(f"writing target {self._target}"):
                self._desk.targets[self._target].write({change.slot.key: change.after for change in self.part}, None)
            self.written.set()
            self._crew.apply(self._spec, emergency=self._emergency)
        except RolloutError as error:
            self._failure = error
        self.written.set()
        self._applied_at = monotonic()
        self._applied.set()

    def _read_back(self) -> None:
        try:
            held = self._desk.targets[self._target].read([change.slot.key for change in self.part])
        except RolloutError as error:
            self._failure = self._failure or error
            return
        self.result = [same_as_wanted(self._desk, change, held[change.slot.key]) for change in self.part]

    def failure_in_time(self) -> RolloutError | None:
        """Why it failed, or that it takes too long."""
        if not self.written.wait(max(self._began + _PATIENCE - monotonic(), 0)):
            return self._too_long("writing")
        if not self._applied.wait(self._commands_take()):
            return self._too_long("its commands")
        if not self._done.wait(max(self._applied_at + _PATIENCE - monotonic(), 0)):
            return self._too_long("reading back")
        return self._failure

    @property
    def _spec(self) -> TargetSpec:
        return self._desk.environment.targets[self._target]

    def _commands_take(self) -> float:
        longest = self._spec.apply_timeout or self._crew.longest
        each = applying(self._spec, emergency=self._emergency)
        return sum((command.timeout or longest).total_seconds() + _GRACE for command in each) + _GRACE

    def _too_long(self, what: str) -> TargetError:
        return TargetError(f"target {self._target}: {what} has not ended in time", "look at what it waits for")
