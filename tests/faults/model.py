"""Random schedules of what people and machines do to a rollout, and what must be true of it whatever they do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    ADVANCE = "advance"
    RESTART = "restart"
    """An advance with a reason, which goes on after a rollback."""
    ROLLBACK = "rollback"
    EMERGENCY = "emergency"
    RECOVER = "recover"
    EDIT = "edit"


COMMANDS = {
    Deed.ADVANCE: ("advance", "--yes"),
    Deed.RESTART: ("advance", "--yes", "--reason", "on"),
    Deed.ROLLBACK: ("rollback", "--yes"),
    Deed.EMERGENCY: ("rollback", "--emergency"),
    Deed.RECOVER: ("recover",),
}
_WEIGHTS = {Deed.ADVANCE: 6, Deed.RESTART: 3, Deed.ROLLBACK: 3, Deed.EMERGENCY: 3, Deed.RECOVER: 3, Deed.EDIT: 1}


class Mishap(StrEnum):
    NONE = "none"
    KILLED = "killed"
    STOPPED = "stopped"
    """SIGSTOP, and SIGCONT only when everything else of the schedule has been started."""


@dataclass(frozen=True)
class Action:
    """`delay`: seconds until the mishap. `beside`: the next action does not wait for this one's end."""

    deed: Deed
    mishap: Mishap
    delay: float
    beside: bool

    def __str__(self) -> str:
        mishap = "" if self.mishap is Mishap.NONE else f" ({self.mishap} after {self.delay * 1000:.0f} ms)"
        return f"{self.deed}{mishap}{' &' if self.beside else ''}"


def schedule(seed: int) -> Iterator[Action]:
    chance = random.Random(seed)
    for _ in range(chance.randint(2, 6)):
        deed = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        mishap = Mishap.NONE if deed is Deed.EDIT else chance.choices(list(Mishap), [5, 3, 2])[0]
        beside = mishap is Mishap.STOPPED or chance.random() < 0.4
        yield Action(deed, mishap, chance.uniform(0, 0.08), beside)
