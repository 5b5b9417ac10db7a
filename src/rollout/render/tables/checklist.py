"""What people tick, sign and are asked, and who has."""

from __future__ import annotations

from typing import TextIO

from rollout.engine.following import by_person
from rollout.model.verdicts import Outcome, Stage, Task
from rollout.operations.checklist import Checklist
from rollout.render.console import console, styled, table
from rollout.render.text import ago


def write(result: Checklist, stream: TextIO) -> None:
    out = console(stream)
    out.print(styled(f"{result.rollout}  {result.environment}  {result.phase}{_head(result)}".rstrip()))
    if not result.total and not result.gates:
        out.print(styled("nobody is asked for anything now"))
        return
    if result.total:
        rows = [_row(task, result) for task in (*result.items, *result.sign_off)]
        out.print(table(("", "item", "what", "by", "since"), rows))
    if result.gates:
        gates = [(one.id, one.stage.value, one.finding.outcome.value, one.finding.reason) for one in result.gates]
        out.print(table(("gate", "stage", "outcome", ""), gates))
    if result.total:
        out.print(styled(f"{result.done} of {result.total} done"))
    if following := _next(result):
        out.print(styled(f"next: {following}"))


def _head(result: Checklist) -> str:
    return f"  [{result.head[:12]}]" if result.head else ""


def _row(task: Task, result: Checklist) -> tuple[str, ...]:
    text = task.text if not task.signed else "signs"
    if task.stage is Stage.ENTRY:
        text += f" (to enter {task.phase})"
    if task.gate:
        text += f" (ticked by its gate {task.gate})"
    since = ago(task.at, result.now) if task.at else ""
    return "done" if task.done else "open", task.id, text, task.by, since


def _next(result: Checklist) -> str:
    for task in (*result.items, *result.sign_off):
        if not task.done and (wanted := by_person(task)):
            return wanted
    waiting = any(one.finding.outcome is not Outcome.PASS for one in result.gates)
    return "" if waiting else "rollout check-gates"
