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
    r"(?![0-9]+$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}", "a step's name (letters, digits, '-', '_' and '.'; not a number)"
)

_STEP = Record(
    partial(Step, number=0),
    {
        "name": Key(
            _NAME, "The step's name. Steps are counted from 1 too; without it that number is all.", example="day-1"
        ),
        "set": Key(
            FlagValues(),
            "Values of flags from here on. Without it the step changes none.",
            example={"CHECKOUT_V2": True, "CHECKOUT_V2_PERCENT": 20},
        ),
        "soak": Key(
            Duration(),
            "The least time until the next step, from when this one was verified. Without it: none.",
            example="1d",
            default="0s",
        ),
        "gates": Key(
            GATE_LIST,
            "Gates that must pass to leave it, besides those of its phase. Without it: none.",
            example=["hits", {"gate": "errors", "for": "step"}],
        ),
        "before": Key(
            Commands(),
            "One command, or a list of them, that runs before the change; a failed one stops it. Without it: none.",
            example=[["./backup.sh"]],
        ),
        "run": Key(
            Commands(),
            "One command, or a list of them, that runs after the change; if one fails the flags are put back. Without "
            "it: none.",
            example=[["./warm-cache.sh"]],
            also=([{"command": ["./migrate.sh"], "timeout": "2m", "once": True}],),
        ),
        "instructions": Key(
            INSTRUCTIONS,
            "What a person is to do, shown with the change. Without it: nothing.",
            example=["Link the canary supplier in the admin page"],
        ),
        "undo": Key(
            UNDOING,
            "Commands, or texts for a person, for going back over this step. Without it only values are taken back.",
            example=[["./cool-cache.sh"], "Unlink the canary supplier"],
        ),
    },
    what="step",
)


def _numbered(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(replace(step, number=number) for number, step in enumerate(steps, 1))


STEPS = Mapped(ListOf(_STEP, at_least=1, id=lambda step: step.name, what="step"), _numbered)
