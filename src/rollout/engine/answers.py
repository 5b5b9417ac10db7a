"""What a plan asks people, when an answer counts, and what they mean by what they type."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction

from rollout.engine.agenda import next_phase, present_phase
from rollout.engine.checklist import ticking_gates
from rollout.engine.path import Stop
from rollout.errors import UsageError
from rollout.frozen import dataclass
from rollout.gates.person import Answerable, AskAlarm, AskGate, ConfirmAlarm, ConfirmGate, asked_in, named
from rollout.model.plan import Plan
from rollout.model.state import RolloutState, Status
from rollout.model.units import UNITS, convert
from rollout.model.verdicts import Stage
from rollout.shapes import nearest

_NUMBER = re.compile(
    r"(?P<number>[+-]?(?:\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})(?:[eE][+-]?\d{1,2})?)\s*(?P<unit>[A-Za-z%/]*)\Z", re.ASCII
)
_WORDS = {"yes": True, "y": True, "true": True, "done": True, "no": False, "n": False, "false": False}


@dataclass(frozen=True)
class Asked:
    """One place where people are asked. `phase` empty: by a trigger, at any time.

    `item`: of a checklist, where a no leaves it open.
    """

    id: str
    condition: Answerable
    phase: str = ""
    stage: Stage = Stage.STEP
    item: bool = False

    @property
    def unit(self) -> str:
        """Of the number that is wanted; empty: yes or no."""
        return self.condition.unit if isinstance(self.condition, AskGate | AskAlarm) else ""

    @property
    def raises(self) -> bool:
        """Whether a yes is an alarm."""
        return isinstance(self.condition, ConfirmAlarm)


def asked(plan: Plan, stops: Sequence[Stop]) -> Iterator[Asked]:
    """Everything that people are asked in an environment, by the ids they answer: the phases', then the triggers'."""
    for stop in stops:
        phase = stop.phase
        staged = ((Stage.ENTRY, phase.entry), (Stage.STEP, (*stop.step.gates, *phase.gates)), (Stage.EXIT, phase.exit))
        for stage, gates in staged:
            for gate in (*gates, *ticking_gates(plan, phase, stage)):
                yield from (Asked(one.id, one, phase.id, stage) for one in asked_in(gate))
        for item in phase.checklist:
            if not item.gate:
                tick = ConfirmGate(id=item.id, statement=item.text)
                yield Asked(item.id, tick, phase.id, item.before, item=True)
    for trigger in plan.triggers.values():
        yield from (Asked(part.id, part) for part in asked_in(named(trigger.alarm, trigger.id)))


def to_answer(plan: Plan, stops: Sequence[Stop], state: RolloutState, id: str) -> Asked:
    """Where this id is asked now. UsageError when it is not, or when it stands for questions of several kinds."""
    known = list(asked(plan, stops))
    places = [place for place in known if place.id == id]
    if not places:
        _refuse_gated(stops, id)
        ids = list(dict.fromkeys(place.id for place in known))
        parts = [name for name in ids if name.startswith(f"{id}.")]
        listed = f"people are asked for {', '.join(parts or ids)}" if ids else "it asks people nothing"
        raise UsageError(f"the plan asks nobody for {id!r}", listed if parts else nearest(id, ids) or listed)
    kinds = list(dict.fromkeys(place.unit for place in places))
    if len(kinds) > 1:
        both = " and ".join(f"a number ({unit})" if unit else "yes or no" for unit in kinds)
        raise UsageError(f"{id!r} is asked for {both}", "give one of them another name in the plan")
    present, entered = _phases(stops, state)
    for place in places:
        opens = place.stage is Stage.ENTRY
        if opens and place.phase in entered:
            return place
        if place.phase in ("", present) and not (opens and place.item):
            return place
    when = " or ".join(dict.fromkeys(_when(place, stops) for place in places))
    raise UsageError(
        f"{id!r} is not asked now ({present or state.status.value}): an answer counts only when it is given {when}"
    )


def meaning(asked: Asked, text: str) -> float | bool:
    """The answer: a number in the unit that is asked for, or whether it is so. UsageError for anything else."""
    try:
        return _number(text.strip(), asked.unit) if asked.unit else _WORDS[text.strip().lower()]
    except KeyError:
        raise UsageError(f"{text!r} is no answer to {asked.id!r}", "answer yes or no") from None
    except ValueError as error:
        hint = f"answer with a number; without a unit of its own it is taken as {asked.unit}"
        raise UsageError(f"{text!r} is no answer to {asked.id!r}: {error}", hint) from None


def to_sign(stops: Sequence[Stop], state: RolloutState, role: str) -> str:
    """The phase that this role signs now, to leave or to enter it. UsageError, with those that do, for another."""
    present, entered = _phases(stops, state)
    phases = [stop.phase for stop in stops if stop.last_of_phase]
    roles: dict[str, str] = {}
    for phase in phases:
        for sign_off in phase.sign_off:
            entry = sign_off.before is Stage.ENTRY
            if phase.id in entered if entry else phase.id == present:
                roles.setdefault(sign_off.role, phase.id)
    if role in roles:
        return roles[role]
    asked_for = f"asked for now: {', '.join(roles)}" if roles else "no signature is asked for now"
    raise UsageError(f"nobody is asked to sign as {role!r} now ({present or state.status.value})", asked_for)


def _refuse_gated(stops: Sequence[Stop], id: str) -> None:
    for item in (item for stop in stops for item in stop.phase.checklist):
        if item.id == id:
            message = f"{id!r} is ticked by its gate {item.gate!r} alone"
            raise UsageError(message, "`rollout check-gates` judges it")


def _phases(stops: Sequence[Stop], state: RolloutState) -> tuple[str, Collection[str]]:
    """The phase whose visit goes on, empty where none does, and those that may be entered next.

    After a rollback a person may begin again with any phase; after the end another run begins with the first.
    """
    present = present_phase(stops, state)
    match state.status:
        case Status.ROLLED_BACK:
            entered = {stop.phase.id for stop in stops}
        case Status.COMPLETE | Status.CLOSED:
            entered = {stops[0].phase.id}
        case _:
            following = next_phase(stops, state)
            entered = {following.id} if following is not None else set()
    return present.id if present is not None else "", entered


def _when(place: Asked, stops: Sequence[Stop]) -> str:
    if place.stage is not Stage.ENTRY:
        return f"during {place.phase}"
    phases = list(dict.fromkeys(stop.phase.id for stop in stops))
    before = phases.index(place.phase)
    return f"during {phases[before - 1]}, to enter {place.phase}" if before else "before the start"


def _number(text: str, unit: str) -> float:
    match = _NUMBER.match(text)
    if match is None:
        raise ValueError("it is not a number")
    if match["unit"] and match["unit"] not in UNITS:
        raise ValueError(f"{match['unit']!r} is not a unit; known are {', '.join(UNITS)}")
    return convert(Fraction(match["number"]), match["unit"] or unit, unit)
