"""The `rollout` kind: how far another rollout has come."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from rollout.frozen import dataclass
from rollout.gates.keys import COMMON
from rollout.gates.unjudged import UnjudgedGate
from rollout.model.durations import format_duration
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
class RolloutGate(UnjudgedGate):
    kind: ClassVar[str] = "rollout"

    milestone: Milestone

    @property
    def words(self) -> str:
        wanted = self.milestone
        where = "@".join([wanted.plan or "this plan", wanted.environment]).rstrip("@")
        if wanted.no_rollback is not None:
            return f"{where} was not rolled back for {format_duration(wanted.no_rollback)}"
        return f"{where} has reached {wanted.reached}"


_RECORD = Record(
    Milestone,
    {
        "plan": Key(Name("[a-z0-9-]{1,63}", "a plan's name"), "Another plan (default: this one)."),
        "environment": Key(Name(), "Another environment (default: the same)."),
        "reached": Key(Text(), "`complete`, or a phase, or PHASE/STEP.", example=COMPLETE),
        "no_rollback": Key(Duration(), "It was not rolled back for this long.", example="7d"),
    },
    what="milestone",
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
    {"rollout": Key(_Milestone(), "Which rollout, and how far.", required=True, into="milestone"), **COMMON},
    what="rollout gate",
)
