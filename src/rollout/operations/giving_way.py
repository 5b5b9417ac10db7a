"""When a change was overtaken: what whoever overtook it has set shall stand, not what this one wrote late."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rollout.errors import ChangeError, RolloutError, StoreError
from rollout.frozen import replace
from rollout.model.changes import Change, Slot
from rollout.model.state import RolloutState
from rollout.model.values import Setting
from rollout.operations.apply import Applied, read_back
from rollout.operations.commanding import Crew
from rollout.operations.desk import Desk
from rollout.operations.fence import Fence
from rollout.operations.push import push
from rollout.operations.record import faster


def give_way(
    desk: Desk, fence: Fence, crew: Crew, failure: RolloutError, touched: Collection[str], ours: Iterable[Change] = ()
) -> None:
    """ChangeError when it was overtaken, ConflictError where it had written nothing yet, nothing otherwise.

    A late write of ours may have undone what stands there by now, and of a file as a whole also values that this change
    never had to do with. `ours` are the changes of an advance: where the record says nothing, the values before stand.
    """
    overtaking = fence.overtaken()
    if overtaking is None:
        return
    try:
        wanted = _wanted(desk.store.state(desk.rollout), crew.op, ours)
    except StoreError:
        return
    theirs = [Change(slot, None, value) for slot, value in wanted.items() if slot.target in touched]
    if not theirs:  # nothing of ours was written
        raise faster(overtaking)
    stands = Applied(read_back(desk, theirs))
    if not stands.verified:  # else its own commands bring it into effect, and two at once would be in each other's way
        stands = push(desk, theirs, replace(crew, again=True, before_each=None), bools_first=True)
    set_ = "what that set stands" if stands.verified else "what that set could not be confirmed everywhere"
    sentences = dict.fromkeys((failure.message, faster(overtaking).message, set_))
    raise ChangeError("; ".join(sentences), "`rollout status` shows what stands where")


def _wanted(state: RolloutState, op: str, ours: Iterable[Change]) -> dict[Slot, Setting]:
    wanted: dict[Slot, Setting] = {change.slot: change.before for change in ours}
    wanted |= state.settings
    pending = state.pending
    if pending and pending.kind == "rollback":
        wanted |= pending.kept
    for change in pending.changes if pending else ():
        if pending and pending.kind == "rollback":
            wanted[change.slot] = change.after
        elif pending and pending.op != op:
            wanted.pop(change.slot, None)  # another advance is at it by now
    return wanted
