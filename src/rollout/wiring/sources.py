"""Who answers which kind of question, built when first asked.

To add a kind: its questions in `rollout.model`, who answers them in `rollout.sources`, and a line in `_KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from rollout.frozen import dataclass
from rollout.model.evidence import Question, Unanswered
from rollout.model.plan import Environment
from rollout.model.probes import CommandRun, HttpProbe, ProgressQuestion, SqlQuestion
from rollout.ports import Source, Store
from rollout.wiring.at_once import at_once
from rollout.wiring.progress import ProgressSource
from rollout.wiring.prometheus import PrometheusOfEach
from rollout.wiring.stores import open_planned_store
from rollout.wiring.surroundings import Surroundings


class Sources:
    """Sends each question to those who answer its kind, all kinds at once."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._built: dict[str, Source[Any]] = {}

    def ask(self, questions: Sequence[Question[object]]) -> Mapping[Question[object], object]:
        kinds = sorted({question.source for question in questions}, key=lambda kind: (kind == "command", kind))
        # Commands come last, because only in this thread does an interruption arrive, which ends them.
        parts = {kind: [question for question in questions if question.source == kind] for kind in kinds}
        return at_once([partial(self._source(kind).ask, part) for kind, part in parts.items()])

    def _source(self, kind: str) -> Source[Any]:
        if kind not in self._built:
            refusal = self._surroundings.refused.get(kind)
            self._built[kind] = _Refusal(refusal) if refusal else _KINDS[kind](self._surroundings)
        return self._built[kind]


@dataclass(frozen=True)
class _Refusal:
    reason: str

    def ask(self, questions: Sequence[Question[object]]) -> Mapping[Question[object], object]:
        return dict.fromkeys(questions, Unanswered(self.reason, refused=True))


def _http(surroundings: Surroundings) -> Source[HttpProbe]:
    from rollout.sources.http import HttpSource

    return HttpSource(surroundings.lookup, surroundings.allows)


def _commands(surroundings: Surroundings) -> Source[CommandRun]:
    from rollout.sources.command import CommandSource

    return CommandSource(
        surroundings.folder,
        surroundings.settings.variables,
        _context(surroundings),
        surroundings.own,
        surroundings.secret_names,
    )


def _context(surroundings: Surroundings) -> dict[str, str]:
    """What a command is told of the rollout."""
    position = surroundings.state.position
    return {
        "ROLLOUT_NAME": surroundings.rollout.name,
        "ROLLOUT_ENVIRONMENT": surroundings.rollout.environment,
        "ROLLOUT_PHASE": position.phase if position else "",
        "ROLLOUT_STEP": str(position.step) if position else "",
        "ROLLOUT_LEVEL": "",
        "ROLLOUT_OP_ID": "",
    }


def _sql(surroundings: Surroundings) -> Source[SqlQuestion]:
    from rollout.sources.sql import SqlSource

    return SqlSource(surroundings.lookup, surroundings.folder)


def _records(surroundings: Surroundings) -> Source[ProgressQuestion]:
    def store_of(environment: Environment) -> Store:
        lookup = surroundings.lookup(environment.name)
        return open_planned_store(surroundings.settings, environment.store, surroundings.folder, lookup)

    return ProgressSource(surroundings.plan, surroundings.rollout.environment, surroundings.store, store_of)


_KINDS: Mapping[str, Callable[[Surroundings], Source[Any]]] = {
    "prometheus": PrometheusOfEach,
    "http": _http,
    "command": _commands,
    "sql": _sql,
    "record": _records,
}
