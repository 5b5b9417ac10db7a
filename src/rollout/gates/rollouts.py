"""The `rollout` kind: how far another rollout has come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from rollout.frozen import dataclass, replace
from rollout.gates.keys import COMMON
from rollout.model.durations import format_duration, lasted
from rollout.model.evidence import Evidence, Question, Unanswered, answer_to
from rollout.model.gate import Gate, Scope
from rollout.model.probes import Progress, ProgressQuestion
from rollout.model.state import Status
from rollout.model.verdicts import Finding, Outcome
from rollout.shapes import Book, Duration, Key, Misfit, Name, Node, Record, Schema, Text

COMPLETE = "complete"


@dataclass(frozen=True)
class Milestone:
    """`plan` and `environment` empty: this one. `reached` is `complete` or `PHASE[/STEP]`."""

    plan: str = ""
    environment: str = ""
    reached: str = ""
    no_rollback: timedelta | None = None

    def __post_init__(self) -> None:
        if bool(self.reached) == (self.no_rollback is not None):
            raise Misfit("no_rollback", "a rollout gate wants `reached` or `no_rollback`, one of them")
        if self.reached and not self.plan and not self.environment:
            raise Misfit("reached", "which rollout? this one cannot wait for itself", hint="write environment or plan")


@dataclass(frozen=True, kw_only=True)
class RolloutGate(Gate):
    """What time or a person may still bring is waiting; a rollout that was rolled back or closed did not hold: fail.

    That is so wherever a rollback left it: that it passed a step once is no proof, since it had to go back.
    """

    kind: ClassVar[str] = "rollout"

    milestone: Milestone

    @property
    def words(self) -> str:
        wanted = self.milestone
        where = "@".join([wanted.plan or "this plan", wanted.environment]).rstrip("@")
        if wanted.no_rollback is not None:
            return f"{where} was not rolled back for {format_duration(wanted.no_rollback)}"
        return f"{where} has reached {wanted.reached}"

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        return (self._question(scope),)

    def judge(self, evidence: Evidence, scope: Scope) -> Finding:
        question = self._question(scope)
        who = f"{question.plan}@{question.environment}"
        progress = answer_to(evidence, question)
        quiet = self.milestone.no_rollback
        if isinstance(progress, Unanswered):
            finding = Finding(Outcome.UNKNOWN, progress.reason)
        elif progress.started_at is None:
            finding = Finding(Outcome.WAITING, f"{who} was never started")
        elif quiet is not None:
            finding = _undisturbed(progress, progress.started_at, quiet, who, scope.now)
        elif progress.status in _OVER:
            finding = Finding(Outcome.FAIL, f"{who} {_standing(progress)}")
        else:
            finding = _reached(progress, self.milestone.reached, who)
        require = self.milestone.reached if quiet is None else "not rolled back"
        return replace(finding, require=require)

    def _question(self, scope: Scope) -> ProgressQuestion:
        wanted = self.milestone
        return ProgressQuestion(wanted.plan or scope.plan, wanted.environment or scope.environment, scope.at)


_OVER = (Status.ROLLED_BACK, Status.CLOSED)


def _reached(progress: Progress, wanted: str, who: str) -> Finding:
    """By the order of the steps of its own plan, which may be another one than ours."""
    stands = f"{who} {_standing(progress)}"
    complete = progress.status is Status.COMPLETE
    if wanted == COMPLETE:
        return Finding(Outcome.PASS, stands) if complete else Finding(Outcome.WAITING, f"{stands}, not yet complete")
    aim = _index(progress, wanted)
    if aim is None:
        known = ", ".join(dict.fromkeys(position.phase for position, _ in progress.steps))
        return Finding(Outcome.UNKNOWN, f"the plan of {who} has no {wanted!r} there; its phases: {known}")
    here = next((n for n, (position, _) in enumerate(progress.steps) if position == progress.position), None)
    if here is None and progress.position and not complete:
        return Finding(Outcome.UNKNOWN, f"{stands}, which its plan has no more")
    if complete or (here is not None and here >= aim):
        return Finding(Outcome.PASS, f"{stands}, so it has reached {wanted}")
    return Finding(Outcome.WAITING, f"{stands}, not yet at {wanted}")


def _undisturbed(progress: Progress, started_at: datetime, quiet: timedelta, who: str, now: datetime) -> Finding:
    """A run that is younger than that is waiting: nothing could go wrong in time that has not passed."""
    back = progress.rolled_back_at
    since = max(started_at, back) if back else started_at
    held, earliest = max(now - since, timedelta()), since + quiet if now < since + quiet else None
    finding = Finding(Outcome.PASS, "", for_=quiet, held=held, earliest_pass=earliest)
    if back and now < back + quiet:
        reason = f"{who} was rolled back at {back:%Y-%m-%d %H:%M} UTC, less than {format_duration(quiet)} ago"
        return replace(finding, outcome=Outcome.FAIL, reason=reason)
    if progress.status in _OVER:
        return replace(finding, outcome=Outcome.FAIL, reason=f"{who} {_standing(progress)}", earliest_pass=None)
    ran = f"{who} has not been rolled back in {lasted(held)}"
    if earliest:
        return replace(finding, outcome=Outcome.WAITING, reason=f"{ran}, all that this run has lasted")
    return replace(finding, reason=ran)


def _index(progress: Progress, wanted: str) -> int | None:
    """A phase is reached with its first step."""
    phase, _, step = wanted.partition("/")
    for number, (position, name) in enumerate(progress.steps):
        if position.phase == phase and step in ("", name, str(position.step)):
            return number
    return None


def _standing(progress: Progress) -> str:
    names = dict(progress.steps)
    here = progress.position
    at = f" at {here.phase}/{names.get(here) or here.step}" if here and progress.status is not Status.COMPLETE else ""
    return f"is {progress.status.value}{at}"


_RECORD = Record(
    Milestone,
    {
        "plan": Key(
            Name("[a-z0-9-]{1,63}", "a plan's name"),
            "The name of another plan. Without it: this one.",
            example="payments",
        ),
        "environment": Key(Name(), "The environment that it runs in. Without it: the same one.", example="staging"),
        "reached": Key(
            Text(),
            "How far it must have come: `complete`, a phase, or PHASE/STEP. Without it `no_rollback` is judged.",
            example=COMPLETE,
            also=("limited", "limited/day-1"),
        ),
        "no_rollback": Key(
            Duration(),
            "For how long it must not have been rolled back. Without it `reached` is judged.",
            example="7d",
        ),
    },
    what="milestone",
    rules={
        "oneOf": [{"required": ["reached"]}, {"required": ["no_rollback"]}],
        "if": {"required": ["reached"]},
        "then": {"anyOf": [{"required": ["plan"]}, {"required": ["environment"]}]},
    },
)


@dataclass(frozen=True)
class _Milestone:
    """Names of this plan must be defined; those of another plan cannot be checked here."""

    def read(self, node: Node, book: Book) -> Milestone:
        milestone = _RECORD.read(node, book)
        if not milestone.plan:
            if milestone.environment:
                book.use("environment", milestone.environment, node.place)
            if milestone.reached not in ("", COMPLETE):
                book.use("phase", milestone.reached.partition("/")[0], node.place)
        return milestone

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return _RECORD.schema(definitions)


GATE = Record(
    RolloutGate,
    {
        "rollout": Key(
            _Milestone(),
            "Another rollout, and how far it must be: it `reached` something, or had `no_rollback`.",
            example={"environment": "staging", "reached": COMPLETE},
            required=True,
            into="milestone",
        ),
        **COMMON,
    },
    what="rollout gate",
)
