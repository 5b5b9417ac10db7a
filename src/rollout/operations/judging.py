"""Gather all evidence of an agenda at once, then decide."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from functools import partial

from rollout.engine.agenda import Agenda
from rollout.engine.scopes import Scopes, scopes_of
from rollout.engine.settings import exposed
from rollout.engine.verdict import Gathered, decide
from rollout.frozen import dataclass, replace
from rollout.gates.reading import Reading
from rollout.model.evidence import Answer, Course, Evidence, Query, Question, RangeQuery, Unanswered
from rollout.model.gate import Scope
from rollout.model.probes import CommandRun, HttpProbe, SqlQuestion
from rollout.model.variables import references
from rollout.model.verdicts import Blocker, Decision, Finding, Outcome, TriggerFinding, TriggerOutcome
from rollout.operations.desk import Desk


def judge(
    desk: Desk,
    agenda: Agenda,
    holds: Iterable[Blocker],
    *,
    now: datetime,
    standing: bool,
    overrides: Collection[str] = (),
) -> Decision:
    """`standing`: judged where the rollout stands, so that settling counts, and unknown triggers only once exposed."""
    scope = Scope(desk.rollout.environment, now, at=desk.at, variables=desk.variables)
    scopes = scopes_of(desk.plan, scope, desk.state, standing=standing, phase=agenda.phase)
    gathered = _gather(desk, _conditions(agenda, scopes), _observed(agenda, scopes))
    at_risk = not standing or exposed(desk.plan, desk.environment, desk.state.settings)
    decision = decide(desk.plan, agenda, gathered, scopes, holds, exposed=at_risk, overrides=overrides)
    return replace(decision, unset=tuple(dict.fromkeys(_unset(desk, agenda, scopes.scope, gathered.first))))


def _unset(desk: Desk, agenda: Agenda, scope: Scope, evidence: Evidence) -> Iterator[str]:
    """Variables without a value that some question needs."""
    conditions = [gate for _, gate in agenda.gates] + [trigger.alarm for trigger in agenda.triggers]
    for query in (query for condition in conditions for query in condition.queries(scope)):
        yield from (name for name, has_default in references(query) if not has_default and name not in desk.variables)
    yield from (answer.unset for answer in evidence.values() if isinstance(answer, Unanswered) and answer.unset)


@dataclass(frozen=True)
class _Condition:
    """`tries`: how often it is asked until it is `fine`."""

    questions: tuple[Question[object], ...]
    tries: int
    fine: Callable[[Evidence], bool]


def _conditions(agenda: Agenda, scopes: Scopes) -> list[_Condition]:
    conditions = []
    for stage, gate in agenda.gates:
        scope = scopes.gate(stage, gate)
        passes = _fine(gate.judge, scope, Outcome.PASS)
        conditions.append(_Condition(gate.needs(scope), gate.tries, passes))
    for trigger in agenda.triggers:
        scope = scopes.trigger(trigger)
        quiet = _fine(trigger.alarm.judge, scope, TriggerOutcome.QUIET)
        conditions.append(_Condition(trigger.alarm.needs(scope), trigger.alarm.tries, quiet))
    return conditions


def _fine(
    judge: Callable[[Evidence, Scope], Finding | TriggerFinding], scope: Scope, outcome: Outcome | TriggerOutcome
) -> Callable[[Evidence], bool]:
    return lambda evidence: judge(evidence, scope).outcome is outcome


def _observed(agenda: Agenda, scopes: Scopes) -> list[Question[object]]:
    return [question for metric in agenda.observed for question in Reading(metric).needs(scopes.scope)]


def _gather(desk: Desk, conditions: list[_Condition], observed: list[Question[object]]) -> Gathered:
    """Each distinct question once, all at once; then again, a second apart, what may be tried more often.

    What one condition asks again is nobody else's evidence: another may allow a single try.
    """
    first = _ask(desk, [*(question for condition in conditions for question in condition.questions), *observed])
    each: list[Evidence] = [first] * len(conditions)
    tried = 1
    while again := [n for n, one in enumerate(conditions) if one.tries > tried and _may_end_otherwise(one, each[n])]:
        desk.clock.sleep(1)
        more = _ask(desk, [question for n in again for question in conditions[n].questions])
        for n in again:
            each[n] = {**each[n], **more}
        tried += 1
    return Gathered(first, tuple(each))


def _may_end_otherwise(condition: _Condition, evidence: Evidence) -> bool:
    answers = [evidence[question] for question in condition.questions]
    final = all(isinstance(answer, Unanswered) and answer.final for answer in answers)
    return not final and not condition.fine(evidence)


def _ask(desk: Desk, questions: Iterable[Question[object]]) -> dict[Question[object], object]:
    distinct = tuple(dict.fromkeys(questions))
    if not distinct:
        return {}
    whom = ", ".join(dict.fromkeys(question.asks for question in distinct))
    with desk.voice.working(f"asking {whom} ({len(distinct)} {'question' if len(distinct) == 1 else 'questions'})"):
        answers = dict(desk.source.ask(distinct))
    for question, answer in answers.items():
        desk.voice.trace(partial(_traced, question, answer))
    return answers


def _traced(question: Question[object], answer: object) -> str:
    match answer:
        case Unanswered(reason=reason):
            came = reason
        case Answer(series=series) | Course(series=series):
            came = f"{len(series)} series"
        case _:
            came = "answered"
    return f"        {_asked(question)}  ->  {came}"


def _asked(question: Question[object]) -> str:
    match question:
        case Query(promql=query) | RangeQuery(promql=query) | SqlQuestion(query=query):
            return " ".join(query.split())
        case HttpProbe(method=method, shown=url):
            return f"{method} {url}"
        case CommandRun(argv=argv):
            return shlex.join(argv)
        case _:
            return question.asks
