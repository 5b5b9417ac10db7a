"""The `ask` and `confirm` kinds: what only a person knows. What was said stands in the scope, so nothing is fetched."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, repeat
from typing import ClassVar, TypeAlias

from rollout.frozen import dataclass, replace
from rollout.gates.combined import AllAlarm, AnyAlarm, GateAlarm
from rollout.gates.keys import check_measured
from rollout.model.conditions import Condition
from rollout.model.durations import format_duration, lasted
from rollout.model.evidence import Evidence, Question
from rollout.model.gate import Alarm, Gate, Scope
from rollout.model.record import Said
from rollout.model.units import format_quantity
from rollout.model.verdicts import Finding, Outcome, TriggerFinding, TriggerOutcome


@dataclass(frozen=True, kw_only=True)
class PersonGate(Gate):
    """`valid_for` None: an answer counts for the whole visit of its phase."""

    valid_for: timedelta | None = None

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        return ()

    def _expired(self, said: Said, shown: str, scope: Scope) -> str:
        """Why the answer counts no more, if it does not."""
        age = scope.now - said.at
        if self.valid_for is None or age <= self.valid_for:
            return ""
        old, allowed = lasted(age), format_duration(self.valid_for)
        return f"the answer of {said.by} ({shown}) is {old} old, it counts for {allowed}"


@dataclass(frozen=True, kw_only=True)
class AskGate(PersonGate):
    """A number that a person gives."""

    kind: ClassVar[str] = "ask"

    question: str
    require: Condition
    unit: str = "number"

    def __post_init__(self) -> None:
        check_measured(self.require, self.unit, "require")

    @property
    def words(self) -> str:
        return f"{self.question} {self.require.text}"

    def judge(self, evidence: Evidence, scope: Scope) -> Finding:
        outcome, observed = Outcome.WAITING, None
        said = _last(self.id, scope, yes_or_no=False, since=scope.answers_since)
        if said is None:
            reason = f"nobody has answered: {self.question} (rollout answer {self.id} VALUE)"
        elif expired := self._expired(said, format_quantity(said.value, self.unit, self.unit), scope):
            reason = expired
        else:
            holds, sentence = self.require.judge(said.value, self.unit)
            outcome, observed = Outcome.PASS if holds else Outcome.FAIL, said.value
            reason = f"{sentence}, said by {_whom(said, scope)}"
        return Finding(outcome, reason, observed, self.unit, self.require.text)


@dataclass(frozen=True, kw_only=True)
class ConfirmGate(PersonGate):
    """Something that a person confirms."""

    kind: ClassVar[str] = "confirm"

    statement: str

    @property
    def words(self) -> str:
        return self.statement

    def judge(self, evidence: Evidence, scope: Scope) -> Finding:
        said = _last(self.id, scope, yes_or_no=True, since=scope.answers_since)
        if said is None:
            return Finding(Outcome.WAITING, f"nobody has confirmed: {self.statement} (rollout tick {self.id})")
        shown = "yes" if said.value else "no"
        if expired := self._expired(said, shown, scope):
            return Finding(Outcome.WAITING, expired)
        outcome = Outcome.PASS if said.value else Outcome.FAIL
        return Finding(outcome, f"{self.statement}: {shown}, said by {_whom(said, scope)}")


@dataclass(frozen=True, kw_only=True)
class PersonAlarm(Alarm):
    """`id` is what people answer it by: see `named`. An answer stands until it is changed."""

    yes_or_no: ClassVar[bool]

    id: str = ""

    @abstractmethod
    def _finding(self, said: Said | None, scope: Scope) -> TriggerFinding: ...

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        return ()

    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding:
        return self._finding(_last(self.id, scope, yes_or_no=self.yes_or_no), scope)

    def past(self, evidence: Evidence, scope: Scope) -> tuple[TriggerOutcome, ...]:
        if scope.track is None:
            return super().past(evidence, scope)
        given = [said for said in scope.answers.get(self.id, ()) if isinstance(said.value, bool) is self.yes_or_no]
        stands = [(scope.track.first_from(said.at), self._finding(said, scope).outcome) for said in given]
        count = end = scope.track.count
        past = [self._finding(None, scope).outcome] * count
        for begin, outcome in reversed(stands):  # each until the next one that was recorded behind it
            if begin < end:
                past[begin:end] = [outcome] * (end - begin)
                end = begin
        for begin, outcome in stands:  # what stood for less than the time between two points counts too
            if outcome is TriggerOutcome.FIRED and 0 < begin < count:
                past[begin] = outcome
        return tuple(past)


@dataclass(frozen=True, kw_only=True)
class AskAlarm(PersonAlarm):
    kind: ClassVar[str] = "ask"
    yes_or_no: ClassVar[bool] = False

    question: str
    when: Condition
    unit: str = "number"

    def __post_init__(self) -> None:
        check_measured(self.when, self.unit, "when")

    @property
    def words(self) -> str:
        return f"{self.question} {self.when.text}"

    def _finding(self, said: Said | None, scope: Scope) -> TriggerFinding:
        if said is None:
            reason = f"nobody has answered: {self.question} (rollout answer {self.id} VALUE)"
            return TriggerFinding(TriggerOutcome.QUIET, reason, None, self.unit, self.when.text)
        holds, sentence = self.when.judge(said.value, self.unit)
        outcome = TriggerOutcome.FIRED if holds else TriggerOutcome.QUIET
        reason = f"{sentence}, said by {_whom(said, scope)}"
        return TriggerFinding(outcome, reason, said.value, self.unit, self.when.text)


@dataclass(frozen=True, kw_only=True)
class ConfirmAlarm(PersonAlarm):
    kind: ClassVar[str] = "confirm"
    yes_or_no: ClassVar[bool] = True

    statement: str

    @property
    def words(self) -> str:
        return self.statement

    def _finding(self, said: Said | None, scope: Scope) -> TriggerFinding:
        if said is None:
            reason = f"nobody has said so: {self.statement} (rollout answer {self.id} yes)"
            return TriggerFinding(TriggerOutcome.QUIET, reason)
        outcome, shown = (TriggerOutcome.FIRED, "yes") if said.value else (TriggerOutcome.QUIET, "no")
        return TriggerFinding(outcome, f"{self.statement}: {shown}, said by {_whom(said, scope)}")


Answerable: TypeAlias = AskGate | ConfirmGate | AskAlarm | ConfirmAlarm


def asked_in(condition: Gate | Alarm) -> Iterator[Answerable]:
    """What of a gate or of a trigger's condition people answer."""
    match condition:
        case AskGate() | ConfirmGate() | AskAlarm() | ConfirmAlarm():
            yield condition
        case GateAlarm():
            yield from asked_in(condition.gate)
        case AnyAlarm() | AllAlarm():
            for part in condition.parts:
                yield from asked_in(part)
        case _:
            pass


def named(alarm: Alarm, trigger: str) -> Alarm:
    """With ids for the parts that people answer: the trigger's own; of several, in their order, `TRIGGER.1` and on.

    A gate that a trigger looks at has its own already.
    """
    several = sum(isinstance(part, PersonAlarm) for part in asked_in(alarm)) > 1
    return _with_ids(alarm, (f"{trigger}.{number}" for number in count(1)) if several else repeat(trigger))


def _with_ids(alarm: Alarm, ids: Iterator[str]) -> Alarm:
    match alarm:
        case AskAlarm() | ConfirmAlarm():
            return replace(alarm, id=next(ids))
        case AnyAlarm() | AllAlarm():
            return replace(alarm, parts=tuple(_with_ids(part, ids) for part in alarm.parts))
        case _:
            return alarm


def _last(
    id: str, scope: Scope, *, yes_or_no: bool, since: datetime | None = None, until: datetime | None = None
) -> Said | None:
    """The answer that stands. Judging now, all that is recorded has been said, whatever the speaker's clock showed."""
    until = until or scope.at
    counting = (
        said
        for said in reversed(scope.answers.get(id, ()))
        if isinstance(said.value, bool) is yes_or_no
        and (since is None or said.at >= since)
        and (until is None or said.at <= until)
    )
    return next(counting, None)


def _whom(said: Said, scope: Scope) -> str:
    return f"{said.by} {lasted(scope.now - said.at)} ago"
