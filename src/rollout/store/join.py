"""What could not be recorded when it was done joins the record."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rollout.errors import ConflictError, StoreError
from rollout.frozen import dataclass
from rollout.model.events import Draft, Event, EventKind, RolloutId
from rollout.ports import Store
from rollout.store.json_lines import Row, read_lines


@dataclass(frozen=True)
class _Late:
    """All that was spooled at once."""

    rollout: RolloutId
    at: datetime
    actor: str
    drafts: tuple[Draft, ...]


_ATTEMPTS = 5


def join(store: Store, spooled: Sequence[Path]) -> None:
    """Each file once, by whoever comes first. What cannot join now stays for the next command."""
    for path in spooled:
        with suppress(StoreError, ConflictError, OSError):
            late = _read(path)
            if late is not None:
                _append(store, late)
                path.unlink(missing_ok=True)


def _append(store: Store, late: _Late) -> None:
    """Behind whatever has been recorded by now."""
    for attempt in range(1, _ATTEMPTS + 1):
        events = store.events(late.rollout)
        drafts = _missing(late, events)
        if not drafts:
            return
        try:
            store.append(late.rollout, drafts, after=events[-1].seq if events else 0, at=late.at, actor=late.actor)
            return
        except ConflictError:
            if attempt == _ATTEMPTS:
                raise


def _missing(late: _Late, events: Sequence[Event]) -> list[Draft]:
    """What is not recorded: whoever joined it may have been killed before the file was gone."""
    recorded = {(event.kind, str(event.data.get("op", ""))) for event in events}
    # A start has no op of its own: it is needed only where the record has none.
    return [
        Draft(draft.kind, {**draft.data, "late": True})
        for draft in late.drafts
        if (draft.kind.value, str(draft.data.get("op", ""))) not in recorded
    ]


def _read(path: Path) -> _Late | None:
    """None where it cannot be understood."""
    rows = read_lines(path)
    drafts = [draft for row in rows if row is not None and (draft := _draft(row))]
    first = rows[0] if rows else None
    if first is None or len(drafts) != len(rows):
        return None
    try:
        rollout = RolloutId(str(first["rollout"]), str(first["environment"]))
        when = datetime.fromisoformat(str(first["at"])).astimezone(UTC)
        return _Late(rollout, when, str(first["actor"]), tuple(drafts))
    except (KeyError, ValueError):
        return None


def _draft(row: Row) -> Draft | None:
    match row:
        case {"kind": str() as kind, "data": dict() as data}:
            with suppress(ValueError):
                return Draft(EventKind(kind), data)
        case _:
            pass
    return None
