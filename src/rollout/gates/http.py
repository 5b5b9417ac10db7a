"""The `http` kind: an address answers as it should."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from rollout.frozen import dataclass, field
from rollout.gates.http_json import Flaw, json_flaws, plain, short
from rollout.gates.keys import COMMON
from rollout.model.evidence import Evidence, Question, Unanswered, answer_to
from rollout.model.gate import Gate, Scope
from rollout.model.probes import HttpProbe, HttpReply
from rollout.model.units import format_quantity, readable
from rollout.model.verdicts import Finding, Outcome
from rollout.shapes import LABEL, Choice, Duration, Integer, Key, ListOf, MapOf, Pattern, Record, Template
from rollout.shapes.json_value import Json, JsonValue

_PATIENCE = timedelta(seconds=10)
_SEARCHED = 64 * 2**10
"""Bytes of a body that a pattern may be searched in: many a pattern takes the square of its text's length."""


class Method(StrEnum):
    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"
    OPTIONS = "OPTIONS"


@dataclass(frozen=True)
class ExpectedResponse:
    """`status` empty: any 2xx. `json` is a subset of the body, `body` a regular expression found in it."""

    status: tuple[int, ...] = ()
    json: Json = None
    within: timedelta | None = None
    body: str = ""

    @property
    def text(self) -> str:
        within = f"within {readable(self.within.total_seconds(), 's')}" if self.within else ""
        said = (f"JSON {plain(self.json)}" if self.json is not None else "", _pattern(self.body))
        return ", ".join(filter(None, (_statuses(self.status), *said, within)))


@dataclass(frozen=True, kw_only=True)
class HttpGate(Gate):
    """`url`, `headers` and `body` may hold `${VAR}`."""

    kind: ClassVar[str] = "http"

    url: str
    method: Method = Method.GET
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    attempts: int = 1
    expect: ExpectedResponse = ExpectedResponse()

    @property
    def words(self) -> str:
        return f"{self.method} {self._probe('').shown} answers as expected"

    @property
    def tries(self) -> int:
        return self.attempts

    @property
    def secrets(self) -> tuple[str, ...]:
        return (*self.headers.values(), self.body)

    def needs(self, scope: Scope) -> tuple[Question[object], ...]:
        return () if scope.at else (self._probe(scope.environment),)

    def judge(self, evidence: Evidence, scope: Scope) -> Finding:
        if scope.at:
            return Finding(Outcome.UNKNOWN, "an address cannot be asked as of a past moment", require=self.expect.text)
        reply = answer_to(evidence, self._probe(scope.environment))
        if isinstance(reply, Unanswered):
            return Finding(Outcome.UNKNOWN, reply.reason, require=self.expect.text)
        flaws = list(_flaws(self.expect, reply))
        worst = next((flaw for flaw in flaws if flaw[0] is Outcome.FAIL), next(iter(flaws), None))
        took = reply.elapsed.total_seconds()
        outcome, said = worst or (Outcome.PASS, f"answers {reply.status} in {readable(took, 's')}")
        timed = self.expect.within is not None and not reply.failure
        observed, unit = (took, "s") if timed else (None, "")
        return Finding(outcome, f"{reply.address} {said}", observed, unit, self.expect.text)

    def _probe(self, environment: str) -> HttpProbe:
        patience = max(_PATIENCE, self.expect.within or _PATIENCE)
        return HttpProbe(environment, self.url, self.method, tuple(self.headers.items()), self.body, patience)


def _flaws(expect: ExpectedResponse, reply: HttpReply) -> Iterator[Flaw]:
    if reply.failure:
        yield Outcome.FAIL, f"gives no whole answer: {reply.failure}"
        return
    if reply.status not in (expect.status or range(200, 300)):
        if 300 <= reply.status < 400 and reply.location:
            yield Outcome.FAIL, f"redirects to {reply.location} ({reply.status}), which is not followed"
        else:
            yield Outcome.FAIL, f"answers {reply.status}, expected {_statuses(expect.status)}"
    if expect.within and reply.elapsed > expect.within:
        took, allowed = reply.elapsed.total_seconds(), expect.within.total_seconds()
        shown = format_quantity(took, "s", "s", apart_from=allowed)
        yield Outcome.FAIL, f"answers after {shown}, expected within {format_quantity(allowed, 's', 's')}"
    if reply.unread:
        if expect.json is not None or expect.body:
            yield Outcome.UNKNOWN, f"answers {reply.status}, but {reply.unread}"
        return
    if expect.json is not None:
        yield from json_flaws(expect.json, reply)
    if expect.body:
        yield from _body_flaws(expect.body, reply)


def _body_flaws(pattern: str, reply: HttpReply) -> Iterator[Flaw]:
    if len(reply.body) > _SEARCHED:  # a pattern may say what must not be there, so a part of the body proves nothing
        yield Outcome.UNKNOWN, f"answers with more than the {_SEARCHED >> 10} KiB that are searched for a pattern"
    elif not re.search(pattern, reply.body.decode("utf-8", "replace")):
        yield Outcome.FAIL, f"answers without {_pattern(pattern)}"


def _statuses(status: tuple[int, ...]) -> str:
    return " or ".join(map(str, status)) or "2xx"


def _pattern(pattern: str) -> str:
    return f"/{short(' '.join(pattern.split()))}/ in its body" if pattern else ""


_EXPECT = Record(
    ExpectedResponse,
    {
        "status": Key(
            ListOf(Integer(100, 599), or_one=True),
            "The status code that is fine, or several. Without it: any 2xx.",
            example=200,
            also=([200, 204],),
        ),
        "json": Key(
            JsonValue(),
            "What the JSON in the body must hold, among other things. Without it the body need not be JSON.",
            example={"status": "ok"},
        ),
        "within": Key(
            Duration(timedelta(milliseconds=1)),
            "How soon the whole answer must be there. Without it: within 10s, as any request.",
            example="2s",
        ),
        "body": Key(
            Pattern(),
            "A regular expression that is found somewhere in the body. Without it any body will do.",
            example="version: 2\\.",
        ),
    },
    what="expected response",
)

GATE = Record(
    HttpGate,
    {
        "http": Key(
            Template(empty=False),
            "The address that is asked; `${VAR}` is filled in. It passes with any 2xx unless `expect` says more.",
            example="${API}/health",
            required=True,
            into="url",
        ),
        "method": Key(Choice(Method), "How it is asked. Without it: GET.", example="HEAD", default="GET"),
        "headers": Key(
            MapOf(Template(), LABEL),
            "Headers of the request; `${VAR}` is filled in. Without it: none but the usual.",
            example={"Authorization": "Bearer ${API_TOKEN}"},
        ),
        "body": Key(
            Template(), "Body of the request; `${VAR}` is filled in. Without it: empty.", example='{"probe": true}'
        ),
        "attempts": Key(
            Integer(1, 100), "How often it is tried until it passes, 1 s apart. Without it: once.", example=3, default=1
        ),
        "expect": Key(
            _EXPECT,
            "What makes it pass. Without it: any 2xx within 10s.",
            example={"status": 200, "json": {"status": "ok"}, "within": "2s"},
        ),
        **COMMON,
    },
    what="http gate",
)
