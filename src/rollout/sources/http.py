"""Asks addresses, all at once, and gives each its reply or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from time import monotonic

from rollout.model.evidence import Unanswered
from rollout.model.probes import HttpProbe, HttpReply
from rollout.sources.http_request import Lookup, Request, request


class HttpSource:
    """`lookup` gives the variables of an environment; `allows` says whether a `host:port` may be asked."""

    def __init__(self, lookup: Callable[[str], Lookup], allows: Callable[[str], bool]) -> None:
        self._lookup = lookup
        self._allows = allows

    def ask(self, questions: Sequence[HttpProbe]) -> Mapping[HttpProbe, HttpReply | Unanswered]:
        filled = {probe: self._filled(probe) for probe in questions}
        ready = {probe: one for probe, one in filled.items() if isinstance(one, Request)}
        refused = {probe: one for probe, one in filled.items() if isinstance(one, Unanswered)}
        return refused | _replies(ready) if ready else refused

    def _filled(self, probe: HttpProbe) -> Request | Unanswered:
        filled = request(probe, self._lookup(probe.environment))
        if isinstance(filled, Request) and not self._allows(filled.host):
            return Unanswered(f"{filled.host} is not among the hosts that may be asked (--allow-host)")
        return filled


def _replies(requests: Mapping[HttpProbe, Request]) -> dict[HttpProbe, HttpReply | Unanswered]:
    """A thread each, given up at its deadline: neither a name server nor dripping headers keep to a time-out.

    They are daemons, because an executor's threads would keep the process from ending.
    """
    from rollout.sources.http_exchange import Exchange, trust

    contexts = {scheme: trust(scheme) for scheme in {one.scheme for one in requests.values()}}
    replies: dict[HttpProbe, HttpReply | Unanswered] = {}
    begun = {}
    for probe, one in requests.items():
        context = contexts[one.scheme]
        if isinstance(context, Unanswered):
            replies[probe] = context
            continue
        exchange = Exchange(one, context, probe.timeout.total_seconds())
        begun[probe] = exchange, Thread(target=exchange.run, daemon=True)
        begun[probe][1].start()
    for probe, (exchange, thread) in begun.items():
        thread.join(max(0, exchange.deadline - monotonic()))
        replies[probe] = exchange.give_up() if thread.is_alive() else exchange.outcome
    return replies
