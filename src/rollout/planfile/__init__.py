"""Plan files: from bytes to a `Plan`, or to everything that is wrong with it, each with its place."""

from __future__ import annotations

from collections.abc import Mapping

from rollout.errors import PlanError
from rollout.frozen import dataclass
from rollout.model.plan import EMERGENCY, Plan, TargetSpec
from rollout.planfile.grammar.document import document
from rollout.planfile.source import BREAK, LARGEST, NotAPlan
from rollout.planfile.yaml_nodes import read_nodes
from rollout.shapes import Book, Problem, Record, Severity, Unreadable

__all__ = ["LARGEST", "Reading", "load", "read"]


@dataclass(frozen=True)
class Reading:
    """What came of a file: the plan, None where there are errors, and every problem in the order of the file."""

    name: str
    plan: Plan | None
    problems: tuple[Problem, ...]
    lines: tuple[str, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    def rendered(self, problem: Problem) -> str:
        """`NAME:LINE:COLUMN: error: …` with the line, a caret, and the way out."""
        from rollout.planfile.rendering import rendered

        return rendered(problem, self.name, self.lines)


def read(
    content: bytes, name: str, kinds: Mapping[str, Record[TargetSpec]], *, warn: bool = True, whole: bool = True
) -> Reading:
    """`name` is how the file is called in problems; `kinds` are the types of targets with their keys.

    Without `warn` the plan as a whole is looked through for errors alone, unless it is not `whole`: not at all.
    """
    book = Book()
    plan = None
    try:
        plan = document(kinds).read(read_nodes(content), book)
    except NotAPlan as refusal:
        book.problems.append(refusal.problem)
    except Unreadable:
        pass
    book.resolve(always={"level": EMERGENCY})
    if plan is not None and whole:
        from rollout.planfile.checks import check

        check(plan, book, warn=warn)
    problems = tuple(sorted(dict.fromkeys(book.problems), key=lambda problem: problem.place))
    lines = BREAK.split(content.decode("utf-8-sig", "replace"))
    return Reading(name, None if book.failed else plan, problems, tuple(lines))


def load(content: bytes, name: str, kinds: Mapping[str, Record[TargetSpec]], *, whole: bool = True) -> Plan:
    """PlanError with every error of the file; not `whole`: without those of the plan as a whole."""
    reading = read(content, name, kinds, warn=False, whole=whole)
    if reading.plan is None:
        raise PlanError("\n\n".join(reading.rendered(problem) for problem in reading.errors))
    return reading.plan
