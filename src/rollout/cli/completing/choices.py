"""What can be typed where, each with a few words about it.

To add one: a function below, of what was typed so far or of where the rollout stands, and its callback at the option.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from rollout.cli.completing.sight import Sight
    from rollout.engine.answers import Asked
    from rollout.engine.scopes import Scopes
    from rollout.settings import Settings

Choice: TypeAlias = tuple[str, str]


def plans(settings: Settings) -> Iterator[Choice]:
    from rollout.cli.completing.sight import known_rollouts
    from rollout.errors import StoreError

    yield from plan_files(settings)
    with suppress(StoreError):
        yield from ((str(rollout), "in the record") for rollout in known_rollouts(settings))


def plan_files(settings: Settings) -> Iterator[Choice]:
    from rollout.cli.completing.sight import known_plans

    yield from ((name, f"plans/{file.name}") for name, file in known_plans(settings).items())


def environments(settings: Settings) -> Iterable[Choice]:
    from rollout.cli.completing.sight import environments as known

    return known(settings).items()


def nothing(_settings: Settings) -> Iterable[Choice]:
    return ()


def phases(sight: Sight) -> Iterable[Choice]:
    return {stop.phase.id: stop.phase.name or stop.phase.goal for stop in sight.stops}.items()


def next_step(sight: Sight) -> Iterator[Choice]:
    from rollout.engine.agenda import next_index

    index = next_index(sight.stops, sight.state)
    if index < len(sight.stops):
        yield sight.stops[index].label, "the next step"


def earlier_steps(sight: Sight) -> Iterator[Choice]:
    from rollout.engine.path import index_of

    here = index_of(sight.stops, sight.state.position)
    yield from ((stop.label, stop.phase.name) for stop in sight.stops[: max(here, 0)])


def restarts(sight: Sight) -> Iterable[Choice]:
    from rollout.engine.path import index_of
    from rollout.model.state import Status

    if sight.state.status is not Status.ROLLED_BACK:
        return ()
    reached = index_of(sight.stops, sight.state.reached)
    return {stop.phase.id: stop.phase.name for stop in sight.stops[: max(reached, 0) + 1]}.items()


def overridable(sight: Sight) -> Iterable[Choice]:
    from rollout.engine import windows
    from rollout.engine.agenda import for_advance

    agenda = for_advance(sight.plan, sight.stops, sight.state)
    found = {gate.id: gate.title or gate.words for _, gate in agenda.gates if not gate.advisory}
    found |= {trigger.id: trigger.title or trigger.alarm.words for trigger in agenda.triggers}
    if sight.plan.windows.allow or sight.plan.windows.freeze:
        found[windows.ID] = "when an advance may be made"
    return found.items()


def levels(sight: Sight) -> Iterator[Choice]:
    from rollout.model.plan import EMERGENCY

    yield EMERGENCY, "at once, every flag to its safe value"
    for level in sight.plan.rollback.values():
        if level.name != EMERGENCY and (not level.environments or sight.environment in level.environments):
            yield level.name, level.title or level.when or level.effect


def safe_flags(sight: Sight) -> Iterator[Choice]:
    from rollout.engine.settings import safe_values
    from rollout.model.values import FlagType, words

    safe = safe_values(sight.plan, sight.plan.environments[sight.environment])
    for flag in sight.plan.flags.values():
        if flag.name in safe or flag.type is FlagType.PERCENT:
            yield flag.name, flag.description or f"to {words(safe.get(flag.name, 0))}"


def asked(sight: Sight) -> Iterable[Choice]:
    return {one.id: one.condition.words for one in _asked(sight)}.items()


def open_items(sight: Sight) -> Iterable[Choice]:
    return _ticks(sight, done=False)


def ticked_items(sight: Sight) -> Iterable[Choice]:
    return _ticks(sight, done=True)


def roles(sight: Sight) -> Iterator[Choice]:
    from rollout.engine.agenda import for_people
    from rollout.engine.checklist import judge_task

    scopes = _scopes(sight, "")
    for task in for_people(sight.plan, sight.stops, sight.state).tasks:
        if task.signed and not judge_task(sight.plan, task, scopes, ()).done and _signs(sight, task.id):
            yield task.id, f"signs {task.phase}"


def answers_to(sight: Sight, id: str) -> Iterator[Choice]:
    """Yes and no, or nothing for a number."""
    for one in _asked(sight):
        if one.id == id and not one.unit:
            yield "yes", one.condition.words
            yield "no", ""
            return


def _asked(sight: Sight) -> Iterator[Asked]:
    """Where each id is asked now."""
    from rollout.engine.answers import asked as everything
    from rollout.engine.answers import to_answer
    from rollout.errors import UsageError

    for id in dict.fromkeys(one.id for one in everything(sight.plan, sight.stops)):
        with suppress(UsageError):
            yield to_answer(sight.plan, sight.stops, sight.state, id)


def _ticks(sight: Sight, *, done: bool) -> Iterator[Choice]:
    from rollout.model.verdicts import Outcome

    for one in _asked(sight):
        if not one.unit and not one.raises:
            said = _scopes(sight, one.phase).said(one.phase, one.stage, one.id)
            if (one.condition.judge({}, said).outcome is Outcome.PASS) is done:
                yield one.id, one.condition.words


def _signs(sight: Sight, role: str) -> bool:
    from rollout.engine.answers import to_sign
    from rollout.errors import UsageError

    try:
        return bool(to_sign(sight.stops, sight.state, role))
    except UsageError:
        return False


def _scopes(sight: Sight, phase: str) -> Scopes:
    from rollout.engine.scopes import scopes_of
    from rollout.model.gate import Scope

    scope = Scope(sight.environment, datetime.now(UTC))
    return scopes_of(sight.plan, scope, sight.state, standing=True, phase=phase)
