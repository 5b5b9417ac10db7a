"""The `gate`, `any` and `all` kinds of triggers: conditions made of other conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from rollout.frozen import dataclass
from rollout.gates.keys import GateName
from rollout.gates.unjudged import UnjudgedAlarm
from rollout.model.evidence import Evidence, Query
from rollout.model.gate import Alarm, Gate, Scope
from rollout.model.verdicts import TriggerFinding, TriggerOutcome
from rollout.shapes import Integer, Key, Keyed, ListOf, Named, Record


@dataclass(frozen=True, kw_only=True)
class GateAlarm(UnjudgedAlarm):
    """Fires when the gate does not pass in any of `times` probes, one second apart."""

    kind: ClassVar[str] = "gate"

    gate: Gate
    times: int = 1

    @property
    def words(self) -> str:
        return f"{self.gate.id} does not pass" + (f" in {self.times} probes" if self.times > 1 else "")


@dataclass(frozen=True, kw_only=True)
class _Combined(Alarm):
    parts: tuple[Alarm, ...]

    @property
    def gap(self) -> str:
        return next((part.gap for part in self.parts if part.gap), "")

    def needs(self, scope: Scope) -> tuple[Query, ...]:
        return tuple(dict.fromkeys(query for part in self.parts for query in part.needs(scope)))


@dataclass(frozen=True, kw_only=True)
class AnyAlarm(_Combined):
    """One fired fires, else one unknown is unknown."""

    kind: ClassVar[str] = "any"

    @property
    def words(self) -> str:
        return " or ".join(part.words for part in self.parts)

    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding:
        findings = [part.judge(evidence, scope) for part in self.parts]
        return _first(findings, (TriggerOutcome.FIRED, TriggerOutcome.UNKNOWN)) or _together(findings)


@dataclass(frozen=True, kw_only=True)
class AllAlarm(_Combined):
    """One quiet is quiet, else one unknown is unknown."""

    kind: ClassVar[str] = "all"

    @property
    def words(self) -> str:
        return " and ".join(part.words for part in self.parts)

    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding:
        findings = [part.judge(evidence, scope) for part in self.parts]
        return _first(findings, (TriggerOutcome.QUIET, TriggerOutcome.UNKNOWN)) or _together(findings)


def _first(findings: list[TriggerFinding], outcomes: tuple[TriggerOutcome, ...]) -> TriggerFinding | None:
    return next((finding for outcome in outcomes for finding in findings if finding.outcome is outcome), None)


def _together(findings: list[TriggerFinding]) -> TriggerFinding:
    """Findings that all came to the same."""
    return TriggerFinding(findings[0].outcome, " and ".join(finding.reason for finding in findings))


GATE_ALARM = Record(
    GateAlarm,
    {
        "gate": Key(GateName(), "The gate that does not pass.", required=True, example="health"),
        "times": Key(Integer(1, 100), "It is probed so many times, 1 s apart, until it passes.", example=3),
    },
    what="gate trigger",
)


def kinds(alarms: Callable[[], Mapping[str, Record[Alarm]]]) -> dict[str, Record[Alarm]]:
    """`any` and `all` over every kind of alarm, these two included."""
    alarm = Named("condition", lambda: Keyed(alarms(), "condition"))
    parts = ListOf(alarm, at_least=1)
    return {
        "any": Record(
            AnyAlarm,
            {"any": Key(parts, "It fires when one of these does.", required=True, into="parts")},
            what="trigger over any of several conditions",
        ),
        "all": Record(
            AllAlarm,
            {"all": Key(parts, "It fires when all of these do.", required=True, into="parts")},
            what="trigger over all of several conditions",
        ),
    }
