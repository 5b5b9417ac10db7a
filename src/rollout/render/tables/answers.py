"""What an operator wants to know, in this order: the verdict, why, what next, from when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rollout.model.around import RunbookEntry
from rollout.model.verdicts import Decision, Outcome, Verdict
from rollout.render.console import Console, styled
from rollout.render.text import until

_WHY, _NEXT, _FROM, _MORE = "why:   ", "next:  ", "from:  ", "       "


def write_answers(
    decision: Decision,
    out: Console,
    now: datetime,
    *,
    verdict: Verdict | None = None,
    headline: str = "",
    why: Sequence[str] | None = None,
    next_: str = "",
) -> None:
    """`verdict`, `headline` and `why` where the decision is not all that counts."""
    found = verdict or decision.verdict
    out.print(styled(headline or _count(decision), label=f"{found.value}  "))
    reasons = decision.reasons if why is None else why
    for number, reason in enumerate((*reasons, *_advice(decision))):
        out.print(styled(reason, label=_MORE if number else _WHY))
    if next_:
        out.print(styled(next_, label=_NEXT), soft_wrap=next_.startswith("rollout "))
    if decision.earliest and found is not Verdict.GO:
        out.print(styled(until(decision.earliest, now), label=_FROM))


def _advice(decision: Decision) -> Iterator[str]:
    """What the plan says about the gates that fail."""
    for gate in decision.gates:
        if gate.counts and gate.finding.outcome is Outcome.FAIL and gate.on_fail:
            yield f"{gate.id}, the plan says: {gate.on_fail}"
    for guide in decision.guides:
        yield from _guide(guide)


def _guide(guide: RunbookEntry) -> Iterator[str]:
    yield f"runbook {guide.id}: {guide.title}"
    for heading, items in (("look at", guide.investigate), ("to resolve", guide.resolve)):
        if items:
            yield f"  {heading}: {'; '.join(items)}"


def _count(decision: Decision) -> str:
    required = [gate for gate in decision.gates if gate.counts]
    passed = sum(gate.finding.outcome is Outcome.PASS for gate in required)
    return f"{passed} of {len(required)} gates pass" if required else "no gate to judge"
