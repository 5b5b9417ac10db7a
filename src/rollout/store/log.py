"""A second copy of every event, in JSON lines beside the store: for people, log shippers and `history --verify`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rollout.frozen import dataclass
from rollout.model.events import Event, RolloutId
from rollout.model.witness import Witness
from rollout.store.chain import genuine
from rollout.store.json_lines import Row, add_lines, make_folder, read_lines


@dataclass(frozen=True)
class Log:
    """`warn` hears why something could not be written, which never stops anybody."""

    path: Path
    warn: Callable[[str], None]

    def add(self, rollout: RolloutId, events: Sequence[Event]) -> None:
        try:
            make_folder(self.path.parent)
            add_lines(self.path, [_line(rollout, event) for event in events])
        except OSError as error:
            self.warn(f"not written to the log beside the store: {error}")

    def witness(self, rollout: RolloutId) -> Witness:
        name = f"the log {self.path}"
        try:
            rows = read_lines(self.path)
        except FileNotFoundError:
            return Witness(name)
        except OSError as error:
            return Witness(name, flaws=(f"{name} cannot be read: {error}",))
        hashes: dict[int, str] = {}
        flaws = []
        for number, row in enumerate(rows, 1):
            event = _event(row, rollout) if row else None
            if event is None:
                continue  # another rollout's, or a line that was never finished
            if not genuine(rollout, event):
                flaws.append(f"line {number} of {name} was altered")
            if hashes.setdefault(event.seq, event.hash) != event.hash:
                flaws.append(f"{name} holds two events {event.seq}")
        return Witness(name, hashes, tuple(flaws))


def _line(rollout: RolloutId, event: Event) -> Row:
    return {
        "rollout": rollout.name,
        "environment": rollout.environment,
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "kind": event.kind,
        "data": event.data,
        "hash": event.hash,
        "previous": event.previous,
    }


def _event(row: Row, rollout: RolloutId) -> Event | None:
    match row:
        case {
            "rollout": str() as name,
            "environment": str() as environment,
            "seq": int() as seq,
            "at": str() as at,
            "actor": str() as actor,
            "kind": str() as kind,
            "data": dict() as data,
            "hash": str() as digest,
            "previous": str() as previous,
        } if RolloutId(name, environment) == rollout:
            return Event(seq, at, actor, kind, data, digest, previous)
        case _:
            return None
