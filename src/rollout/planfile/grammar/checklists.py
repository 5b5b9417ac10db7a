"""What people tick and sign, and what is recorded before exposure."""

from __future__ import annotations

import re

from rollout.model.plan import BaselineRule, ChecklistItem, SignOff
from rollout.model.verdicts import Stage
from rollout.shapes import ByNode, Choice, Duration, Key, ListOf, Mapped, Misfit, Name, Record, Reference, Text

_ENDS = Choice(Stage, among=(Stage.ENTRY, Stage.EXIT))


def slug(text: str) -> str:
    """A checklist item's id, made of the letters and digits of its text; empty where it has none."""
    return "-".join(re.findall(r"[^\W_]+", text.lower()))[:60].strip("-")


def _item(text: str, id: str = "", before: Stage = Stage.EXIT, gate: str = "") -> ChecklistItem:
    made = id or slug(text)
    if not made:
        raise Misfit("text", "no id can be made from this text", hint="write {id: …, text: …}")
    return ChecklistItem(made, text, before, gate)


CHECKLIST = ListOf(
    ByNode(
        "a checklist item (a text, or a mapping with id, text, before and gate)",
        scalar=Mapped(Text(loose=True), _item),
        mapping=Record(
            _item,
            {
                "id": Key(Name(), "By which it is ticked (default: made from the text)."),
                "text": Key(Text(loose=True), "What is to be done or seen.", required=True),
                "before": Key(_ENDS, "Before the phase's entry or its exit (default: exit)."),
                "gate": Key(Reference("gate"), "The gate that ticks it by itself."),
            },
            what="checklist item",
        ),
    ),
    id=lambda item: item.id,
    what="checklist item",
)

SIGN_OFF = ListOf(
    ByNode(
        "a role, or a mapping with role and before",
        scalar=Mapped(Text(), SignOff),
        mapping=Record(
            SignOff,
            {
                "role": Key(Text(), "Who signs.", required=True, example="Product Owner"),
                "before": Key(_ENDS, "Before the phase's entry or its exit (default: exit)."),
            },
            what="sign-off",
        ),
    ),
    or_one=True,
    id=lambda sign_off: sign_off.role,
    what="sign-off",
)

BASELINE = ListOf(
    ByNode(
        "a metric, or a mapping with metric, at and over",
        scalar=Mapped(Reference("metric", "baseline"), BaselineRule),
        mapping=Record(
            BaselineRule,
            {
                "metric": Key(Reference("metric", "baseline"), "The metric that is recorded.", required=True),
                "at": Key(_ENDS, "At the phase's entry or its exit (default: exit)."),
                "over": Key(Duration(), "The mean over this long (default: 1h)."),
            },
            what="baseline",
        ),
    ),
    or_one=True,
    id=lambda rule: rule.metric,
    what="baseline of the metric",
)
