"""From a query as a plan writes it to what is asked, and from the answer to numbers over a grid."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rollout.model.evidence import (
    Answer,
    Course,
    Evidence,
    Grid,
    Query,
    RangeQuery,
    Samples,
    Unanswered,
    answer_to,
)
from rollout.model.gate import Scope
from rollout.model.variables import UnsetVariableError, expand, fit_for_query, references

PromQuestion = Query | RangeQuery


def question(promql: str, environment: str, grid: Grid | None, scope: Scope) -> PromQuestion | Unanswered:
    """What is asked, over the grid or (None) at the moment that is judged; or why nothing can be."""
    for name, _ in references(promql):
        if not fit_for_query(scope.variables.get(name, "")):
            # Its value may come from the process environment: it could be a secret, so it is not shown.
            return Unanswered(
                f"the value of {name} holds more than letters, digits and _ . : -, so no query may use it"
            )
    try:
        expanded = expand(promql, scope.variables.get)
    except UnsetVariableError as error:
        return Unanswered(str(error), unset=error.name)
    where = environment or scope.environment
    return RangeQuery(expanded, where, grid) if grid else Query(expanded, where, scope.at)


def course_of(
    asked: PromQuestion | Unanswered, evidence: Evidence, tolerated: Iterable[str] = ()
) -> Course | Unanswered:
    """An instant as a window of one moment. `tolerated` are patterns of warnings that do not count."""
    if isinstance(asked, Unanswered):
        return asked
    course: Course | Unanswered
    if isinstance(asked, Query):
        answer = answer_to(evidence, asked)
        course = _as_course(answer) if isinstance(answer, Answer) else answer
    else:
        course = answer_to(evidence, asked)
    if isinstance(course, Unanswered):
        return course
    alarming = [text for text in course.warnings if not any(re.search(pattern, text) for pattern in tolerated)]
    return Unanswered(f"Prometheus answers with a warning: {alarming[0]}") if alarming else course


def _as_course(answer: Answer) -> Course:
    return Course(tuple(Samples(one.labels, (0,), (one.value,)) for one in answer.series), answer.warnings)
