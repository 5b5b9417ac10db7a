"""The Prometheus of each environment, built when it is first asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rollout.model.evidence import LoadedRulesQuery, Query, RangeQuery, Unanswered
from rollout.model.plan import PrometheusSpec
from rollout.model.variables import UnsetVariableError, expand
from rollout.ports import Source
from rollout.wiring.at_once import at_once
from rollout.wiring.surroundings import Surroundings
from rollout.wiring.variables import Lookup

if TYPE_CHECKING:
    from rollout.sources.prometheus_connection import Connection

PromQuestion = Query | RangeQuery | LoadedRulesQuery


class PrometheusOfEach:
    """Sends each query to the Prometheus of the environment it names."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._built: dict[str, Source[PromQuestion] | Unanswered] = {}

    def ask(self, questions: Sequence[PromQuestion]) -> Mapping[PromQuestion, object]:
        names = dict.fromkeys(question.environment for question in questions)
        parts = {name: [question for question in questions if question.environment == name] for name in names}
        return at_once([partial(self._ask, name, part) for name, part in parts.items()])

    def _ask(self, name: str, questions: Sequence[PromQuestion]) -> Mapping[PromQuestion, object]:
        if name not in self._built:
            self._built[name] = self._source(name)
        source = self._built[name]
        return dict.fromkeys(questions, source) if isinstance(source, Unanswered) else source.ask(questions)

    def _source(self, name: str) -> Source[PromQuestion] | Unanswered:
        from rollout.sources.prometheus import PrometheusSource

        spec = self._surroundings.plan.environments[name].prometheus
        if spec is None:
            return Unanswered(f"the environment {name} has no Prometheus")
        try:
            connection = _connection(spec, self._surroundings.lookup(name))
        except UnsetVariableError as error:
            return Unanswered(str(error), unset=error.name)
        if connection.flaw() is None:
            address = "{}:{}".format(*connection.address)
            if not self._surroundings.allows(address):
                return Unanswered(f"{address} is not among the hosts that may be asked (--allow-host)")
        if connection.ca and self._surroundings.settings.trust:
            return Unanswered("a plan that is not trusted names no files, and `ca` is one (--untrusted)")
        return PrometheusSource(connection)


def unset_variables(spec: PrometheusSpec | None, lookup: Lookup) -> tuple[str, ...]:
    """Variables that asking needs and that have no value."""
    if spec is None:
        return ()
    try:
        _connection(spec, lookup)
    except UnsetVariableError as error:
        return (error.name,)
    return ()


def _connection(spec: PrometheusSpec, lookup: Lookup) -> Connection:
    from rollout.sources.prometheus_connection import Connection

    return Connection(
        url=expand(spec.url, lookup),
        token=expand(spec.token, lookup),
        username=expand(spec.username, lookup),
        password=expand(spec.password, lookup),
        headers={name: expand(value, lookup) for name, value in spec.headers.items()},
        ca=expand(spec.ca, lookup),
        timeout=spec.timeout.total_seconds(),
    )
