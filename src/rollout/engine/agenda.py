"""What has to be judged before the next step, or for a phase that somebody asks about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rollout.engine.checklist import tasks, ticking_gates
from rollout.engine.path import Stop, index_of
from rollout.errors import UsageError
from rollout.frozen import dataclass
from rollout.gates.person import asked_in
from rollout.gates.recording import baseline_gate
from rollout.model.gate import Gate
from rollout.model.plan import Metric, Phase, Plan, Trigger
from rollout.model.state import OVER, Position, RolloutState, Status
from rollout.model.verdicts import Stage, Task


@dataclass(frozen=True)
class Agenda:
    """Gates with the stage they stand in, triggers that are live, what people do, and the phase they are asked for.

    `index` is where the next advance leads on the path: one past the end when it would complete the rollout.
    """

    gates: tuple[tuple[Stage, Gate], ...]
    triggers: tuple[Trigger, ...]
    phase: str
    index: int
    observed: tuple[Metric, ...] = ()
    tasks: tuple[Task, ...] = ()


def for_advance(plan: Plan, stops: Sequence[Stop], state: RolloutState, start: Position | None = None) -> Agenda:
    """What `advance` needs now: to leave the present step, the phase with its last one, and to enter the next phase.

    A complete rollout is asked for its last exit again, a closed one for nothing but triggers. `start` is where a
    person wants one that was rolled back to begin, instead of where its level says.
    """
    if not stops:
        raise UsageError("no phase of the plan takes place in this environment")
    target = next_index(stops, state, start)
    gates: list[tuple[Stage, Gate]] = []
    due: list[Task] = []
    left = _left(stops, state)
    if left is not None:
        gates += _to_leave(plan, left)
        due += tasks(left.phase, Stage.EXIT) if left.last_of_phase else ()
    entered = stops[target].phase if target < len(stops) else None
    if left is not None and left.last_of_phase and state.status is not Status.COMPLETE:
        gates += _recorded(plan, left.phase, Stage.EXIT, state)
    if entered is not None and (left is None or entered is not left.phase):
        gates += _to_enter(plan, entered)
        gates += _recorded(plan, entered, Stage.ENTRY, state)
        due += tasks(entered, Stage.ENTRY)
    phase = left.phase if left is not None else entered or stops[max(index_of(stops, state.position), 0)].phase
    return Agenda(_once(gates), _live(plan, phase), phase.id, target, _observed(plan, phase), tuple(due))


def for_people(plan: Plan, stops: Sequence[Stop], state: RolloutState) -> Agenda:
    """What people tick, sign and answer in the present phase, and to enter the next one."""
    present, following = present_phase(stops, state), next_phase(stops, state)
    gates: list[tuple[Stage, Gate]] = []
    due: list[Task] = []
    if present is not None:
        steps = [gate for stop in stops if stop.phase is present for gate in stop.step.gates]
        gates += [(Stage.STEP, gate) for gate in (*steps, *present.gates)]
        gates += [(Stage.EXIT, gate) for gate in (*present.exit, *ticking_gates(plan, present, Stage.EXIT))]
        due += [*tasks(present, Stage.ENTRY), *tasks(present, Stage.EXIT)]
    if following is not None:
        gates += _to_enter(plan, following)
        due += tasks(following, Stage.ENTRY)
    ticking = [plan.gates[task.gate] for task in due if task.gate]
    asked = [(stage, gate) for stage, gate in gates if gate in ticking or any(asked_in(gate))]
    phase = present or following
    return Agenda(_once(asked), (), phase.id if phase else "", -1, tasks=tuple(due))


def for_phase(plan: Plan, stops: Sequence[Stop], phase: Phase, stage: str) -> Agenda:
    """The gates and triggers of one phase, started or not; `stage` is entry, step, exit, triggers or all."""
    steps = [gate for stop in stops if stop.phase is phase for gate in stop.step.gates]
    gates: list[tuple[Stage, Gate]] = []
    if stage in (Stage.ENTRY, "all"):
        gates += _to_enter(plan, phase)
    if stage in (Stage.STEP, "all"):
        gates += [(Stage.STEP, gate) for gate in (*steps, *phase.gates)]
    if stage in (Stage.EXIT, "all"):
        gates += [(Stage.EXIT, gate) for gate in (*phase.exit, *ticking_gates(plan, phase, Stage.EXIT))]
    triggers = _live(plan, phase) if stage in ("triggers", "all") else ()
    observed = _observed(plan, phase) if stage == "all" else ()
    return Agenda(_once(gates), triggers, phase.id, -1, observed)


def next_index(stops: Sequence[Stop], state: RolloutState, start: Position | None = None) -> int:
    """Where the next advance leads: the step after this one, or where a rolled-back rollout starts again.

    A closed one leads nowhere.
    """
    if state.status is Status.ROLLED_BACK:
        return max(index_of(stops, start or state.restart), 0)
    return len(stops) if state.status is Status.CLOSED else index_of(stops, state.position) + 1


def present_phase(stops: Sequence[Stop], state: RolloutState) -> Phase | None:
    """The one whose visit goes on; of a complete rollout the last."""
    left = _left(stops, state)
    return left.phase if left is not None else None


def next_phase(stops: Sequence[Stop], state: RolloutState) -> Phase | None:
    """The one that this run would enter next; none when it is over."""
    if state.status in OVER:
        return None
    present = present_phase(stops, state)
    return next((stop.phase for stop in stops[next_index(stops, state) :] if stop.phase is not present), None)


def _left(stops: Sequence[Stop], state: RolloutState) -> Stop | None:
    """The step that an advance would leave."""
    here = index_of(stops, state.position)
    return stops[here] if here >= 0 and state.status in _ON_A_STEP else None


_ON_A_STEP = (Status.IN_PROGRESS, Status.PAUSED, Status.COMPLETE)


def _live(plan: Plan, phase: Phase) -> tuple[Trigger, ...]:
    return tuple(trigger for trigger in plan.triggers.values() if plan.is_live(trigger, phase.id))


def _to_leave(plan: Plan, stop: Stop) -> Iterable[tuple[Stage, Gate]]:
    yield from ((Stage.STEP, gate) for gate in (*stop.step.gates, *stop.phase.gates))
    if stop.last_of_phase:
        gates = (*stop.phase.exit, *ticking_gates(plan, stop.phase, Stage.EXIT))
        yield from ((Stage.EXIT, gate) for gate in gates)


def _to_enter(plan: Plan, phase: Phase) -> Iterable[tuple[Stage, Gate]]:
    return ((Stage.ENTRY, gate) for gate in (*phase.entry, *ticking_gates(plan, phase, Stage.ENTRY)))


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
