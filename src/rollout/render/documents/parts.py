"""Parts of JSON documents that several commands share. Numbers are finite or null, times are RFC 3339 in UTC."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import timedelta

from rollout.model.changes import Change
from rollout.model.commands import Ran, ran_to_json
from rollout.model.evidence import Series
from rollout.model.state import Position
from rollout.model.values import Setting, Verbatim
from rollout.model.verdicts import GateJudgement, Observation, TriggerJudgement
from rollout.render.text import moment

Json = object
"""Anything that `json.dumps` takes."""


def seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else round(duration.total_seconds(), 3)


def finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def setting(value: Setting) -> Json:
    held = value.held if isinstance(value, Verbatim) else value
    return list(held) if isinstance(held, tuple) else held


def values(settings: Mapping[str, Setting]) -> dict[str, Json]:
    return {flag: setting(value) for flag, value in settings.items()}


def commands(ran: Iterable[Ran]) -> list[Json]:
    return [ran_to_json(one) for one in ran]


def phase_and_step(position: Position | None) -> dict[str, Json]:
    return {"phase": position.phase if position else None, "step": position.step if position else None}


def series(items: Iterable[Series]) -> list[Json]:
    return [{"labels": dict(one.labels), "value": finite(one.value)} for one in items]


def gates(judgements: Iterable[GateJudgement]) -> list[Json]:
    return [
        {
            "id": gate.id,
            "kind": gate.kind,
            "title": gate.title,
            "stage": gate.stage.value,
            "outcome": gate.finding.outcome.value,
            "required": gate.required,
            "overridden": gate.overridden,
            "observed": finite(gate.finding.observed),
            "unit": gate.finding.unit or None,
            "require": gate.finding.require or None,
            "reason": gate.finding.reason,
            "for_seconds": seconds(gate.finding.for_),
            "held_seconds": seconds(gate.finding.held),
            "earliest_pass": moment(gate.finding.earliest_pass),
            "query": gate.finding.query or None,
            "series": series(gate.finding.series),
            "on_fail": gate.on_fail or None,
            "runbook": gate.runbook or None,
        }
        for gate in judgements
    ]


def triggers(judgements: Iterable[TriggerJudgement]) -> list[Json]:
    return [
        {
            "id": trigger.id,
            "outcome": trigger.finding.outcome.value,
            "observed": finite(trigger.finding.observed),
            "unit": trigger.finding.unit or None,
            "when": trigger.finding.when or None,
            "reason": trigger.finding.reason,
            "for_seconds": seconds(trigger.finding.for_),
            "query": trigger.finding.query or None,
            "series": series(trigger.finding.series),
            "level": trigger.level or None,
            "review": trigger.review or None,
            "automatic": trigger.automatic,
            "fired_at": moment(trigger.fired_at),
            "overridden": trigger.overridden,
        }
        for trigger in judgements
    ]


def observed(items: Iterable[Observation]) -> list[Json]:
    return [
        {
            "metric": one.metric,
            "unit": one.unit,
            "query": one.query,
            "series": series(one.series),
            "reason": one.reason or None,
        }
        for one in items
    ]


def changes(items: Iterable[Change]) -> list[Json]:
    return [
        {
            "flag": change.slot.flag,
            "target": change.slot.target,
            "before": setting(change.before),
            "after": setting(change.after),
            "verified": change.verified,
        }
        for change in items
    ]
