"""A window's moments counted: whether it holds, how long it has held, and when it can hold if it goes on."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, timedelta

from rollout.frozen import replace
from rollout.gates.marks import Mark, Marked
from rollout.gates.window import Window
from rollout.model.durations import format_duration, lasted
from rollout.model.units import format_quantity
from rollout.model.verdicts import Finding, Outcome

_SLACK = 1e-9
"""For shares such as 99.9 %, which no float holds exactly."""
_NEVER = 10**8
"""So many moments are more than a lifetime."""


def counted(
    finding: Finding, marked: Marked, window: Window, said: str, *, coverage: float = 1.0, share: float = 1.0
) -> Finding:
    """`finding` is what is known of it, its reason why it may be unknown; `said` is what the worst number comes to."""
    outcome = outcome_of(marked.marks, window, coverage, share)
    length = window.length
    held = _held(marked.marks, window, coverage)
    breaches = marked.count(Mark.DECISIVE)
    missing = len(marked.marks) - breaches - marked.count(Mark.HARMLESS)
    match outcome:
        case Outcome.FAIL:
            reason = f"{said} ({_where(marked, window, breaches)})"
        case Outcome.UNKNOWN:
            reason = f"{_part(missing, window)} cannot be judged: {finding.reason}"
        case Outcome.WAITING:
            reason = f"held for {lasted(held)} of {format_duration(length)}" + (f": {said}" if said else "")
        case _:
            reason = f"{said} (the worst of {format_duration(length)})" if marked.extremes else said
            if breaches:
                judged = breaches + marked.count(Mark.HARMLESS)
                reason = f"{format_quantity(1 - breaches / judged, 'ratio', '%')} holds; of the rest {reason}"
            reason += f"; {_part(missing, window)} could not be judged" if missing else ""
    earliest = None if outcome is Outcome.PASS else earliest_pass(marked.marks, window, coverage, share)
    return replace(finding, outcome=outcome, reason=reason, for_=length, held=held, earliest_pass=earliest)


def outcome_of(marks: bytearray, window: Window, coverage: float, share: float) -> Outcome:
    """Of a window that is not full, only what is certain counts: what it comes to if all that is to come is fine."""
    to_come = window.whole - len(marks)
    good, bad = marks.count(Mark.HARMLESS) + to_come, marks.count(Mark.DECISIVE)
    if _passes(good, bad, window.whole, coverage, share):
        return Outcome.WAITING if to_come else Outcome.PASS
    judged = good + bad if _covers(good + bad, window.whole, coverage) else window.whole
    return Outcome.FAIL if judged - bad < share * judged - _SLACK else Outcome.UNKNOWN


def earliest_pass(marks: bytearray, window: Window, coverage: float, share: float) -> datetime | None:
    """When it passes if every moment from now on is fine; None where it never can."""
    there = len(marks)

    def passes(later: int) -> bool:
        whole = there + later if window.grows else window.whole
        first = min(there + later - whole, there)
        good = marks.count(Mark.HARMLESS, first) + whole - (there - first)
        return _passes(good, marks.count(Mark.DECISIVE, first), whole, coverage, share)

    # A fine moment comes for each that leaves, so that what passes goes on to pass.
    latest = _NEVER if window.grows else window.whole
    later = bisect_left(range(latest), True, lo=window.whole - there, key=passes)
    return None if later == _NEVER else window.grid.at(there - 1 + later)


def _passes(good: int, bad: int, whole: int, coverage: float, share: float) -> bool:
    judged = good + bad
    return _covers(judged, whole, coverage) and good >= share * judged - _SLACK


def _covers(judged: int, whole: int, coverage: float) -> bool:
    """No data is never enough."""
    return judged > 0 and judged >= coverage * whole - _SLACK


def _held(marks: bytearray, window: Window, coverage: float) -> timedelta:
    """Up to now, from the first good moment after the last breach; where nothing may be missing, after the last gap."""
    broken = marks.rfind(bytes([Mark.DECISIVE]))
    if coverage >= 1:
        broken = max(broken, *(marks.rfind(bytes([mark])) for mark in (Mark.HOLE, Mark.THIN, Mark.STRANGE)))
    first = marks.find(bytes([Mark.HARMLESS]), broken + 1)
    if first == 0 and window.full:
        return window.length
    return _span(window, len(marks) - 1 - first) if first >= 0 else timedelta()


def _where(marked: Marked, window: Window, breaches: int) -> str:
    """Which moments do not hold: `1 of 5761 samples, the worst at 2026-03-02 11:04:30 UTC`."""
    worst = next((one.point for one in marked.extremes if one.decisive), None)
    at = "" if worst is None else f", the worst at {window.grid.at(worst):%Y-%m-%d %H:%M:%S} UTC"
    return f"{breaches} of {len(marked.marks)} samples in {format_duration(_span(window, len(marked.marks) - 1))}{at}"


def _part(missing: int, window: Window) -> str:
    """`3.1 % of 48h`."""
    count = window.grid.count
    return f"{format_quantity(missing / count, 'ratio', '%')} of {format_duration(_span(window, count - 1))}"


def _span(window: Window, steps: int) -> timedelta:
    return timedelta(milliseconds=window.grid.step * steps)
