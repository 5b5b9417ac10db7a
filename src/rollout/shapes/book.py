"""What one reading of a plan file knows so far: problems, definitions, and names that wait for their definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from rollout.frozen import dataclass, field
from rollout.model.gate import Alarm, Gate
from rollout.model.plan import Level, Metric, Phase
from rollout.model.values import Flag
from rollout.shapes.nodes import Node, Place


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """`id` is stable, so that people and CI can name a finding."""

    id: str
    severity: Severity
    place: Place
    message: str
    hint: str = ""


class Unreadable(Exception):
    """This part of the file came to nothing; what is wrong with it has been reported already."""


@dataclass(frozen=True)
class Use:
    """A name that stands for something defined elsewhere; `role` says what for, where that is checked later."""

    kind: str
    name: str
    place: Place
    hint: str
    role: str


@dataclass
class Book:
    """Sections are read in the order of their dependencies, so each part finds what it needs from those before it.

    `defined` holds every name of each kind, also of parts that could not be read: a broken metric is not unknown too.
    `conditions` are all gates and triggers' alarms with their places, inline ones too. `vars` are those of each
    environment.
    """

    problems: list[Problem] = field(default_factory=list)
    flags: dict[str, Flag] = field(default_factory=dict)
    vars: dict[str, Mapping[str, str]] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)
    gates: dict[str, Gate] = field(default_factory=dict)
    every_phase: Phase | None = None
    phases: dict[str, Phase] = field(default_factory=dict)
    levels: dict[str, Level] = field(default_factory=dict)
    conditions: list[tuple[Gate | Alarm, Place]] = field(default_factory=list)
    defined: dict[str, dict[str, Place]] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)

    def error(self, at: Node | Place, message: str, hint: str = "", id: str = "invalid") -> None:
        self.problems.append(Problem(id, Severity.ERROR, at if isinstance(at, Place) else at.place, message, hint))

    def warn(self, at: Node | Place, id: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(id, Severity.WARNING, at if isinstance(at, Place) else at.place, message, hint))

    def define(self, kind: str, name: str, place: Place) -> None:
        """The first definition counts; the list or mapping that holds a second one reports it."""
        self.defined.setdefault(kind, {}).setdefault(name, place)

    def use(self, kind: str, name: str, place: Place, hint: str = "", role: str = "") -> None:
        """`hint` is what to say where no name of this kind is near."""
        self.uses.append(Use(kind, name, place, hint, role))

    def resolve(self, always: Mapping[str, str]) -> None:
        """Report every used name that nothing defines, once the whole file has been read.

        `always` are names, by their kinds, that need no definition.
        """
        for use in self.uses:
            known = self.defined.get(use.kind, {})
            if always.get(use.kind) == use.name:
                continue
            if use.name not in known:
                hint = nearest(use.name, known) or use.hint or self.known(use.kind)
                id = f"unknown-{use.kind.replace(' ', '-')}"
                self.error(use.place, f"there is no {use.kind} {use.name!r}", hint, id)

    @property
    def failed(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    def known(self, kind: str) -> str:
        names = self.defined.get(kind, {})
        return f"known: {', '.join(names)}" if names else f"no {kind} is defined"


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'gates'?` for the nearest known word, or nothing."""
    name = nearest_name(word, known)
    return f"did you mean {name!r}?" if name else ""


def nearest_name(word: str, known: Iterable[str]) -> str:
    import difflib

    by_small_letters = {name.lower(): name for name in known}
    slip = word.lower()
    matches = difflib.get_close_matches(slip, list(by_small_letters), n=3, cutoff=0.6)
    if not matches:
        return ""
    best = max(matches, key=lambda match: sorted(match) == sorted(slip))  # swapped letters are the likeliest slip
    return by_small_letters[best]
