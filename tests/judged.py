"""Results of a judgement with every kind of outcome, and with hostile texts, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rollout.engine.following import following
from rollout.model.around import RunbookEntry
from rollout.model.evidence import Series
from rollout.model.verdicts import (
    Blocker,
    Decision,
    Finding,
    GateJudgement,
    Observation,
    Outcome,
    Stage,
    TriggerFinding,
    TriggerJudgement,
    TriggerOutcome,
    Verdict,
)
from rollout.operations.check import Check

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def judged(
    id: str,
    outcome: Outcome,
    reason: str,
    *,
    stage: Stage = Stage.STEP,
    required: bool = True,
    overridden: bool = False,
    on_fail: str = "",
    runbook: str = "",
    query: str = "up",
) -> GateJudgement:
    finding = Finding(outcome, reason, 0.0042, "ratio", "< 0.1%", query, for_=timedelta(hours=48))
    return GateJudgement(id, "metric", stage, "", required, on_fail, runbook, finding, overridden)


def watched(
    id: str,
    outcome: TriggerOutcome,
    reason: str,
    *,
    review: str = "",
    counts: bool = True,
    fired_at: datetime | None = None,
) -> TriggerJudgement:
    level = "" if review else "emergency"
    return TriggerJudgement(
        id, level, review, False, counts, TriggerFinding(outcome, reason, 0.5, "ratio", "> 1%"), fired_at
    )


def result(decision: Decision, *, stage: str = "", rollout: str = "shop", environment: str = "test") -> Check:
    command = "" if stage else following(decision)
    return Check(rollout, environment, "memory", "canary", stage, NOON, decision, "", command)


def everything() -> Check:
    """One of each kind."""
    gates = (
        judged("good", Outcome.PASS, "0 % is below 0.1 %", stage=Stage.ENTRY),
        judged("bad", Outcome.FAIL, "0.42 % is not below 0.1 %", on_fail="Roll back to 10 %", runbook="high"),
        judged("mute", Outcome.UNKNOWN, "no data"),
        judged("early", Outcome.WAITING, "another 3 h", stage=Stage.EXIT),
        judged("hint", Outcome.FAIL, "a bit slow", required=False, on_fail="Never mind"),
        judged("known", Outcome.FAIL, "as ever", overridden=True),
        judged("bad", Outcome.PASS, "0 % is below 1 %"),
    )
    triggers = (
        watched("calm", TriggerOutcome.QUIET, "0 % is not above 1 %"),
        watched("spike", TriggerOutcome.FIRED, "50 % is above 1 %"),
        watched("odd", TriggerOutcome.FIRED, "7 logins", review="Might be expected"),
        watched("dark", TriggerOutcome.UNKNOWN, "nothing came back"),
        watched("ignored", TriggerOutcome.UNKNOWN, "nothing came back either", counts=False),
        watched("past", TriggerOutcome.QUIET, "it is over", fired_at=NOON),
    )
    holds = (Blocker("soak", "soak of canary/1: 23 h of 24 h left", NOON), Blocker("runbook", "runbook is not ticked"))
    reasons = (
        "trigger spike fired: 50 % is above 1 % (rollback: emergency)",
        "trigger odd fired: 7 logins (review: Might be expected)",
        "bad: 0.42 % is not below 0.1 %",
        "mute: no data",
        "trigger dark cannot be judged: nothing came back",
        "early: another 3 h",
        "trigger past had fired since the step began, at 2026-03-02 12:00:00 UTC: find out why",
        *(hold.text for hold in holds),
        "not set: SHOP_TOKEN",
    )
    guide = RunbookEntry("high", "High error rate", investigate=("Read the logs",), resolve=("Roll back",))
    series = (Series((("pod", "a"),), 0.78), Series((("pod", "b"),), 0.65))
    observed = (Observation("hits", "ratio", "hits", series), Observation("none", "ratio", "none", (), "no data"))
    return result(Decision(Verdict.ROLLBACK, gates, triggers, holds, "emergency", reasons, observed, guides=(guide,)))


def hostile(texts: tuple[str, ...]) -> Check:
    """Each text as the name, the reason, the query and the advice of a gate that fails, and as everything else."""
    gates = tuple(judged(text, Outcome.FAIL, text, on_fail=text, runbook=text, query=text) for text in texts)
    triggers = tuple(watched(text, TriggerOutcome.FIRED, text, review=text) for text in texts)
    holds = tuple(Blocker(text, text) for text in texts)
    guides = tuple(RunbookEntry(text, text, investigate=(text,)) for text in texts)
    observed = tuple(Observation(text, "ratio", text, (Series(((text, text),), 0.5),)) for text in texts)
    decision = Decision(Verdict.NO_GO, gates, triggers, holds, "", texts, observed, guides=guides)
    return result(decision, rollout="shop", environment=texts[0])
