"""Asks databases, all at once, and gives each question its rows or the reason why there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from time import monotonic

from rollout.model.evidence import Unanswered
from rollout.model.probes import Rows, SqlQuestion
from rollout.model.variables import UnsetVariableError, expand
from rollout.sources import sql_postgresql, sql_sqlite
from rollout.sources.sql_address import Address, read_address
from rollout.sources.sql_rows import NoRowsError

_PATIENCE = 30.0
"""Seconds from connecting to the last row."""

_KINDS: Mapping[str, Callable[[Address, str, float], Rows]] = {
    "postgresql": sql_postgresql.read,
    "postgres": sql_postgresql.read,
    "sqlite": sql_sqlite.read,
}
"""Each carries a statement out so that the database lets it write nothing, until a moment of the monotonic clock."""


class SqlSource:
    """`lookup` gives the variables of an environment; a relative path of an SQLite file begins in `folder`."""

    def __init__(
        self, lookup: Callable[[str], Callable[[str], str | None]], folder: Path, patience: float = _PATIENCE
    ) -> None:
        self._lookup = lookup
        self._folder = folder
        self._patience = patience

    def ask(self, questions: Sequence[SqlQuestion]) -> Mapping[SqlQuestion, Rows | Unanswered]:
        addresses = {question: self._address(question) for question in questions}
        deadline = monotonic() + self._patience
        begun = {
            question: _Reading(address, question.query, deadline, f"no whole answer within {self._patience:g} s")
            for question, address in addresses.items()
            if isinstance(address, Address)
        }
        for reading in begun.values():
            reading.start()
        refused = {question: refusal for question, refusal in addresses.items() if isinstance(refusal, Unanswered)}
        return refused | {question: reading.end() for question, reading in begun.items()}

    def _address(self, question: SqlQuestion) -> Address | Unanswered:
        try:
            url = expand(question.url, self._lookup(question.environment))
        except UnsetVariableError as error:
            return Unanswered(str(error), unset=error.name)
        address = read_address(url, self._folder)
        if isinstance(address, Address) and address.kind not in _KINDS:
            return address.unanswered(f"no such database can be asked; known are {', '.join(_KINDS)}")
        return address


class _Reading(Thread):
    """One question, given up at its deadline: neither a name server nor a silent host keeps to a time-out.

    A daemon, because an executor's thread would keep the process from ending.
    """

    def __init__(self, address: Address, query: str, deadline: float, late: str) -> None:
        super().__init__(daemon=True)
        self._address = address
        self._query = query
        self._deadline = deadline
        self._late = address.unanswered(late)
        self._outcome: Rows | Unanswered = address.unanswered("asking broke off")

    def run(self) -> None:
        try:
            self._outcome = _KINDS[self._address.kind](self._address, self._query, self._deadline)
        except NoRowsError as error:
            late = monotonic() >= self._deadline  # when the database gives up too, in words of its own
            self._outcome = self._late if late else self._address.unanswered(str(error))

    def end(self) -> Rows | Unanswered:
        self.join(max(0, self._deadline - monotonic()))
        return self._late if self.is_alive() else self._outcome
