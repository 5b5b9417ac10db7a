"""A plan in words, with every bound as it was understood."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from rollout.engine.path import Stop
from rollout.engine.settings import step_values
from rollout.model.durations import format_duration
from rollout.model.gate import Gate
from rollout.model.plan import EMERGENCY, Command, Environment, Level, Phase, Plan, Step, Trigger
from rollout.model.values import FlagValue, words
from rollout.operations.show import Shown
from rollout.render.console import Console, console, styled, table
from rollout.render.text import shown_values


def write(result: Shown, stream: TextIO) -> None:
    out = console(stream)
    plan = result.plan
    out.print(styled(f"{plan.title or plan.name}  ({plan.name}, {result.environment})"))
    for text in (plan.summary, f"owner: {plan.owner}" if plan.owner else ""):
        if text:
            out.print(styled(text))
    _write_flags(result, out)
    _write_metrics(plan, out)
    levels = plan.rollback if EMERGENCY in plan.rollback else {EMERGENCY: Level(EMERGENCY), **plan.rollback}
    for line in (
        *(dilution.sentence for dilution in result.dilutions.values()),
        *(line for stop in result.stops for line in _stop(stop, plan.environments[result.environment])),
        *(line for trigger in plan.triggers.values() for line in _trigger(trigger)),
        *(line for level in levels.values() for line in _level(level, result.safe)),
    ):
        out.print(styled(line))


def _write_flags(result: Shown, out: Console) -> None:
    rows = [
        (
            flag.name,
            flag.type.value,
            words(result.safe[flag.name]) if flag.name in result.safe else "(none)",
            flag.description,
        )
        for flag in result.plan.flags.values()
    ]
    if rows:
        out.print(table(("flag", "type", "safe", ""), rows))


def _write_metrics(plan: Plan, out: Console) -> None:
    rows = [(metric.name, metric.unit, metric.query, format_duration(metric.reach)) for metric in plan.metrics.values()]
    if rows:
        out.print(table(("metric", "unit", "query", "looks back"), rows))


def _stop(stop: Stop, environment: Environment) -> Iterator[str]:
    if stop.step.number == 1:
        yield from _phase(stop.phase)
    sets = shown_values(step_values(stop.step, environment)) or "changes nothing"
    soak = f", soaks {format_duration(stop.step.soak)}" if stop.step.soak else ""
    yield f"  {stop.label}: {sets}{soak}"
    yield from _around(stop.step)
    yield from (f"    to go on: {_gate(gate)}" for gate in (*stop.step.gates, *stop.phase.gates))


def _phase(phase: Phase) -> Iterator[str]:
    yield f"phase {phase.id}  {phase.name}"
    if phase.goal:
        yield f"  goal: {phase.goal}"
    yield from (f"  to enter: {_gate(gate)}" for gate in phase.entry)
    yield from (f"  to leave: {_gate(gate)}" for gate in phase.exit)
    yield from (f"  to {_verb(item.before)}, tick {item.id}: {item.text}" for item in phase.checklist)
    yield from (f"  to {_verb(sign.before)}, signed by: {sign.role}" for sign in phase.sign_off)
    for rule in phase.baseline:
        yield f"  baseline: {rule.metric} over {format_duration(rule.over)}, at its {rule.at}"
    if phase.observe:
        yield f"  shown and not judged: {', '.join(phase.observe)}"
    yield from (f"  skips {gate}: {why}" for gate, why in phase.skip.items())


def _around(step: Step) -> Iterator[str]:
    yield from (f"    before: {_command(command)}" for command in step.before)
    yield from (f"    then run: {_command(command)}" for command in step.run)
    yield from (f"    by hand: {text}" for text in step.instructions)
    yield from (f"    to go back: {item if isinstance(item, str) else _command(item)}" for item in step.undo)


def _trigger(trigger: Trigger) -> Iterator[str]:
    leads_to = f"review: {trigger.review}" if trigger.review else f"rollback {trigger.rollback}"
    automatic = ", automatic" if trigger.automatic else ""
    where = f", in {', '.join(trigger.phases)}" if trigger.phases else ""
    since = f", from {trigger.from_phase} on" if trigger.from_phase else ""
    yield f"trigger {trigger.id}: {trigger.alarm.words} -> {leads_to}{automatic}{where}{since}"


def _level(level: Level, safe: Mapping[str, FlagValue]) -> Iterator[str]:
    values = level.set
    if values is None and level.name == EMERGENCY:
        values = safe
    does = f"back to {level.to}" if level.to else shown_values(values or {}) or "sets nothing"
    wants = ", ".join(word for word in ("approval", "destructive") if getattr(level, word))
    yield f"rollback {level.name}: {does}{f' ({wants})' if wants else ''}"
    yield from (f"  {key}: {text}" for key, text in (("when", level.when), ("warning", level.warning)) if text)
    yield from _commands("run", level.run)
    yield from _commands("then, when all is confirmed", level.then)
    if level.verify:
        yield f"  verified by: {', '.join(level.verify)}"
    yield from (f"  by hand: {text}" for text in level.instructions)


def _commands(what: str, commands: Iterable[Command]) -> Iterator[str]:
    return (f"  {what}: {_command(command)}" for command in commands)


def _command(command: Command) -> str:
    return shlex.join(command.argv)


def _gate(gate: Gate) -> str:
    return f"{gate.id}: {gate.words}{' (advisory)' if gate.advisory else ''}"


def _verb(before: str) -> str:
    return "enter" if before == "entry" else "leave"
