"""Where a rollout stands: its phases, its values, what blocks the next step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from rollout.engine.path import index_of
from rollout.model.durations import lasted
from rollout.model.plan import Phase
from rollout.model.state import Status
from rollout.operations.status import StatusReport
from rollout.render.console import Console, bar, console, styled
from rollout.render.tables.answers import write_answers
from rollout.render.tables.check import write_judgements
from rollout.render.text import shown, shown_values, until

_DONE, _HERE, _BACK, _COMING = "✔", "▶", "◀", "○"


def write(report: StatusReport, stream: TextIO) -> None:
    out = console(stream)
    state = report.state
    title = f"{report.plan.title or report.rollout}  ({report.rollout}@{report.environment})  {state.status.value}"
    out.print(styled(title + (f"  [{state.head[:12]}]" if state.head else "")))
    out.print(styled(*_phases(report)))
    _write_here(report, out)
    out.print(styled(shown_values(report.values) or "(no flags)", label="values:  "))
    if report.checklist.total:
        done = f"{report.checklist.done} of {report.checklist.total} done (rollout checklist)"
        out.print(styled(done, label="people:  "))
    write_judgements(report.decision, out)
    _write_warnings(report, out)
    _write_next(report, out)


def _phases(report: StatusReport) -> Iterator[str]:
    """Done, current and coming, in a line that breaks between two phases only."""
    here = index_of(report.stops, report.state.position)
    complete = report.state.status is Status.COMPLETE
    standing = _BACK if report.state.status is Status.ROLLED_BACK else _HERE
    phases: dict[str, list[int]] = {}
    for number, stop in enumerate(report.stops):
        phases.setdefault(stop.phase.id, []).append(number)
    for phase, numbers in phases.items():
        if complete or numbers[-1] < here:
            yield from (_DONE, f"\u00a0{phase}  ")
        elif here in numbers:
            steps = f"\u00a0{numbers.index(here) + 1}/{len(numbers)}" if len(numbers) > 1 else ""
            yield from (standing, f"\u00a0{phase}{steps}  ")
        else:
            yield from (_COMING, f"\u00a0{phase}  ")


def _write_here(report: StatusReport, out: Console) -> None:
    state, here = report.state, index_of(report.stops, report.state.position)
    if here < 0 or state.since is None:
        return
    stop, spent = report.stops[here], report.now - state.since
    level = f" by {state.level}" if state.level else ""
    rolled_back = state.status is Status.ROLLED_BACK
    since = f", rolled back{level} {lasted(spent)} ago" if rolled_back else f" for {lasted(spent)}"
    out.print(styled(f"{stop.label}{since}{_expected(stop.phase)}", label="step:    "))
    soak = stop.step.soak
    if soak and state.status in (Status.IN_PROGRESS, Status.PAUSED):
        end = state.since + soak
        # Where nothing takes longer, the last line says it.
        over = f", over in {until(end, report.now)}" if spent < soak and report.decision.earliest != end else ""
        of = f"{lasted(min(spent, soak))} of {lasted(soak)}{over}"
        out.print(styled(f"{bar(spent / soak)}  {of}", label="soak:    "))


def _expected(phase: Phase) -> str:
    return f" (the phase is planned for {phase.duration})" if phase.duration else ""


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
    step = report.next
    if step is None:
        out.print(styled("next: nothing, this rollout is over"))
        return
    leads = "completes the rollout" if step.position is None else f"leads to {step.label}"
    changed = [
        f"{flag} {shown(report.values.get(flag))} -> {shown(value)}"
        for flag, value in step.values.items()
        if report.values.get(flag) != value
    ]
    write_answers(
        report.decision,
        out,
        report.now,
        verdict=report.verdict,
        headline=f"the next advance {leads}" + (f": {', '.join(changed)}" if changed else ""),
        why=step.blockers,
        next_=step.command,
    )
