"""history: every event of one rollout; list: every rollout of a store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from rollout.errors import StoreError, UsageError
from rollout.frozen import dataclass
from rollout.model.events import Event, RolloutId, first_broken
from rollout.model.state import RolloutState
from rollout.model.verdicts import Verdict
from rollout.model.witness import Witness
from rollout.ports import Store


@dataclass(frozen=True)
class History:
    """`broken`: the seq of the first event that does not follow from its predecessor; None: whole, or not asked.

    `findings` are sentences: what somebody else knows of the record that does not fit it.
    """

    rollout: RolloutId
    store: str
    events: Sequence[Event]
    verified: bool
    broken: int | None
    findings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        return Verdict.NO_GO.exit_code if self.broken is not None or self.findings else 0


def history(
    store: Store,
    rollout: RolloutId,
    *,
    verify: bool = False,
    expect_head: str = "",
    witnesses: Callable[[RolloutId], Sequence[Witness]] = lambda _: (),
) -> History:
    """`expect_head`: how the hash of one of the events begins; it is looked for, and everything else verified too."""
    head = expect_head.strip().lower()
    if expect_head and not _PRINTED.match(head):
        raise UsageError(f"--expect-head {expect_head} is no hash", "give at least the 12 characters that were printed")
    events = store.events(rollout)
    if not verify and not head:
        return History(rollout, store.location, events, verified=False, broken=None)
    findings = [finding for witness in witnesses(rollout) for finding in _compared(events, witness)]
    if head and not any(event.hash.startswith(head) for event in events):
        findings.append(f"no event has the hash {head}: the record was cut or altered since that was printed")
    return History(rollout, store.location, events, True, first_broken(rollout, events), tuple(findings))


_PRINTED = re.compile(r"[0-9a-f]{12,64}\Z")


def _compared(events: Sequence[Event], witness: Witness) -> Iterator[str]:
    yield from witness.flaws
    hashes = {event.seq: event.hash for event in events}
    last = max(hashes, default=0)
    further = max(witness.hashes, default=0)
    if further > last:
        yield f"the record ends with event {last}, but {witness.name} knows event {further}: its tail was cut"
    other = next((seq for seq, known in sorted(witness.hashes.items()) if hashes.get(seq, known) != known), None)
    if other is not None:
        yield f"{witness.name} knows another event {other} than the record"


@dataclass(frozen=True)
class Listed:
    """`flaw` says why the record of this one cannot be understood, and then its state says nothing."""

    rollout: RolloutId
    state: RolloutState
    flaw: str = ""


@dataclass(frozen=True)
class Listing:
    store: str
    now: datetime
    rollouts: tuple[Listed, ...]


def listing(store: Store, now: datetime) -> Listing:
    """One rollout whose record was damaged hides none of the others."""
    return Listing(store.location, now, tuple(_listed(store, rollout) for rollout in store.rollouts()))


def _listed(store: Store, rollout: RolloutId) -> Listed:
    try:
        return Listed(rollout, store.state(rollout))
    except StoreError as error:
        return Listed(rollout, RolloutState(), error.message)
