"""One Prometheus for each environment of a plan, built when it is first asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rollout.model.evidence import Answer, Evidence, Query, Unanswered
from rollout.model.plan import Environment, Plan, PrometheusSpec
from rollout.model.variables import UnsetVariableError, expand
from rollout.ports import MetricSource

Lookup = Callable[[str], str | None]


class EnvironmentSources:
    """Sends each query to the Prometheus of the environment it names."""

    def __init__(self, plan: Plan, lookup: Callable[[Environment], Lookup]) -> None:
        self._plan = plan
        self._lookup = lookup

    def ask(self, queries: Sequence[Query]) -> Evidence:
        evidence: dict[Query, Answer | Unanswered] = {}
        for name in dict.fromkeys(query.environment for query in queries):
            part = [query for query in queries if query.environment == name]
            source = self._source(name)
            evidence.update(dict.fromkeys(part, source) if isinstance(source, Unanswered) else source.ask(part))
        return evidence

    def _source(self, name: str) -> MetricSource | Unanswered:
        environment = self._plan.environments.get(name)
        if environment is None or environment.prometheus is None:
            return Unanswered(f"the environment {name} has no Prometheus")
        try:
            return _connect(environment.prometheus, self._lookup(environment))
        except UnsetVariableError as error:
            return Unanswered(str(error))


def _connect(spec: PrometheusSpec, lookup: Lookup) -> MetricSource:
    from rollout.sources.prometheus import PrometheusSource
    from rollout.sources.prometheus_connection import Connection

    return PrometheusSource(
        Connection(
            url=expand(spec.url, lookup),
            token=expand(spec.token, lookup),
            username=expand(spec.username, lookup),
            password=expand(spec.password, lookup),
            headers={name: expand(value, lookup) for name, value in spec.headers.items()},
            ca=expand(spec.ca, lookup),
            timeout=spec.timeout.total_seconds(),
        )
    )


def unset_variables(spec: PrometheusSpec | None, lookup: Lookup) -> tuple[str, ...]:
    """Variables that asking needs and that have no value."""
    if spec is None:
        return ()
    try:
        _connect(spec, lookup)
    except UnsetVariableError as error:
        return (error.name,)
    return ()
