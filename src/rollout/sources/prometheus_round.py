"""Carries out every request of several inquiries at once, each in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, sleep

from rollout.frozen import dataclass
from rollout.sources.prometheus_connection import Connection
from rollout.sources.prometheus_inquiry import Inquiry
from rollout.sources.prometheus_reply import Client, Failure, Reply, Request

_AT_ONCE, _LARGE_AT_ONCE = 8, 3
"""Fewer where replies are large: those that wait to be read take memory."""
_ALL = 3
"""All inquiries of one round together get this many times the time of one."""
_PAUSE = 0.2
"""Seconds before the second try."""

ClientFor = Callable[[Request], Client]


@dataclass(frozen=True)
class _Running:
    inquiry: Inquiry[object]
    request: Request
    deadline: float


class Round:
    """A thread a request, given up at its inquiry's deadline: a name server keeps to none.

    They are daemons, because an executor's threads would keep the process from ending. Replies are read here, one after
    the other, so that what is unfolded on the way is never there eight times.
    """

    def __init__(self, inquiries: Sequence[Inquiry[object]], client_for: ClientFor, connection: Connection) -> None:
        self._inquiries = inquiries
        self._client_for = client_for
        self._connection = connection
        self._last = monotonic() + _ALL * connection.timeout
        self._deadlines: dict[int, float] = {}
        self._running: dict[int, _Running] = {}
        self._at_once = _AT_ONCE
        self._numbers = count()
        self._done: SimpleQueue[tuple[int, Reply | Failure]] = SimpleQueue()

    def run(self) -> None:
        while unfinished := [inquiry for inquiry in self._inquiries if inquiry.outcome is None]:
            for inquiry in unfinished:
                while inquiry.waiting and len(self._running) < self._at_once:
                    self._start(inquiry, inquiry.waiting.popleft())
            next_deadline = min(running.deadline for running in self._running.values())
            try:
                number, reply = self._done.get(timeout=max(0, next_deadline - monotonic()))
            except Empty:
                self._give_up()
            else:
                self._hear(number, reply)

    def _start(self, inquiry: Inquiry[object], request: Request) -> None:
        deadline = self._deadlines.setdefault(id(inquiry), min(monotonic() + self._connection.timeout, self._last))
        number = next(self._numbers)
        self._running[number] = _Running(inquiry, request, deadline)
        client = self._client_for(request)
        Thread(target=self._work, args=(client, request, deadline, number), daemon=True).start()

    def _work(self, client: Client, request: Request, deadline: float, number: int) -> None:
        reply: Reply | Failure = Failure("asking broke off")  # unless a bug ends this thread, it is replaced
        try:
            reply = client.get(request, deadline)
            if reply.passing and deadline - monotonic() > _PAUSE:
                sleep(_PAUSE)
                reply = client.get(request, deadline)
        finally:
            self._done.put((number, reply))

    def _hear(self, number: int, reply: Reply | Failure) -> None:
        if reply.large:
            self._at_once = _LARGE_AT_ONCE
        running = self._running.pop(number, None)  # none where it was given up
        if running and running.inquiry.outcome is None:
            running.inquiry.hear(running.request, reply)

    def _give_up(self) -> None:
        now = monotonic()
        for number, running in list(self._running.items()):
            if running.deadline <= now:
                del self._running[number]
                if running.inquiry.outcome is None:
                    running.inquiry.give_up(self._connection.too_late)
