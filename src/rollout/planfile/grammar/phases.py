"""The sections `every_phase` and `phases`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain

from rollout.frozen import dataclass, replace
from rollout.model.durations import parse_duration
from rollout.model.gate import Gate
from rollout.model.plan import Phase, Step
from rollout.model.verdicts import Stage
from rollout.planfile.grammar.checklists import BASELINE, CHECKLIST, SIGN_OFF
from rollout.planfile.grammar.gates import GATE_LIST
from rollout.planfile.grammar.steps import STEPS
from rollout.shapes import (
    Book,
    Key,
    ListOf,
    MapOf,
    Mapped,
    Mapping,
    Name,
    Node,
    Record,
    Reference,
    Scalar,
    Schema,
    Sequence,
    Text,
)
from rollout.shapes.shape import matching

EVERY_PHASE_ID = "every_phase"

_COMMON_PART = "part of every_phase"


def _with_ids(phase: Phase) -> Phase:
    """Inline gates get PHASE.STAGE.N, those of a step PHASE/STEP.step.N."""

    def named(gates: Iterable[Gate], at: str, stage: Stage) -> tuple[Gate, ...]:
        return tuple(gate if gate.id else replace(gate, id=f"{at}.{stage}.{n}") for n, gate in enumerate(gates, 1))

    steps = tuple(
        replace(step, gates=named(step.gates, f"{phase.id}/{step.name or step.number}", Stage.STEP))
        for step in phase.steps
    )
    return replace(
        phase,
        entry=named(phase.entry, phase.id, Stage.ENTRY),
        gates=named(phase.gates, phase.id, Stage.STEP),
        exit=named(phase.exit, phase.id, Stage.EXIT),
        steps=steps,
    )


def _merged(phase: Phase, common: Phase) -> Phase:
    """The phase with what every phase has and this one does not skip; a variant of a gate stands beside it."""

    def gates(own: tuple[Gate, ...], shared: tuple[Gate, ...]) -> tuple[Gate, ...]:
        return own + tuple(gate for gate in shared if gate.id not in phase.skip and gate not in own)

    ticked = {item.id for item in phase.checklist} | set(phase.skip)
    return replace(
        phase,
        entry=gates(phase.entry, common.entry),
        gates=gates(phase.gates, common.gates),
        exit=gates(phase.exit, common.exit),
        checklist=phase.checklist + tuple(item for item in common.checklist if item.id not in ticked),
    )


def _duration(text: str) -> str:
    """`4d`, `4d..5d` or `ongoing`."""
    if text != "ongoing":
        ends = [parse_duration(end) for end in text.split("..", 1)]
        if ends[0] > ends[-1]:
            raise ValueError(f"{text!r} ends before it begins")
    return text


_DURATION_RULES = matching(
    r"ongoing|[0-9]+[wdhms][0-9wdhms]*(?:\.\.[0-9]+[wdhms][0-9wdhms]*)?", "a time such as 4d or 4d..5d, or ongoing"
)

_CRITERIA = {
    "entry": Key(
        GATE_LIST,
        "Gates that must pass to enter, judged once. Without it nothing is judged there.",
        example=["errors", "health"],
    ),
    "gates": Key(
        GATE_LIST,
        "Gates that must pass to leave each of its steps. Without it only those of the step count.",
        example=["errors"],
    ),
    "exit": Key(
        GATE_LIST,
        "Gates that must pass to leave the phase, after its last step. Without it nothing further is judged.",
        example=["calm", {"gate": "errors", "for": "48h"}, {"confirm": "Looks good"}],
    ),
    "checklist": Key(
        CHECKLIST,
        "What people tick before the phase is left (or entered). Without it: nothing.",
        example=["Alert rules configured", {"id": "runbook", "text": "Runbook reviewed", "before": "entry"}],
    ),
}

_ID = Name(
    "[A-Za-z0-9_][A-Za-z0-9_-]{0,62}",
    "a phase's id (letters, digits, '-' and '_')",
    taken=("first", "here", "previous", "previous-phase", "complete", EVERY_PHASE_ID),
)

_PHASE = Record(
    Phase,
    {
        "id": Key(
            _ID,
            "The phase's id; commands and other parts of the plan name it by this.",
            example="limited",
            required=True,
        ),
        "name": Key(Text(), "What it is called in tables. Without it: its id.", example="Limited production"),
        "goal": Key(Text(), "What it is for. Without it nothing is shown.", example="Half of the sellers, watched"),
        "audience": Key(Text(loose=True), "Who feels it. Without it nothing is shown.", example="50 % of sellers"),
        "duration": Key(
            Mapped(Text(), _duration, rules=_DURATION_RULES),
            "How long it should take: 4d, 4d..5d or ongoing. It is shown beside the time actually spent and judged by "
            "nobody; without it only that is shown.",
            example="4d..5d",
            also=("ongoing",),
        ),
        "environments": Key(
            ListOf(Reference("environment"), or_one=True, at_least=1),
            "The environments in which it takes place. Without it: all.",
            example=["production"],
        ),
        "baseline": Key(
            BASELINE,
            "Metrics that are recorded, to compare with later (`require: <= baseline + 0.1%`). Without it: none.",
            example=["p95", {"metric": "error-rate", "at": "exit", "over": "1h"}],
        ),
        **_CRITERIA,
        "steps": Key(
            STEPS,
            "Its sets of values, one after another. Without it: one step that changes nothing.",
            example=[
                {"set": {"CHECKOUT_V2_PERCENT": 5}, "soak": "1h"},
                {"set": {"CHECKOUT_V2_PERCENT": 25}, "soak": "1d"},
            ],
        ),
        "sign_off": Key(
            SIGN_OFF,
            "Roles that sign before it is left (or entered). Without it nobody signs.",
            example=["Engineering Lead", {"role": "Product Owner", "before": "entry"}],
        ),
        "skip": Key(
            MapOf(Text(), key=Reference(_COMMON_PART)),
            "Gates and checklist items of `every_phase` that are left out here, each with why. Without it: none.",
            example={"fast": "No cache yet"},
        ),
        "observe": Key(
            ListOf(Reference("metric"), or_one=True),
            "Metrics that are shown beside the gates, and not judged. Without it: none.",
            example=["hit-rate"],
        ),
    },
    what="phase",
)


@dataclass(frozen=True)
class _PhaseShape:
    def read(self, node: Node, book: Book) -> Phase:
        id = node.get("id") if isinstance(node, Mapping) else None
        if isinstance(id, Scalar):
            book.define("phase", id.text, id.place)
        phase = _with_ids(_PHASE.read(node, book))
        if not phase.steps:
            phase = replace(phase, steps=(Step(1),))
        if book.every_phase:
            phase = _merged(phase, book.every_phase)
        book.phases[phase.id] = phase
        return phase

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return _PHASE.schema(definitions)


@dataclass(frozen=True)
class _EveryPhaseShape:
    """Its parts can be skipped by their ids, also those that could not be read."""

    def read(self, node: Node, book: Book) -> Phase:
        common = _with_ids(_EVERY_PHASE.read(node, book))
        read = [gate.id for gate in (*common.entry, *common.gates, *common.exit)] + [i.id for i in common.checklist]
        book.defined[_COMMON_PART] = dict.fromkeys([*read, *_names(node)], node.place)
        book.every_phase = common
        return common

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return _EVERY_PHASE.schema(definitions)


def _names(node: Node) -> Iterator[str]:
    lists = [part.items for _, part in node.entries if isinstance(part, Sequence)] if isinstance(node, Mapping) else []
    for item in chain.from_iterable(lists):
        name = (item.get("gate") or item.get("id")) if isinstance(item, Mapping) else item
        if isinstance(name, Scalar):
            yield name.text


_EVERY_PHASE = Record(partial(Phase, id=EVERY_PHASE_ID), _CRITERIA, what="part of every phase")

EVERY_PHASE = _EveryPhaseShape()
PHASES = ListOf[Phase](_PhaseShape(), at_least=1, id=lambda phase: phase.id, what="phase")
