"""What a plan asks people, when an answer counts, and what they mean by what they type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from rollout.engine.agenda import next_index
from rollout.engine.path import Stop, index_of
from rollout.errors import UsageError
from rollout.frozen import dataclass
from rollout.gates.person import Answerable, AskAlarm, AskGate, ConfirmAlarm, asked_in, named
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
    """One place where people are asked. `phase` empty: by a trigger, at any time."""

    id: str
    condition: Answerable
    phase: str = ""
    stage: Stage = Stage.STEP

    @property
    def unit(self) -> str:
        """Of the number that is wanted; empty: yes or no."""
        return self.condition.unit if isinstance(self.condition, AskGate | AskAlarm) else ""

    @property
    def raises(self) -> bool:
        """Whether a yes is an alarm."""
        return isinstance(self.condition, ConfirmAlarm)


def asked(plan: Plan, stops: Sequence[Stop]) -> Iterator[Asked]:
    """Everything that people are asked in an environment, by the ids they answer: gates first, then triggers."""
    for stop in stops:
        phase = stop.phase
        staged = ((Stage.ENTRY, phase.entry), (Stage.STEP, (*stop.step.gates, *phase.gates)), (Stage.EXIT, phase.exit))
        for stage, gates in staged:
            for gate in gates:
                yield from (Asked(one.id, one, phase.id, stage) for one in asked_in(gate))
    for trigger in plan.triggers.values():
        yield from (Asked(part.id, part) for part in asked_in(named(trigger.alarm, trigger.id)))


def to_answer(plan: Plan, stops: Sequence[Stop], state: RolloutState, id: str) -> Asked:
    """Where this id is asked now. UsageError when it is not, or when it stands for questions of several kinds."""
    known = list(asked(plan, stops))
    places = [place for place in known if place.id == id]
    if not places:
        ids = list(dict.fromkeys(place.id for place in known))
        parts = [name for name in ids if name.startswith(f"{id}.")]
        listed = f"people are asked for {', '.join(parts or ids)}" if ids else "it asks people nothing"
        raise UsageError(f"the plan asks nobody for {id!r}", listed if parts else nearest(id, ids) or listed)
    kinds = list(dict.fromkeys(place.unit for place in places))
    if len(kinds) > 1:
        both = " and ".join(f"a number ({unit})" if unit else "yes or no" for unit in kinds)
        raise UsageError(f"{id!r} is asked for {both}", "give one of them another name in the plan")
    present, following = _phases(stops, state)
    for place in places:
        if place.phase in ("", present) or (place.phase == following and place.stage is Stage.ENTRY):
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


def _phases(stops: Sequence[Stop], state: RolloutState) -> tuple[str, str]:
    """The phase whose visit goes on, and the one that an advance would enter next; each empty where there is none."""
    here = index_of(stops, state.position)
    if here >= 0 and state.status in (Status.IN_PROGRESS, Status.PAUSED, Status.COMPLETE):
        present = stops[here].phase.id
        return present, next((stop.phase.id for stop in stops[here:] if stop.phase.id != present), "")
    following = stops[next_index(stops, state) :]
    return "", following[0].phase.id if following else ""


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
