"""Who besides the chain knows events of a rollout."""

from __future__ import annotations

from collections.abc import Mapping

from rollout.frozen import dataclass, field


@dataclass(frozen=True)
class Witness:
    """`hashes` by seq. `flaws` are sentences about the witness itself."""

    name: str
    hashes: Mapping[int, str] = field(default_factory=dict)
    flaws: tuple[str, ...] = ()
