"""Recording an emergency: behind whatever else is recorded, and where nothing can be, in the spool."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rollout.errors import ConflictError, StoreError
from rollout.model.events import Draft, EventKind
from rollout.model.state import Pending
from rollout.operations.desk import Desk
from rollout.operations.record import record

_ATTEMPTS = 5


class Insisting:
    """Its intent, then its end. What cannot be recorded stops nothing; `lost` is what could not even be kept."""

    def __init__(self, desk: Desk, intent: Sequence[Draft]) -> None:
        self._desk = desk
        self._intent = list(intent)
        self._intended_at = desk.clock.now()
        self._seq: int | None = None
        self._pending = desk.state.pending
        self.lost: list[str] = []

    def intend(self) -> Pending | None:
        """What is under way at that moment, and is overtaken by it."""
        recorded = self._record(self._desk.state.seq, self._intent)
        if recorded is not None:
            self._seq = recorded[0]
        return self._pending

    def end(self, draft: Draft) -> tuple[str, str]:
        """The head, or the file that keeps what could not be recorded; both empty where not even that was possible."""
        # Where the intent could not be recorded, perhaps both can by now.
        late = [*self._intent, draft] if self._seq is None else [draft]
        recorded = self._record(self._desk.state.seq if self._seq is None else self._seq, late)
        if recorded is not None:
            return recorded[1], ""
        return "", self._spool(late)

    def _record(self, after: int, drafts: list[Draft]) -> tuple[int, str] | None:
        """Seq and hash of the last one."""
        desk = self._desk
        try:
            for _ in range(_ATTEMPTS):
                try:
                    return record(desk, after, *drafts)
                except ConflictError:
                    state = desk.store.state(desk.rollout)
                    after, self._pending = state.seq, state.pending
                    if state.begun:
                        drafts = [draft for draft in drafts if draft.kind is not EventKind.STARTED]
        except StoreError as error:
            desk.voice.say(f"not recorded: {error.message}")
        return None

    def _spool(self, drafts: list[Draft]) -> str:
        desk = self._desk
        try:
            return desk.keepsakes.spool(desk.rollout, drafts, at=self._intended_at, actor=desk.who())
        except StoreError as error:
            self.lost = [json.dumps({"kind": draft.kind.value, "data": draft.data}) for draft in drafts]
            desk.voice.say(f"not even kept for later: {error.message}")
            return ""
