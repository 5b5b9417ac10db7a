"""What every report is made of: each gate, trigger and hold as one case, with how it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from enum import IntEnum

from rollout.frozen import dataclass
from rollout.model.around import RunbookEntry
from rollout.model.durations import format_duration
from rollout.model.evidence import Series
from rollout.model.units import readable
from rollout.model.verdicts import (
    Decision,
    Finding,
    GateJudgement,
    Outcome,
    TriggerFinding,
    TriggerJudgement,
    TriggerOutcome,
    Verdict,
)
from rollout.operations.check import Check
from rollout.render.text import until


class Standing(IntEnum):
    """The worst first. `NOTED` is not as it should be, and does not count."""

    FIRED = 1
    FAILED = 2
    UNKNOWN = 3
    REVIEW = 4
    WAITING = 5
    NOTED = 6
    PASSED = 7


@dataclass(frozen=True)
class Case:
    """`group` is the stage of a gate, else what it is. `text` is why it stands so, `advice` what the plan says then."""

    group: str
    id: str
    standing: Standing
    outcome: str
    text: str
    advice: tuple[str, ...] = ()
    value: str = ""
    condition: str = ""
    query: str = ""


def cases(decision: Decision) -> tuple[Case, ...]:
    """In the plan's order. A reason that is none of a gate, a trigger or a hold is a case, too."""
    found = [
        *map(_gate, decision.gates),
        *(_trigger(trigger, decision) for trigger in decision.triggers),
        *(Case("hold", hold.id, Standing.WAITING, "waiting", hold.text) for hold in decision.holds),
    ]
    said = [case.text for case in found if case.text]
    rest = [reason for reason in decision.reasons if not any(text in reason for text in said)]
    return (*found, *(Case("plan", "settings", Standing.UNKNOWN, "unknown", reason) for reason in rest))


def place(result: Check) -> str:
    return f"{result.rollout}@{result.environment}"


def headline(result: Check) -> str:
    counting = [gate for gate in result.decision.gates if gate.counts]
    passed = sum(gate.finding.outcome is Outcome.PASS for gate in counting)
    count = f"{passed} of {len(counting)} gates pass" if counting else "no gate to judge"
    return f"{count} ({result.phase}{f', {result.stage}' if result.stage else ''})"


def next_lines(result: Check) -> Iterator[tuple[str, str]]:
    """What to do, and from when."""
    decision = result.decision
    if result.command:
        yield "next", result.command
    if decision.earliest and decision.verdict is not Verdict.GO:
        yield "from", until(decision.earliest, result.evaluated_at)


def said_by_plan(decision: Decision) -> Iterator[str]:
    for gate in decision.gates:
        if gate.counts and gate.finding.outcome is Outcome.FAIL and gate.on_fail:
            yield f"{gate.id}, the plan says: {gate.on_fail}"


def shown_lines(decision: Decision) -> Iterator[str]:
    """What is shown and not judged."""
    for one in decision.observed:
        values = [f"{readable(series.value, one.unit)}{_labels(series)}" for series in one.series]
        yield f"{one.metric}: {', '.join(values) or one.reason}"


def _labels(series: Series) -> str:
    labels = ", ".join(f'{name}="{value}"' for name, value in series.labels)
    return f" {{{labels}}}" if labels else ""


def guide_lines(guide: RunbookEntry) -> Iterator[str]:
    yield f"runbook {guide.id}: {guide.title}"
    for heading, items in (("look at", guide.investigate), ("to resolve", guide.resolve)):
        if items:
            yield f"{heading}: {'; '.join(items)}"


def _gate(gate: GateJudgement) -> Case:
    finding = gate.finding
    text, advice = finding.reason, []
    if finding.outcome is not Outcome.PASS and not gate.counts:
        text = f"{'overridden' if gate.overridden else 'advisory'}: {text}"
    if finding.outcome is Outcome.FAIL:
        advice = [f"the plan says: {gate.on_fail}"] if gate.on_fail else []
        advice += [f"runbook: {gate.runbook}"] if gate.runbook else []
    condition = _over(finding.require, finding.for_)
    return Case(
        gate.stage.value,
        gate.id,
        _of_gate(gate),
        finding.outcome.value,
        text,
        tuple(advice),
        _value(finding),
        condition,
        finding.query,
    )


def _of_gate(gate: GateJudgement) -> Standing:
    outcome = gate.finding.outcome
    if outcome is Outcome.PASS or not gate.counts:
        return Standing.PASSED if outcome is Outcome.PASS else Standing.NOTED
    return {
        Outcome.FAIL: Standing.FAILED,
        Outcome.UNKNOWN: Standing.UNKNOWN,
        Outcome.WAITING: Standing.WAITING,
    }[outcome]


def _trigger(trigger: TriggerJudgement, decision: Decision) -> Case:
    finding = trigger.finding
    text = f"overridden: {finding.reason}" if trigger.overridden else finding.reason
    if trigger.had_fired:
        begins = f"trigger {trigger.id} had fired "
        text = next((reason for reason in decision.reasons if reason.startswith(begins)), text)
    leads_to = f"review: {trigger.review}" if trigger.review else f"rollback: {trigger.level}"
    condition = _over(finding.when, finding.for_)
    return Case(
        "trigger",
        trigger.id,
        _of_trigger(trigger),
        finding.outcome.value,
        text,
        (leads_to,),
        _value(finding),
        condition,
        finding.query,
    )


def _of_trigger(trigger: TriggerJudgement) -> Standing:
    if trigger.fired:
        return Standing.FIRED if trigger.level else Standing.REVIEW
    if trigger.unjudged:
        return Standing.UNKNOWN
    if trigger.had_fired:
        return Standing.WAITING
    return Standing.PASSED if trigger.finding.outcome is TriggerOutcome.QUIET else Standing.NOTED


def _over(condition: str, window: timedelta | None) -> str:
    return f"{condition} for {format_duration(window)}".strip() if window else condition


def _value(finding: Finding | TriggerFinding) -> str:
    return "" if finding.observed is None else readable(finding.observed, finding.unit)
