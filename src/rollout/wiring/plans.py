"""Plan files: found by path or name, read, and compared with what a rollout has pinned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rollout import planfile
from rollout.errors import PlanError, UsageError
from rollout.frozen import dataclass
from rollout.model.plan import Plan, TargetSpec
from rollout.model.state import PinnedPlan
from rollout.planfile import Reading
from rollout.settings import Settings
from rollout.shapes import Record
from rollout.targets import KINDS

SHAPES: Mapping[str, Record[TargetSpec]] = {name: kind.keys for name, kind in KINDS.items()}
"""What each type of target looks like in a plan."""

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class PlanFile:
    """`path` is absolute, `shown` as people see it."""

    path: Path
    shown: str
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8-sig", "replace")  # broken only where it is compared, never where it is pinned

    def pinned(self) -> PinnedPlan:
        import hashlib  # loads OpenSSL, which `lint` never needs

        return PinnedPlan(self.text, hashlib.sha256(self.content).hexdigest(), str(self.path))

    def load(self) -> Plan:
        return planfile.load(self.content, self.shown, SHAPES)


def read_plan_file(path: Path, folder: Path) -> PlanFile:
    """UsageError when it cannot be read. No more is read than a plan may hold: the file may be anything."""
    path = folder / path
    shown = str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{shown} is no regular file", "name a plan file")
        with path.open("rb") as file:
            return PlanFile(path.resolve(), shown, file.read(planfile.LARGEST + 1))
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}", "name a plan file that exists") from error


def plans_here(folder: Path) -> dict[str, Path]:
    """The plan files in `./plans`, by name."""
    files = sorted(path for path in (folder / "plans").glob("*") if path.suffix in SUFFIXES and path.is_file())
    return {path.stem: path for path in files}


def load_pinned(pinned: PinnedPlan) -> Plan:
    """The text was valid as a whole when it was pinned; PlanError when this version cannot read it."""
    try:
        return planfile.load(pinned.text.encode(), pinned.path, SHAPES, whole=False)
    except PlanError as error:
        raise PlanError(
            f"the plan kept in the store is not valid for this version:\n{error.message}", error.hint
        ) from error


def difference(pinned: PinnedPlan, file: PinnedPlan) -> str:
    """A unified diff from what was pinned to what the file holds now; empty when they are the same."""
    if pinned.sha256 == file.sha256:
        return ""
    import difflib

    lines = difflib.unified_diff(
        pinned.text.splitlines(), file.text.splitlines(), "the plan as it started", file.path, lineterm="", n=1
    )
    return "\n".join(lines) or "only its line ends or byte order mark differ"


def read_plans(settings: Settings, names: Sequence[str]) -> list[Reading]:
    """Every plan named (a file, or a name in ./plans), else all of ./plans, with what is wrong with each."""
    here = plans_here(settings.folder)
    paths = [here.get(name, Path(name)) for name in names] or list(here.values())
    if not paths:
        raise UsageError("no plan is named, and there is none in ./plans", "name one: rollout lint FILE")
    files = [read_plan_file(path, settings.folder) for path in paths]
    return [planfile.read(file.content, file.shown, SHAPES) for file in files]
