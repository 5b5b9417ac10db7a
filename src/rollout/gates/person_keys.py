"""Keys of gates and triggers that a person answers: `ask` and `confirm`."""

from __future__ import annotations

from rollout.gates.keys import COMMON, CONDITION, VALID_FOR
from rollout.gates.person import AskAlarm, AskGate, ConfirmAlarm, ConfirmGate
from rollout.shapes import Key, Record, Text, UnitName

_ASK = {
    "ask": Key(
        Text(),
        "A question that a person answers with a number (`rollout answer`).",
        example="Support tickets about checkout",
        required=True,
        into="question",
    ),
    "unit": Key(
        UnitName(), "What the answer counts or measures. Without it: a bare number.", example="count", default="number"
    ),
}
_CONFIRM = {
    "confirm": Key(
        Text(),
        "A sentence that a person confirms or denies (`rollout answer ID yes`).",
        example="All five scenarios pass",
        required=True,
        into="statement",
    )
}

ASK_GATE = Record(
    AskGate,
    {
        **_ASK,
        "require": Key(
            CONDITION,
            "What the answer must satisfy; a bare number is in `unit`.",
            example="< 5",
            required=True,
        ),
        "valid_for": VALID_FOR,
        **COMMON,
    },
    what="ask gate",
)
CONFIRM_GATE = Record(ConfirmGate, {**_CONFIRM, "valid_for": VALID_FOR, **COMMON}, what="confirm gate")

ASK_ALARM = Record(
    AskAlarm,
    {
        **_ASK,
        "when": Key(
            CONDITION,
            "Which answers make it fire; a bare number is in `unit`.",
            example="> 5",
            required=True,
        ),
    },
    what="ask trigger",
)
CONFIRM_ALARM = Record(ConfirmAlarm, _CONFIRM, what="confirm trigger")
