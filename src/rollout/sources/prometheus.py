"""Asks Prometheus instant queries, all at once, and gives each an answer or the reason why there is none."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

from rollout.model.evidence import Answer, Evidence, Query, Unanswered
from rollout.sources import prometheus_answer
from rollout.sources.prometheus_connection import Connection

if TYPE_CHECKING:
    from rollout.sources.prometheus_http import Api

__all__ = ["Connection", "PrometheusSource"]

_AT_ONCE = 8
_ALL = 3
"""All queries of one call together get this many times the time of one."""
_PAUSE = 0.2
"""Seconds before the second try."""


class PrometheusSource:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._api: Api | None = None

    def ask(self, queries: Sequence[Query]) -> Evidence:
        distinct = tuple(dict.fromkeys(queries))
        if flaw := self._connection.flaw():
            return dict.fromkeys(distinct, Unanswered(flaw))
        if not distinct:
            return {}
        from rollout.sources.prometheus_http import Api

        self._api = self._api or Api(self._connection)
        evidence = self._gather(self._api, deque(distinct))
        return {query: evidence[query] for query in distinct}

    def _gather(self, api: Api, waiting: deque[Query]) -> Evidence:
        """A thread a query, given up at its deadline: neither a name server nor dripping headers keep to a time-out.

        They are daemons, because an executor's threads would keep the process from ending.
        """
        evidence: dict[Query, Answer | Unanswered] = {}
        deadlines: dict[Query, float] = {}
        done: SimpleQueue[tuple[Query, Answer | Unanswered]] = SimpleQueue()
        last = monotonic() + _ALL * self._connection.timeout
        while waiting or deadlines:
            while waiting and len(deadlines) < _AT_ONCE:
                query = waiting.popleft()
                deadlines[query] = min(monotonic() + self._connection.timeout, last)
                Thread(target=self._work, args=(api, query, deadlines[query], done), daemon=True).start()
            try:
                query, outcome = done.get(timeout=max(0, min(deadlines.values()) - monotonic()))
            except Empty:
                for query in [query for query, deadline in deadlines.items() if deadline <= monotonic()]:
                    evidence[query] = Unanswered(self._connection.too_late)
                    del deadlines[query]
            else:
                if deadlines.pop(query, None) is not None:
                    evidence[query] = outcome
        return evidence

    def _work(
        self, api: Api, query: Query, deadline: float, done: SimpleQueue[tuple[Query, Answer | Unanswered]]
    ) -> None:
        outcome: Answer | Unanswered = Unanswered("asking broke off")  # unless a bug ends this thread, it is replaced
        try:
            outcome = self._answer(api, query, deadline)
        finally:
            done.put((query, outcome))

    def _answer(self, api: Api, query: Query, deadline: float) -> Answer | Unanswered:
        parameters = {"query": query.promql}
        if query.at is not None:
            parameters["time"] = f"{query.at.timestamp():.3f}"
        reply = api.get("/api/v1/query", parameters, deadline)
        if reply.passing and deadline - monotonic() > _PAUSE:
            sleep(_PAUSE)
            reply = api.get("/api/v1/query", parameters, deadline)
        return prometheus_answer.read(reply, self._connection)
