"""Steps of a phase."""

from __future__ import annotations

from functools import partial

from rollout.frozen import replace
from rollout.model.plan import Step
from rollout.planfile.grammar.flags import FlagValues
from rollout.planfile.grammar.gates import GATE_LIST
from rollout.shapes import Duration, Key, ListOf, Mapped, Name, Record, Text
from rollout.shapes.commands import UNDOING, Commands

INSTRUCTIONS = ListOf(Text(), or_one=True)

_NAME = Name(
    r"(?!\d+\Z)[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}", "a step's name (letters, digits, '-', '_' and '.'; not a number)"
)

_STEP = Record(
    partial(Step, number=0),
    {
        "name": Key(_NAME, "Its name; steps are counted from 1 too.", example="day-1"),
        "set": Key(FlagValues(), "Values of flags from here on.", example={"CHECKOUT_V2_PERCENT": 20}),
        "soak": Key(Duration(), "The least time until the next step, from when this one was verified.", example="1d"),
        "gates": Key(GATE_LIST, "What must hold to leave it, besides its phase's gates."),
        "before": Key(Commands(), "Commands before the change."),
        "run": Key(Commands(), "Commands after the change."),
        "instructions": Key(INSTRUCTIONS, "What a person is to do."),
        "undo": Key(UNDOING, "Commands, or texts for a person, for going back over this step."),
    },
    what="step",
)


def _numbered(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(replace(step, number=number) for number, step in enumerate(steps, 1))


STEPS = Mapped(ListOf(_STEP, at_least=1, id=lambda step: step.name, what="step"), _numbered)
