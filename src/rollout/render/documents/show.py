"""A plan as it was read."""

from __future__ import annotations

from typing import TextIO

from rollout.engine.dilution import Dilution
from rollout.operations.show import Shown
from rollout.render.documents.document import write_document
from rollout.render.documents.parts import Json, phase_and_step, seconds, setting, values


def write(result: Shown, stream: TextIO) -> None:
    write_document(_document(result), stream)


def _document(result: Shown) -> Json:
    plan = result.plan
    return {
        "name": plan.name,
        "title": plan.title,
        "owner": plan.owner,
        "summary": plan.summary,
        "environment": result.environment,
        "flags": {
            flag.name: {"type": flag.type.value, "safe": setting(result.safe.get(flag.name))}
            for flag in plan.flags.values()
        },
        "metrics": {
            m.name: {
                "query": m.query,
                "unit": m.unit,
                "reach_seconds": seconds(m.reach),
                "dilution": _dilution(result.dilutions.get(m.name)),
            }
            for m in plan.metrics.values()
        },
        "steps": [
            {
                **phase_and_step(stop.position),
                "name": stop.step.name or None,
                "set": values(stop.step.set),
                "soak_seconds": seconds(stop.step.soak),
                "gates": [gate.id for gate in (*stop.step.gates, *stop.phase.gates)],
            }
            for stop in result.stops
        ],
        "triggers": {
            t.id: {"rollback": t.rollback or None, "review": t.review or None} for t in plan.triggers.values()
        },
        "levels": list(dict.fromkeys(("emergency", *plan.rollback))),
    }


def _dilution(dilution: Dilution | None) -> Json:
    if dilution is None:
        return None
    return {
        "selects_cohort": dilution.selects_cohort,
        "bounds": [
            {**phase_and_step(one.stop.position), "percent": one.percent, "bound": one.text, "of_theirs": one.alone}
            for one in dilution.bounds
        ],
        "sentence": dilution.sentence,
    }
