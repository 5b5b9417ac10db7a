"""One question on its way to its answer: what is to be asked for it next, and what has been heard."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

from rollout.model.evidence import Unanswered
from rollout.sources.prometheus_connection import Connection
from rollout.sources.prometheus_document import NoAnswerError
from rollout.sources.prometheus_reply import Failure, Reply, Request

A_co = TypeVar("A_co", covariant=True)


class Inquiry(ABC, Generic[A_co]):
    def __init__(self, connection: Connection, waiting: Iterable[Request]) -> None:
        self.waiting = deque(waiting)
        self.outcome: A_co | Unanswered | None = None
        self._connection = connection

    def hear(self, request: Request, reply: Reply | Failure) -> None:
        try:
            self.outcome = self._heard(request, reply)
        except NoAnswerError as no_answer:
            self.give_up(str(no_answer))

    def give_up(self, reason: str) -> None:
        self.waiting.clear()
        self.outcome = Unanswered(reason)

    @abstractmethod
    def _heard(self, request: Request, reply: Reply | Failure) -> A_co | None:
        """None while something is missing."""
