"""Parts of the record as JSON: positions, holders, baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from rollout.model.evidence import Series
from rollout.model.record import RecordedBaseline
from rollout.model.state import Holder, Position


def position_to_json(position: Position | None) -> dict[str, object] | None:
    return {"phase": position.phase, "step": position.step} if position else None


def position_from_json(value: object) -> Position | None:
    """ValueError for anything but what `position_to_json` wrote."""
    match value:
        case None:
            return None
        case {"phase": str() as phase, "step": int() as step}:
            return Position(phase, step)
        case _:
            raise ValueError(f"not a position: {value!r}")


def positions_to_json(positions: Sequence[Position]) -> list[dict[str, object] | None]:
    return [position_to_json(position) for position in positions]


def positions_from_json(value: object) -> tuple[Position, ...]:
    """ValueError for anything but what `positions_to_json` wrote."""
    found = [position_from_json(row) for row in value] if isinstance(value, list) else [None]
    positions = tuple(position for position in found if position)
    if len(positions) != len(found):
        raise ValueError(f"not a list of positions: {value!r}")
    return positions


def holder_to_json(holder: Holder | None) -> dict[str, object] | None:
    if holder is None:
        return None
    return {
        "host": holder.host,
        "machine": holder.machine,
        "boot": holder.boot,
        "space": holder.space,
        "pid": holder.pid,
        "started": holder.started,
    }


def holder_from_json(value: object) -> Holder | None:
    """ValueError for anything but what `holder_to_json` wrote."""
    match value:
        case None:
            return None
        case {
            "host": str() as host,
            "machine": str() as machine,
            "boot": str() as boot,
            "space": str() as space,
            "pid": int() as pid,
            "started": int() as started,
        }:
            return Holder(host, machine, boot, space, pid, started)
        case _:
            raise ValueError(f"not a holder: {value!r}")


def baseline_to_json(baseline: RecordedBaseline) -> dict[str, object]:
    return {
        "phase": baseline.phase,
        "metric": baseline.metric,
        "at": baseline.at.isoformat(),
        "over": baseline.over.total_seconds(),
        "means": [{"labels": dict(series.labels), "value": series.value} for series in baseline.means],
    }


def baseline_from_json(row: object) -> RecordedBaseline:
    """ValueError for anything but what `baseline_to_json` wrote."""
    match row:
        case {
            "phase": str() as phase,
            "metric": str() as metric,
            "at": str() as at,
            "over": int() | float() as over,
            "means": list() as means,
        }:
            return RecordedBaseline(
                phase, metric, datetime.fromisoformat(at), timedelta(seconds=over), tuple(map(_mean, means))
            )
        case _:
            raise ValueError(f"not a baseline: {row!r}")


def _mean(row: Mapping[str, object]) -> Series:
    match row:
        case {"labels": dict() as labels, "value": int() | float() as value}:
            return Series(tuple(sorted((str(name), str(text)) for name, text in labels.items())), float(value))
        case _:
            raise ValueError(f"not a mean: {row!r}")
