"""What an operator may say with an advance."""

from __future__ import annotations

from collections.abc import Sequence

from rollout.engine import windows
from rollout.engine.path import find, index_of
from rollout.errors import ConflictError, UsageError
from rollout.frozen import dataclass
from rollout.model.state import Position, Status
from rollout.operations.desk import Desk


@dataclass(frozen=True)
class Options:
    """`to`: only if that is the next step. `overrides` are the ids of gates and triggers that do not count this time.

    `start` is the phase where it begins again after a rollback. `renew`: a new run, after one that is over. `accept`:
    from now on by the plan as it is edited.
    """

    to: str = ""
    reason: str = ""
    overrides: Sequence[str] = ()
    skip_soak: bool = False
    start: str = ""
    renew: bool = False
    accept: bool = False

    @property
    def waived(self) -> frozenset[str]:
        """The ids of what holds no advance this time."""
        return frozenset({*(("soak",) if self.skip_soak else ()), *(id for id in self.overrides if id == windows.ID)})

    def check(self, desk: Desk) -> None:
        """UsageError for what does not go together, ConflictError for what does not fit where the rollout stands."""
        given = {"--override": bool(self.overrides), "--skip-soak": self.skip_soak, "--accept-plan-change": self.accept}
        for option, is_given in given.items():
            if is_given and not self.reason.strip():
                raise UsageError(f"{option} needs a reason, which is kept in the record", "say why: --reason TEXT")
        if self.renew:
            desk.conflicts()
        if self.renew and desk.state.begun:
            raise ConflictError(
                f"{desk.rollout} is {desk.state.status.value}: --new is for one that is complete or closed",
                "`rollout status` shows where it stands",
            )

        if self.start and desk.state.status is not Status.ROLLED_BACK:
            raise ConflictError(
                f"--from is for one that was rolled back; {desk.rollout} is {desk.state.status.value}",
                "`rollout advance` takes the next step",
            )

    def start_of(self, desk: Desk) -> Position | None:
        """Where a rollout that was rolled back shall begin again; None: where the rollback said."""
        if not self.start:
            return None
        stop, reached = find(desk.stops, self.start), index_of(desk.stops, desk.state.reached)
        if index_of(desk.stops, stop.position) > max(reached, 0):
            there = desk.stops[reached].label if reached >= 0 else "the start"
            raise UsageError(
                f"{self.start} was never reached: the rollback led away from {there}", "begin there or before"
            )
        return stop.position

    def notes(self) -> dict[str, object]:
        """As the record keeps it."""
        kept: dict[str, object] = {"reason": self.reason, "overrides": sorted(self.overrides)}
        return kept | ({"skip_soak": True} if self.skip_soak else {}) | ({"start": self.start} if self.start else {})


NO_OPTIONS = Options()
