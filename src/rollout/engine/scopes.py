"""When and where each gate and trigger is judged: windows, answers and the past that count for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from rollout.frozen import dataclass, replace
from rollout.gates.window import COARSEST, last
from rollout.model.evidence import Grid
from rollout.model.gate import Gate, Scope
from rollout.model.plan import OnUnknown, Plan, Trigger
from rollout.model.state import RolloutState, Status
from rollout.model.verdicts import Stage

_RUNNING = (Status.IN_PROGRESS, Status.PAUSED, Status.COMPLETE)


@dataclass(frozen=True)
class Scopes:
    """`scope` is what all of them share. `opened_for` are the gates that the present visit was entered by.

    `standing`: judged for the next advance, so that what a trigger did since the step began counts. `running`: the
    phase that is judged is the one that runs, so that windows begin with the step or the phase.
    """

    scope: Scope
    state: RolloutState
    standing: bool
    running: bool
    opened_for: frozenset[str] = frozenset()

    @property
    def under_way(self) -> bool:
        """Whether a step has begun, so that what happened since then counts."""
        return self.standing and self.state.status in (Status.IN_PROGRESS, Status.PAUSED)

    def gate(self, stage: Stage, gate: Gate) -> Scope:
        """An entry gate looks back as far as it says; what it needs from people may be given in the visit before."""
        since = self.scope.answers_since
        if stage is Stage.ENTRY or not self.running:
            return self.scope
        if gate.id in self.opened_for:
            since = self.state.opened_since
        floor = self.scope.step_since if stage is Stage.STEP else self.scope.phase_since
        return replace(self.scope, floor=floor, answers_since=since)

    def said(self, phase: str, stage: Stage, id: str) -> Scope:
        """For what people say there; `phase` empty: to a trigger, where an answer stands until it is changed.

        What the present phase was entered by may have been said in the visit before.
        """
        since = self.scope.answers_since if phase else None
        if self.opened(phase, stage) or (stage is not Stage.ENTRY and id in self.opened_for):
            since = self.state.opened_since
        return replace(self.scope, answers_since=since)

    def opened(self, phase: str, stage: Stage) -> bool:
        """Whether that is how the present visit was entered."""
        here = self.state.position.phase if self.running and self.state.position else None
        return stage is Stage.ENTRY and phase == here

    def trigger(self, trigger: Trigger) -> Scope:
        return replace(self.scope, track=self._track(trigger), answers_since=None)

    def _track(self, trigger: Trigger) -> Grid | None:
        looks_back = timedelta()
        if self.under_way and self.state.since:
            looks_back = self.scope.now - self.state.since
        if trigger.on_unknown is OnUnknown.ROLLBACK:
            looks_back = max(looks_back, trigger.unknown_after + timedelta(milliseconds=COARSEST))
        return last(looks_back, self.scope.now) if looks_back > timedelta() else None


def scopes_of(plan: Plan, scope: Scope, state: RolloutState, *, standing: bool, phase: str) -> Scopes:
    """`scope` says when and where; the rest comes from the record. `phase` is the one that is judged."""
    here = state.position.phase if state.position and state.status in _RUNNING else ""
    running = bool(here) and (standing or here == phase)
    recording: dict[str, tuple[str, ...]] = {}
    for one in plan.phases:
        for rule in one.baseline:
            recording[rule.metric] = (*recording.get(rule.metric, ()), one.id)
    known = replace(
        scope,
        plan=plan.name,
        metrics=plan.metrics,
        changed_at=state.changed_at,
        step_since=_step_since(state) if running else None,
        phase_since=state.visit_since if running else None,
        answers=state.answers,
        answers_since=state.visit_since,
        baselines=state.baselines,
        recording=recording,
    )
    entered = [one for one in plan.phases if one.id == here]
    opened_for = {gate.id for one in entered for gate in one.entry}
    opened_for |= {item.gate for one in entered for item in one.checklist if item.before is Stage.ENTRY and item.gate}
    return Scopes(known, state, standing, running, frozenset(opened_for))


def _step_since(state: RolloutState) -> datetime | None:
    """Completion has a moment of its own, so the last step's is no longer known then."""
    return state.visit_since if state.status is Status.COMPLETE else state.since
