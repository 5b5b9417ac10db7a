"""Gates and triggers with their outcomes, then the verdict and why."""

from __future__ import annotations

from datetime import timedelta
from typing import TextIO

from rollout.model.durations import format_duration, lasted
from rollout.model.evidence import Series
from rollout.model.units import readable
from rollout.model.verdicts import Decision, GateJudgement, Outcome, TriggerJudgement
from rollout.operations.check import Check
from rollout.render.console import Console, console, styled, table
from rollout.render.tables.answers import write_answers


def write(result: Check, stream: TextIO) -> None:
    out = console(stream)
    what = f"{result.phase} ({result.stage})" if result.stage else result.phase
    head = f"  [{result.head[:12]}]" if result.head else ""
    out.print(styled(f"{result.rollout}  {result.environment}  {what}{head}"))
    write_judgements(result.decision, out)
    write_answers(result.decision, out, result.evaluated_at, next_=result.command)


def write_judgements(decision: Decision, out: Console) -> None:
    if decision.gates:
        rows = [_gate_row(gate) for gate in decision.gates]
        out.print(table(("gate", "stage", "value", "must be", "outcome", ""), rows))
    if decision.triggers:
        rows = [_trigger_row(trigger) for trigger in decision.triggers]
        out.print(table(("trigger", "", "value", "fires", "outcome", ""), rows))
    for one in decision.observed:
        several = len(one.series) > 1
        values = ", ".join(_series_value(series, one.unit, labelled=several) for series in one.series)
        out.print(styled(f"shown, not judged: {one.metric} {values or one.reason}"))
    if decision.gates or decision.triggers or decision.observed:
        out.print(styled(""))


def _gate_row(gate: GateJudgement) -> tuple[str, ...]:
    finding = gate.finding
    return (
        gate.id,
        gate.stage.value,
        _value(finding.observed, finding.unit),
        _over(finding.require, finding.for_),
        finding.outcome.value,
        _remark(gate),
    )


def _remark(gate: GateJudgement) -> str:
    finding = gate.finding
    if gate.overridden:
        return f"overridden: {finding.reason}"
    if not gate.required:
        return "advisory" if finding.outcome is Outcome.PASS else f"advisory: {finding.reason}"
    if finding.outcome is not Outcome.PASS and finding.held is not None:
        return f"held for {lasted(finding.held)}"
    return ""


def _trigger_row(trigger: TriggerJudgement) -> tuple[str, ...]:
    finding = trigger.finding
    leads_to = f"review: {trigger.review}" if trigger.review else f"rollback: {trigger.level}"
    remark = "overridden" if trigger.overridden else "had fired" if trigger.fired_at else ""
    return (
        trigger.id,
        leads_to,
        _value(finding.observed, finding.unit),
        _over(finding.when, finding.for_),
        finding.outcome.value,
        remark,
    )


def _over(condition: str, window: timedelta | None) -> str:
    return f"{condition} for {format_duration(window)}".strip() if window else condition


def _series_value(series: Series, unit: str, *, labelled: bool) -> str:
    labels = ", ".join(f'{name}="{value}"' for name, value in series.labels)
    return readable(series.value, unit) + (f" {{{labels}}}" if labelled else "")


def _value(observed: float | None, unit: str) -> str:
    if observed is None:
        return "-"
    return readable(observed, unit)
