"""A plan in words, with every bound as it was understood."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console

from rollout.engine.path import Stop
from rollout.model.durations import format_duration
from rollout.model.gate import Gate
from rollout.model.plan import EMERGENCY, Level, Plan
from rollout.model.values import words
from rollout.operations.show import Shown
from rollout.render.console import console, styled, table
from rollout.render.text import shown


def write(result: Shown, stream: TextIO) -> None:
    out = console(stream)
    plan = result.plan
    out.print(styled(f"{plan.title or plan.name}  ({plan.name}, {result.environment})"))
    for text in (plan.summary, f"owner: {plan.owner}" if plan.owner else ""):
        if text:
            out.print(styled(text))
    _write_flags(plan, out)
    _write_metrics(plan, out)
    _write_steps(result.stops, out)
    _write_triggers(plan, out)
    _write_levels(plan, out)


def _write_flags(plan: Plan, out: Console) -> None:
    rows = [
        (flag.name, flag.type.value, words(flag.safe) if flag.safe is not None else "(none)", flag.description)
        for flag in plan.flags.values()
    ]
    if rows:
        out.print(table(("flag", "type", "safe", ""), rows))


def _write_metrics(plan: Plan, out: Console) -> None:
    rows = [(metric.name, metric.unit, metric.query, format_duration(metric.reach)) for metric in plan.metrics.values()]
    if rows:
        out.print(table(("metric", "unit", "query", "looks back"), rows))


def _write_steps(stops: tuple[Stop, ...], out: Console) -> None:
    for stop in stops:
        if stop.step.number == 1:
            out.print(styled(f"phase {stop.phase.id}  {stop.phase.name}"))
            for stage, gates in (("to enter", stop.phase.entry), ("to leave", stop.phase.exit)):
                for gate in gates:
                    out.print(styled(f"  {stage}: {_gate(gate)}"))
        sets = ", ".join(f"{flag}={shown(value)}" for flag, value in stop.step.set.items()) or "changes nothing"
        soak = f", soaks {format_duration(stop.step.soak)}" if stop.step.soak else ""
        out.print(styled(f"  {stop.label}: {sets}{soak}"))
        for gate in (*stop.step.gates, *stop.phase.gates):
            out.print(styled(f"    then: {_gate(gate)}"))


def _write_triggers(plan: Plan, out: Console) -> None:
    for trigger in plan.triggers.values():
        leads_to = f"review: {trigger.review}" if trigger.review else f"rollback {trigger.rollback}"
        automatic = ", automatic" if trigger.automatic else ""
        out.print(styled(f"trigger {trigger.id}: {trigger.alarm.words} -> {leads_to}{automatic}"))


def _write_levels(plan: Plan, out: Console) -> None:
    levels = dict(plan.rollback)
    levels.setdefault(EMERGENCY, Level(EMERGENCY))
    for level in levels.values():
        out.print(styled(f"rollback {level.name}: {_level(level, plan)}"))


def _level(level: Level, plan: Plan) -> str:
    if level.to:
        return f"back to {level.to}"
    values = level.set
    if values is None:
        values = (
            {flag.name: flag.safe for flag in plan.flags.values() if flag.safe is not None}
            if level.name == EMERGENCY
            else {}
        )
    return ", ".join(f"{flag}={words(value)}" for flag, value in values.items()) or "sets nothing"


def _gate(gate: Gate) -> str:
    advisory = " (advisory)" if gate.advisory else ""
    return f"{gate.id}: {gate.words}{advisory}"
