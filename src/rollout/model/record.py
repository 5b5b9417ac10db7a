"""What the record holds besides values: what people said, and what was measured before exposure."""

from __future__ import annotations

from datetime import datetime, timedelta

from rollout.frozen import dataclass
from rollout.model.evidence import Series


@dataclass(frozen=True)
class Said:
    """A person's answer: a number where one was asked for, else whether it is so."""

    value: float | bool
    by: str
    at: datetime


def signature_of(role: str) -> str:
    """Under which a role's signatures stand among the answers; no gate and no item can be called so."""
    return f"sign-off {role}"


@dataclass(frozen=True)
class RecordedBaseline:
    """What a metric was `at` a moment of a phase: the mean `over` the time before, one for each label set."""

    phase: str
    metric: str
    at: datetime
    over: timedelta
    means: tuple[Series, ...]
