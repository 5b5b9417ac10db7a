"""The targets of one environment, each with its variables filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from rollout.errors import TargetError
from rollout.frozen import dataclass
from rollout.model.plan import Environment
from rollout.model.values import Held, Setting
from rollout.model.variables import UnsetVariableError, expand
from rollout.ports import Target
from rollout.targets import KINDS
from rollout.wiring.variables import Lookup


@dataclass(frozen=True)
class Opened:
    """Every target by name, the variables that some of them lack, and what of them cannot be carried out yet."""

    targets: Mapping[str, Target]
    unset: tuple[str, ...]
    gaps: tuple[str, ...]


def open_targets(environment: Environment, folder: Path, lookup: Lookup) -> Opened:
    """`folder`: where relative paths start."""
    targets: dict[str, Target] = {}
    unset: list[str] = []
    gaps: list[str] = []
    for name, spec in environment.targets.items():
        kind = KINDS[spec.type]
        gaps += spec.gaps
        if kind.open is None:
            gaps.append(f"target {name}: type {spec.type} cannot be written to yet")
            targets[name] = OutOfReach(name, f"type {spec.type} cannot be written to yet")
            continue
        try:
            targets[name] = kind.open(spec, folder, lambda text: expand(text, lookup))
        except UnsetVariableError as error:
            unset.append(error.name)
            targets[name] = OutOfReach(name, str(error))
    return Opened(targets, tuple(unset), tuple(gaps))


@dataclass(frozen=True)
class OutOfReach:
    """A target that cannot even be opened; whatever is asked of it fails with the reason."""

    name: str
    reason: str

    def read(self, keys: Iterable[str]) -> Mapping[str, Held]:
        self._fail()

    def preflight(self, settings: Mapping[str, Setting]) -> Sequence[str]:
        self._fail()

    def write(self, settings: Mapping[str, Setting], expected: Mapping[str, Held] | None) -> None:
        self._fail()

    def manual(self, settings: Mapping[str, Setting]) -> str:
        return f"target {self.name}: {self.reason}; set by hand: {', '.join(settings)}"

    def _fail(self) -> NoReturn:
        raise TargetError(f"target {self.name}: {self.reason}")
