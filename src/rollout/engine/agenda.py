"""What has to be judged before the next step, or for a phase that somebody asks about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rollout.engine.path import Stop, index_of
from rollout.errors import UsageError
from rollout.frozen import dataclass
from rollout.gates.recording import baseline_gate
from rollout.model.gate import Gate
from rollout.model.plan import Metric, Phase, Plan, Trigger
from rollout.model.state import RolloutState, Status
from rollout.model.verdicts import Stage


@dataclass(frozen=True)
class Agenda:
    """Gates with the stage they stand in, triggers that are live, and the phase they are asked for.

    `index` is where the next advance leads on the path: one past the end when it would complete the rollout.
    """

    gates: tuple[tuple[Stage, Gate], ...]
    triggers: tuple[Trigger, ...]
    phase: str
    index: int
    observed: tuple[Metric, ...] = ()


def for_advance(plan: Plan, stops: Sequence[Stop], state: RolloutState) -> Agenda:
    """What `advance` needs now: to leave the present step, the phase with its last one, and to enter the next phase.

    A complete rollout is asked for its last exit again.
    """
    if not stops:
        raise UsageError("no phase of the plan takes place in this environment")
    here = index_of(stops, state.position)
    target = next_index(stops, state)
    gates: list[tuple[Stage, Gate]] = []
    left = stops[here] if state.status in (Status.IN_PROGRESS, Status.PAUSED, Status.COMPLETE) else None
    if left is not None:
        gates += _to_leave(left)
    phase = left.phase if left is not None else stops[target].phase
    if left is not None and left.last_of_phase and state.status is not Status.COMPLETE:
        gates += _recorded(plan, left.phase, Stage.EXIT, state)
    if target < len(stops) and (left is None or stops[target].phase is not left.phase):
        gates += [(Stage.ENTRY, gate) for gate in stops[target].phase.entry]
        gates += _recorded(plan, stops[target].phase, Stage.ENTRY, state)
    return Agenda(_once(gates), _live(plan, phase), phase.id, target, _observed(plan, phase))


def for_phase(plan: Plan, stops: Sequence[Stop], phase: Phase, stage: str) -> Agenda:
    """The gates and triggers of one phase, started or not; `stage` is entry, step, exit, triggers or all."""
    steps = [gate for stop in stops if stop.phase is phase for gate in stop.step.gates]
    gates: list[tuple[Stage, Gate]] = []
    if stage in (Stage.ENTRY, "all"):
        gates += [(Stage.ENTRY, gate) for gate in phase.entry]
    if stage in (Stage.STEP, "all"):
        gates += [(Stage.STEP, gate) for gate in (*steps, *phase.gates)]
    if stage in (Stage.EXIT, "all"):
        gates += [(Stage.EXIT, gate) for gate in phase.exit]
    triggers = _live(plan, phase) if stage in ("triggers", "all") else ()
    observed = _observed(plan, phase) if stage == "all" else ()
    return Agenda(_once(gates), triggers, phase.id, -1, observed)


def next_index(stops: Sequence[Stop], state: RolloutState) -> int:
    """Where the next advance leads: the step after this one, or where a rolled-back rollout starts again."""
    if state.status is Status.ROLLED_BACK:
        return max(index_of(stops, state.restart), 0)
    return index_of(stops, state.position) + 1 if state.position else 0


def _live(plan: Plan, phase: Phase) -> tuple[Trigger, ...]:
    return tuple(trigger for trigger in plan.triggers.values() if plan.is_live(trigger, phase.id))


def _to_leave(stop: Stop) -> Iterable[tuple[Stage, Gate]]:
    yield from ((Stage.STEP, gate) for gate in (*stop.step.gates, *stop.phase.gates))
    if stop.last_of_phase:
        yield from ((Stage.EXIT, gate) for gate in stop.phase.exit)


def _recorded(plan: Plan, phase: Phase, at: Stage, state: RolloutState) -> Iterable[tuple[Stage, Gate]]:
    """The baselines that the phase records there and that this run does not have yet: the earliest counts."""
    for rule in phase.baseline:
        if rule.at is at and (phase.id, rule.metric) not in state.baselines:
            yield at, baseline_gate(phase.id, rule, plan.metrics[rule.metric])


def _observed(plan: Plan, phase: Phase) -> tuple[Metric, ...]:
    return tuple(plan.metrics[name] for name in phase.observe)


def _once(gates: Iterable[tuple[Stage, Gate]]) -> tuple[tuple[Stage, Gate], ...]:
    """Without the second of two that are alike: a step and its phase may name the same gate."""
    kept: list[tuple[Stage, Gate]] = []
    for entry in gates:
        if entry not in kept:
            kept.append(entry)
    return tuple(kept)
