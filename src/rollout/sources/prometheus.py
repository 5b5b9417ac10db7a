"""Asks a Prometheus: numbers now, numbers over a window, and which alerting rules it has loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rollout.model.evidence import Answer, Course, LoadedRule, LoadedRulesQuery, Query, RangeQuery, Unanswered
from rollout.sources.prometheus_connection import Connection

if TYPE_CHECKING:
    from rollout.sources.prometheus_allowance import Allowance
    from rollout.sources.prometheus_inquiry import Inquiry
    from rollout.sources.prometheus_reply import Client, Request

__all__ = ["Connection", "PrometheusSource"]

PromQuestion = Query | RangeQuery | LoadedRulesQuery
PromAnswer = Answer | Course | tuple[LoadedRule, ...] | Unanswered


class PrometheusSource:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pool: Client | None = None
        self._api: Client | None = None

    def ask(self, questions: Sequence[PromQuestion]) -> Mapping[PromQuestion, PromAnswer]:
        distinct = tuple(dict.fromkeys(questions))
        if flaw := self._connection.flaw():
            return dict.fromkeys(distinct, Unanswered(flaw))
        if not distinct:
            return {}
        from rollout.sources.prometheus_allowance import Allowance
        from rollout.sources.prometheus_round import Round

        allowance = Allowance()
        inquiries = {question: self._inquiry(question, allowance) for question in distinct}
        Round(list(inquiries.values()), self._client_for, self._connection).run()
        outcomes = {question: inquiry.outcome for question, inquiry in inquiries.items()}
        return {question: outcome for question, outcome in outcomes.items() if outcome is not None}

    def _inquiry(
        self, question: PromQuestion, allowance: Allowance
    ) -> Inquiry[Answer] | Inquiry[Course] | Inquiry[tuple[LoadedRule, ...]]:
        match question:
            case Query():
                from rollout.sources.prometheus_answer import InstantInquiry

                return InstantInquiry(question, self._connection, allowance)
            case RangeQuery():
                from rollout.sources.prometheus_range import RangeInquiry

                return RangeInquiry(question, self._connection, allowance)
            case LoadedRulesQuery():
                from rollout.sources.prometheus_rules import RulesInquiry

                return RulesInquiry(self._connection)

    def _client_for(self, request: Request) -> Client:
        """The package for the API loads slowly: only for what is rare, and for a proxy that the pool cannot use."""
        proxy = self._connection.proxy
        if request.hot and (proxy is None or proxy.plain):
            if self._pool is None:
                from rollout.sources.prometheus_pool import Pool

                self._pool = Pool(self._connection)
            return self._pool
        if self._api is None:
            from rollout.sources.prometheus_http import Api

            self._api = Api(self._connection)
        return self._api
