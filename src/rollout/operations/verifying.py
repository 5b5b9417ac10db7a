"""Judging the gates that show that a change worked, until they pass or the time is up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from rollout.engine.agenda import Agenda
from rollout.model.gate import Gate
from rollout.model.verdicts import GateJudgement, Outcome, Stage
from rollout.operations.desk import Desk
from rollout.operations.judging import judge

_PAUSE = 1.0
"""Seconds between two looks."""
_SOON = timedelta(seconds=10)


def verify(desk: Desk, names: Iterable[str], until: datetime) -> list[GateJudgement]:
    """Those that do not pass, judged at least once and, while there is time, again."""
    gates: list[tuple[Stage, Gate]] = [(Stage.STEP, desk.plan.gates[name]) for name in dict.fromkeys(names)]
    while gates:
        agenda = Agenda(tuple(gates), (), "", -1)
        judged = judge(desk, agenda, (), now=desk.clock.now(), standing=False).gates
        failing = [one for one in judged if one.finding.outcome is not Outcome.PASS and one.required]
        left = (until - desk.clock.now()).total_seconds()
        if not failing or left <= 0:
            return failing
        with desk.voice.working(f"verifying: {sentence(failing[0])}"):
            desk.clock.sleep(min(_PAUSE, left))
        still = {one.id for one in failing}
        gates = [entry for entry in gates if entry[1].id in still]
    return []


def verify_soon(desk: Desk, targets: Iterable[str]) -> list[GateJudgement]:
    """As `verify`, of the gates that these targets name: a service that was just restarted may need a moment."""
    return verify(desk, desk.verifying(targets), desk.clock.now() + _SOON)


def sentence(judgement: GateJudgement) -> str:
    return f"gate {judgement.id}: {judgement.finding.reason}"
