"""Gather all evidence of an agenda at once, then decide."""

from __future__ import annotations

from collections.abc import Iterable

from rollout.engine import gaps
from rollout.engine.agenda import Agenda
from rollout.engine.settings import exposed
from rollout.engine.verdict import decide
from rollout.model.gate import Scope
from rollout.model.verdicts import Blocker, Decision
from rollout.operations.desk import Desk


def judge(desk: Desk, agenda: Agenda, holds: Iterable[Blocker], *, standing: bool) -> Decision:
    """`standing`: judged where the rollout stands, so that settling counts, and unknown triggers only once exposed.

    UsageError when the agenda needs a gate or trigger that cannot be judged yet.
    """
    desk.need_carried_out(gaps.to_judge(agenda))
    return weigh(desk, agenda, holds, standing=standing)


def weigh(desk: Desk, agenda: Agenda, holds: Iterable[Blocker], *, standing: bool) -> Decision:
    """As `judge`; what cannot be judged yet is an unknown gate that says so."""
    scope = Scope(
        environment=desk.rollout.environment,
        now=desk.clock.now(),
        changed_at=desk.state.changed_at if standing else None,
        variables=desk.variables,
    )
    conditions = [gate for _, gate in agenda.gates] + [trigger.alarm for trigger in agenda.triggers]
    queries = list(dict.fromkeys(query for condition in conditions for query in condition.needs(scope)))
    if queries:
        desk.say(f"asking Prometheus ({len(queries)} {'query' if len(queries) == 1 else 'queries'})")
    evidence = desk.source.ask(queries) if queries else {}
    at_risk = not standing or exposed(desk.plan, desk.environment, desk.state.settings)
    return decide(desk.plan, agenda, evidence, scope, holds, exposed=at_risk)
