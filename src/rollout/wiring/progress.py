"""Tells from the record how far a rollout is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rollout.engine.fold import fold
from rollout.engine.path import path
from rollout.engine.progress import progress, up_to
from rollout.errors import RolloutError
from rollout.frozen import dataclass
from rollout.model.events import RolloutId
from rollout.model.evidence import Unanswered
from rollout.model.plan import Environment, Plan
from rollout.model.probes import Progress, ProgressQuestion
from rollout.ports import Store
from rollout.wiring.plans import load_pinned


@dataclass(frozen=True)
class ProgressSource:
    """`plan` and `environment` are those of the rollout that asks, `store` is its own; `store_of` opens another's.

    A rollout of another plan is looked for where this plan keeps that environment's, else in `store`.
    """

    plan: Plan
    environment: str
    store: Store
    store_of: Callable[[Environment], Store]

    def ask(self, questions: Sequence[ProgressQuestion]) -> Mapping[ProgressQuestion, Progress | Unanswered]:
        return {question: self._answer(question) for question in questions}

    def _answer(self, question: ProgressQuestion) -> Progress | Unanswered:
        rollout = RolloutId(question.plan, question.environment)
        try:
            events = up_to(self._store(rollout).events(rollout), question.at)
            state = fold(events)
            stops = path(load_pinned(state.pinned), rollout.environment) if state.begun and state.pinned else ()
            return progress(events, state, stops)
        except RolloutError as error:
            first_line = error.message.partition("\n")[0].rstrip(":")  # a plan's problems follow, each with its place
            return Unanswered(f"how far {rollout} is cannot be told: {first_line}")

    def _store(self, rollout: RolloutId) -> Store:
        environment = self.plan.environments.get(rollout.environment)
        return self.store if environment is None or environment.name == self.environment else self.store_of(environment)
