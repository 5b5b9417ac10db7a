"""The `gate`, `any` and `all` kinds of triggers: conditions made of other conditions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import ClassVar

from rollout.frozen import dataclass
from rollout.gates.keys import GateName
from rollout.model.evidence import Evidence, Question
from rollout.model.gate import Alarm, Gate, Scope
from rollout.model.verdicts import Outcome, TriggerFinding, TriggerOutcome
from rollout.shapes import Integer, Key, Keyed, ListOf, Named, Record


@dataclass(frozen=True, kw_only=True)
class GateAlarm(Alarm):
    """Fires when the gate does not pass in any of `times` probes, one second apart.

    What a person has not said yet, and a window that has not begun, is quiet.
    """

    kind: ClassVar[str] = "gate"

    gate: Gate
    times: int = 1

    @property
    def words(self) -> str:
        return f"{self.gate.id} does not pass" + (f" in {self.times} probes" if self.times > 1 else "")

    @property
    def tries(self) -> int:
        return max(self.times, self.gate.tries)

    def queries(self, scope: Scope) -> Iterable[str]:
        return self.gate.queries(scope)

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        return self.gate.needs(scope)

    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding:
        found = self.gate.judge(evidence, scope)
        return TriggerFinding(
            _WHEN_GATE[found.outcome],
            found.reason,
            found.observed,
            found.unit,
            f"{self.gate.id} does not pass",
            found.query,
            found.series,
            found.for_,
        )

    def past(self, evidence: Evidence, scope: Scope) -> tuple[TriggerOutcome, ...]:
        outcomes = self.gate.past(evidence, scope)
        return tuple(_WHEN_GATE[one] for one in outcomes) if outcomes else super().past(evidence, scope)


_WHEN_GATE = {
    Outcome.PASS: TriggerOutcome.QUIET,
    Outcome.FAIL: TriggerOutcome.FIRED,
    Outcome.UNKNOWN: TriggerOutcome.UNKNOWN,
    Outcome.WAITING: TriggerOutcome.QUIET,
}


@dataclass(frozen=True, kw_only=True)
class _Combined(Alarm):
    """`order`: what one part comes to decides, the first of these that any part comes to."""

    order: ClassVar[tuple[TriggerOutcome, ...]]

    parts: tuple[Alarm, ...]

    @property
    def tries(self) -> int:
        return max(part.tries for part in self.parts)

    def queries(self, scope: Scope) -> Iterable[str]:
        return (query for part in self.parts for query in part.queries(scope))

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        return tuple(dict.fromkeys(question for part in self.parts for question in part.needs(scope)))

    def judge(self, evidence: Evidence, scope: Scope) -> TriggerFinding:
        findings = [part.judge(evidence, scope) for part in self.parts]
        outcome = self._come_to([finding.outcome for finding in findings])
        if outcome is self.order[-1]:
            return TriggerFinding(outcome, " and ".join(finding.reason for finding in findings))
        return next(finding for finding in findings if finding.outcome is outcome)

    def past(self, evidence: Evidence, scope: Scope) -> tuple[TriggerOutcome, ...]:
        each = [part.past(evidence, scope) for part in self.parts]
        return tuple(self._come_to(outcomes) for outcomes in zip(*each, strict=True))

    def _come_to(self, outcomes: Collection[TriggerOutcome]) -> TriggerOutcome:
        return next(outcome for outcome in self.order if outcome in outcomes)


@dataclass(frozen=True, kw_only=True)
class AnyAlarm(_Combined):
    """One fired fires, else one unknown is unknown."""

    kind: ClassVar[str] = "any"
    order: ClassVar[tuple[TriggerOutcome, ...]] = (TriggerOutcome.FIRED, TriggerOutcome.UNKNOWN, TriggerOutcome.QUIET)

    @property
    def words(self) -> str:
        return " or ".join(part.words for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class AllAlarm(_Combined):
    """One quiet is quiet, else one unknown is unknown."""

    kind: ClassVar[str] = "all"
    order: ClassVar[tuple[TriggerOutcome, ...]] = (TriggerOutcome.QUIET, TriggerOutcome.UNKNOWN, TriggerOutcome.FIRED)

    @property
    def words(self) -> str:
        return " and ".join(part.words for part in self.parts)


GATE_ALARM = Record(
    GateAlarm,
    {
        "gate": Key(
            GateName(),
            "The name of the gate; the trigger fires when it does not pass.",
            example="health",
            required=True,
        ),
        "times": Key(
            Integer(1, 100),
            "How often it is probed, 1 s apart, before it counts as failed; one pass is enough. Without it: once.",
            example=3,
            default=1,
        ),
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
            {
                "any": Key(
                    parts,
                    "Conditions, of which one is enough for it to fire.",
                    example=[{"metric": "p95", "when": "> 50ms"}, {"metric": "hit-rate", "when": "< 50%"}],
                    required=True,
                    into="parts",
                )
            },
            what="trigger over any of several conditions",
        ),
        "all": Record(
            AllAlarm,
            {
                "all": Key(
                    parts,
                    "Conditions that must all be met for it to fire.",
                    example=[{"metric": "error-rate", "when": "> 1%"}, {"metric": "requests", "when": "> 1000"}],
                    required=True,
                    into="parts",
                )
            },
            what="trigger over all of several conditions",
        ),
    }
