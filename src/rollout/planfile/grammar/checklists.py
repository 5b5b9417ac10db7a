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
                "id": Key(
                    Name(),
                    "The id by which it is ticked (`rollout tick ID`). Without it one is made from the text.",
                    example="runbook",
                ),
                "text": Key(Text(loose=True), "What is to be done or seen.", example="Runbook reviewed", required=True),
                "before": Key(
                    _ENDS,
                    "Whether it must be ticked before the phase's entry or its exit. Without it: exit.",
                    example="entry",
                    default="exit",
                ),
                "gate": Key(
                    Reference("gate"), "The gate that ticks it by itself. Without it a person does.", example="errors"
                ),
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
                "role": Key(
                    Text(), "The role that signs (`rollout sign --as ROLE`).", example="Product Owner", required=True
                ),
                "before": Key(
                    _ENDS,
                    "Whether it must be signed before the phase's entry or its exit. Without it: exit.",
                    example="entry",
                    default="exit",
                ),
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
                "metric": Key(
                    Reference("metric", "baseline"), "The metric that is recorded.", example="error-rate", required=True
                ),
                "at": Key(
                    _ENDS,
                    "Whether it is recorded at the phase's entry or its exit. Without it: exit.",
                    example="entry",
                    default="exit",
                ),
                "over": Key(
                    Duration(), "The time over which its mean is taken. Without it: 1h.", example="30m", default="1h"
                ),
            },
            what="baseline",
        ),
    ),
    or_one=True,
    id=lambda rule: rule.metric,
    what="baseline of the metric",
)
