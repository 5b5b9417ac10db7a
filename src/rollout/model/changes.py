"""What a step or a rollback changes, as values."""

from __future__ import annotations

from collections.abc import Mapping

from rollout.frozen import dataclass
from rollout.model.values import Setting, from_json, to_json


@dataclass(frozen=True, order=True)
class Slot:
    """One flag at one target, under the key it has there."""

    flag: str
    target: str
    key: str


@dataclass(frozen=True)
class Change:
    """`before` is what was found and `after` what shall stand; None: the key is absent. `verified`: read back."""

    slot: Slot
    before: Setting
    after: Setting
    verified: bool = False


def change_to_json(change: Change) -> dict[str, object]:
    return {
        "flag": change.slot.flag,
        "target": change.slot.target,
        "key": change.slot.key,
        "before": to_json(change.before),
        "after": to_json(change.after),
        "verified": change.verified,
    }


def change_from_json(data: Mapping[str, object]) -> Change:
    """ValueError or KeyError for anything but what `change_to_json` wrote."""
    slot = Slot(str(data["flag"]), str(data["target"]), str(data["key"]))
    return Change(slot, from_json(data["before"]), from_json(data["after"]), data["verified"] is True)


def settings_to_json(settings: Mapping[Slot, Setting]) -> list[dict[str, object]]:
    return [
        {"flag": slot.flag, "target": slot.target, "key": slot.key, "value": to_json(setting)}
        for slot, setting in sorted(settings.items())
    ]


def settings_from_json(rows: object) -> dict[Slot, Setting]:
    """ValueError or KeyError for anything but what `settings_to_json` wrote."""
    if not isinstance(rows, list):
        raise ValueError("not a list of settings")
    return {Slot(str(row["flag"]), str(row["target"]), str(row["key"])): from_json(row["value"]) for row in rows}
