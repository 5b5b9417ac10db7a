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
            "rollout": Key(
                Mapped(Integer(), _format, rules={"const": 1}),
                "The format that the plan is written in; this is 1.",
                example=1,
                required=True,
            ),
            "name": Key(
                Name("[a-z0-9-]{1,63}", "a plan's name (small letters, digits and '-', at most 63)"),
                "The plan's name; with the environment it names the rollout.",
                example="checkout-v2",
                required=True,
            ),
            "title": Key(Text(), "What it is called in tables. Without it: its name.", example="Checkout v2"),
            "owner": Key(Text(), "Who answers for it. Without it nobody is named.", example="Payments platform"),
            "summary": Key(
                Text(),
                "What is rolled out, in a sentence. Without it documents go without.",
                example="New checkout for all sellers",
            ),
            "links": Key(
                MapOf(Text(), key=LABEL),
                "Addresses of dashboards, tickets and the like, by a name for each. Without it: none.",
                example={"dashboard": "https://grafana.example.com/d/checkout"},
            ),
            "workdir": Key(
                Text(),
                "The folder that relative paths and commands start from, seen from the plan file's own. Without it: "
                "that folder.",
                example="..",
            ),
            "default_environment": Key(
                Reference("environment"),
                "The environment that is meant where none is named. Without it: the only one, else one must be named.",
                example="production",
            ),
            "flags": Key(
                FLAGS,
                "Named values that users of the service feel; steps set them. Without it no value changes.",
                example={"CHECKOUT_V2": {"type": "bool", "safe": False}},
            ),
            "environments": Key(
                environments(kinds),
                "The places where the plan runs, each with its Prometheus and its targets.",
                example={
                    "production": {
                        "prometheus": {"url": "${PROMETHEUS_URL}"},
                        "targets": {"api": {"type": "dotenv", "path": "deploy/.env"}},
                    }
                },
                required=True,
            ),
            "metrics": Key(
                METRICS,
                "PromQL queries, each with a name and a unit. Without it no gate can judge a metric.",
                example={
                    "error-rate": {
                        "query": "sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))",
                        "unit": "ratio",
                    }
                },
            ),
            "gates": Key(
                GATES,
                "Conditions that must hold, named once; phases list their names. Without it gates are written inline.",
                example={"errors": {"metric": "error-rate", "require": "< 0.1%"}},
            ),
            "every_phase": Key(
                EVERY_PHASE,
                "What is added to every phase; a phase's `skip` takes parts out. Without it: nothing.",
                example={"gates": ["errors"]},
            ),
            "phases": Key(
                PHASES,
                "The stages of the plan, in the order in which they are gone through.",
                example=[
                    {"id": "canary", "gates": ["errors"], "steps": [{"set": {"CHECKOUT_V2": True}, "soak": "1d"}]}
                ],
                required=True,
            ),
            "rollback": Key(
                LEVELS,
                "Named ways back. `emergency` always exists; without this it sets every flag to its safe value.",
                example={"partial": {"set": {"CHECKOUT_V2_PERCENT": 10}}},
            ),
            "triggers": Key(
                TRIGGERS,
                "Conditions that call for a rollback or a review. Without it only gates stand in the way.",
                example={"error-spike": {"metric": "error-rate", "when": "> 1%", "for": "3m", "rollback": "emergency"}},
            ),
            "windows": Key(
                WINDOWS,
                "When an advance may be made; a rollback may always. Without it: at any time.",
                example={"allow": ["Mon-Thu 09:00-16:00 Asia/Seoul"]},
            ),
            **AROUND,
        },
        what="plan",
    )
