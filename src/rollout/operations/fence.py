"""What has been recorded behind an intent: whoever overtakes a change stops it, people who say something do not."""

from __future__ import annotations

from rollout.errors import ConflictError, StoreError
from rollout.frozen import dataclass
from rollout.model.events import BESIDE, Draft, Event
from rollout.operations.desk import Desk
from rollout.operations.record import faster, record


@dataclass(frozen=True)
class Fence:
    """Behind the intent with this seq and hash."""

    desk: Desk
    seq: int
    hash: str

    def check(self) -> None:
        """ConflictError once anybody has overtaken us; StoreError where that cannot be told."""
        overtaking = self.overtaking()
        if overtaking is not None:
            raise faster(overtaking)

    def check_overtaken(self) -> None:
        """As `check`; a record that cannot be read stops nothing."""
        overtaking = self.overtaken()
        if overtaking is not None:
            raise faster(overtaking)

    def overtaking(self) -> Event | None:
        events = self.desk.store.events(self.desk.rollout, self.seq - 1)
        if not events:
            raise ConflictError("the record is gone", "look for the store's file before you go on")
        if events[0].hash != self.hash:
            return events[0]
        return next((event for event in reversed(events[1:]) if event.kind not in BESIDE), None)

    def overtaken(self) -> Event | None:
        """As `overtaking`, where it can be told."""
        try:
            return self.overtaking()
        except (ConflictError, StoreError):
            return None

    def record(self, draft: Draft) -> str:
        """Behind the intent and what people have said since; the event's hash. ConflictError when overtaken."""
        seq = self.seq
        while True:
            try:
                return record(self.desk, seq, draft)[1]
            except ConflictError:
                self.check()
                last = self.desk.store.events(self.desk.rollout, self.seq - 1)[-1].seq
                if last <= seq:
                    raise
                seq = last
