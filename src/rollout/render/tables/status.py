"""Where a rollout stands: its steps, its values, what blocks the next one."""

from __future__ import annotations

from typing import TextIO

from rollout.engine.path import index_of
from rollout.engine.settings import step_values
from rollout.model.durations import format_duration
from rollout.model.state import Status
from rollout.operations.status import StatusReport
from rollout.render.console import Console, console, styled, table
from rollout.render.tables.check import write_judgements
from rollout.render.text import ago, local, shown, shown_values


def write(report: StatusReport, stream: TextIO) -> None:
    out = console(stream)
    state = report.state
    title = f"{report.plan.title or report.rollout}  ({report.rollout}@{report.environment})  {state.status.value}"
    out.print(styled(title + (f"  [{state.head[:12]}]" if state.head else "")))
    _write_steps(report, out)
    out.print(styled(f"values  {shown_values(report.values) or '(no flags)'}"))
    if report.checklist.total:
        out.print(styled(f"checklist  {report.checklist.done} of {report.checklist.total} done (rollout checklist)"))
    write_judgements(report.decision, out)
    _write_warnings(report, out)
    _write_next(report, out)


def _write_steps(report: StatusReport, out: Console) -> None:
    here = index_of(report.stops, report.state.position)
    environment = report.plan.environments[report.environment]
    complete = report.state.status is Status.COMPLETE
    standing = "back" if report.state.status is Status.ROLLED_BACK else "now"
    rows = []
    for index, stop in enumerate(report.stops):
        mark = "done" if index < here or complete else standing if index == here else ""
        sets = shown_values(step_values(stop.step, environment))
        soak = format_duration(stop.step.soak) if stop.step.soak else ""
        since = ago(report.state.since, report.now) if index == here and report.state.since else ""
        rows.append((mark, stop.label, sets, soak, since))
    out.print(table(("", "step", "sets", "soak", "since"), rows))


def _write_warnings(report: StatusReport, out: Console) -> None:
    if report.under_way:
        out.print(styled("warning", f": {report.under_way}"))
    if report.plan_changed:
        out.print(
            styled(
                "warning", ": the plan has been edited since the rollout started; it goes by the text it started with"
            )
        )
    for change in report.drift:
        where = f"{change.slot.flag} at {change.slot.target}"
        out.print(styled("warning", f": {where} is {shown(change.after)}, recorded is {shown(change.before)}"))
    for sentence in report.unreadable:
        out.print(styled("warning", f": {sentence}"))


def _write_next(report: StatusReport, out: Console) -> None:
    following = report.next
    if following is None:
        out.print(styled("next: nothing, this rollout is over"))
        return
    target = "completes the rollout" if following.position is None else f"leads to {following.label}"
    out.print(styled(report.verdict.value, f"  the next advance {target}"))
    for blocker in following.blockers:
        out.print(styled(f"  {blocker}"))
    if following.earliest:
        out.print(styled(f"  possible from {local(following.earliest, report.now)}"))
    if not following.blockers:
        out.print(styled("next: rollout advance"))
