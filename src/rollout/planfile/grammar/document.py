"""The whole plan file: its sections, in the order in which they depend on one another."""

from __future__ import annotations

from typing import Any

from rollout.frozen import replace
from rollout.model.around import Around
from rollout.model.plan import EMERGENCY, Plan
from rollout.planfile.grammar.around import AROUND
from rollout.planfile.grammar.environments import Kinds, environments
from rollout.planfile.grammar.flags import FLAGS
from rollout.planfile.grammar.gates import GATES
from rollout.planfile.grammar.metrics import METRICS
from rollout.planfile.grammar.phases import EVERY_PHASE, PHASES
from rollout.planfile.grammar.rollback import ALWAYS, LEVELS
from rollout.planfile.grammar.triggers import TRIGGERS
from rollout.planfile.grammar.windows import WINDOWS
from rollout.shapes import LABEL, Integer, Key, MapOf, Mapped, Name, Record, Reference, Text


def _plan(**parts: Any) -> Plan:
    around = Around(**{name: part for name, part in parts.items() if name in _AROUND_PARTS})
    plan = Plan(**{name: part for name, part in parts.items() if name not in _AROUND_PARTS | _NOT_KEPT}, around=around)
    return plan if EMERGENCY in plan.rollback else replace(plan, rollback={**ALWAYS, **plan.rollback})


_NOT_KEPT = {"rollout", "every_phase"}
_AROUND_PARTS = {key.into or name for name, key in AROUND.items()}


def _format(number: int) -> int:
    if number != 1:
        raise ValueError(f"this version reads plans of format 1, not {number}")
    return number


def document(kinds: Kinds) -> Record[Plan]:
    return Record(
        _plan,
        {
            "rollout": Key(Mapped(Integer(), _format), "Format of the plan.", required=True, example=1),
            "name": Key(
                Name("[a-z0-9-]{1,63}", "a plan's name (small letters, digits and '-', at most 63)"),
                "With the environment it names the rollout.",
                required=True,
                example="checkout-v2",
            ),
            "title": Key(Text(), "What it is called."),
            "owner": Key(Text(), "Who answers for it."),
            "summary": Key(Text(), "What is rolled out."),
            "links": Key(MapOf(Text(), key=LABEL), "Addresses of dashboards, tickets and the like."),
            "workdir": Key(
                Text(), "Where relative paths start from, seen from the plan file's folder (default: that)."
            ),
            "default_environment": Key(Reference("environment"), "The environment that is meant where none is named."),
            "flags": Key(FLAGS, "Named values that users of the service feel."),
            "environments": Key(environments(kinds), "The places where the plan runs.", required=True),
            "metrics": Key(METRICS, "Named queries."),
            "gates": Key(GATES, "Named conditions that must hold."),
            "every_phase": Key(EVERY_PHASE, "What every phase has."),
            "phases": Key(PHASES, "The stages of the plan, in order.", required=True),
            "rollback": Key(LEVELS, "Levels of rollback."),
            "triggers": Key(TRIGGERS, "Conditions that call for a rollback or a review."),
            "windows": Key(WINDOWS, "When an advance may be made."),
            **AROUND,
        },
        what="plan",
    )
