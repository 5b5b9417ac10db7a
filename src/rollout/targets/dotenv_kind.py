"""Keys of `dotenv` targets: a `.env` file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rollout.frozen import dataclass
from rollout.model.plan import TargetSpec
from rollout.ports import Target
from rollout.shapes import Record
from rollout.targets.dotenv import DotenvTarget
from rollout.targets.keys import COMMON, FILE, PATH, FileSpec, check_variable


@dataclass(frozen=True, kw_only=True)
class DotenvSpec(FileSpec):
    def check_key(self, key: str) -> None:
        check_variable(self.prefix + key)


KEYS = Record(DotenvSpec, {**COMMON, "path": PATH, **FILE}, what="dotenv target")


def open_target(spec: TargetSpec, folder: Path, fill: Callable[[str], str]) -> Target:
    if not isinstance(spec, DotenvSpec):
        raise TypeError(f"{spec.name!r} is no dotenv target")
    return DotenvTarget(spec.name, folder / fill(spec.path), spec.prefix)
