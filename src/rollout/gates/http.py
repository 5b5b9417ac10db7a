"""The `http` kind: an address answers as it should."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from rollout.frozen import dataclass, field
from rollout.gates.keys import COMMON
from rollout.gates.unjudged import UnjudgedGate
from rollout.shapes import LABEL, Choice, Duration, Integer, Key, ListOf, MapOf, Pattern, Record, Template
from rollout.shapes.json_value import Json, JsonValue


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


@dataclass(frozen=True, kw_only=True)
class HttpGate(UnjudgedGate):
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
        return f"{self.method} {self.url} answers as expected"


_EXPECT = Record(
    ExpectedResponse,
    {
        "status": Key(
            ListOf(Integer(100, 599), or_one=True), "Status codes that are fine (default: any 2xx).", example=200
        ),
        "json": Key(JsonValue(), "What the body must hold, among other things.", example={"status": "ok"}),
        "within": Key(Duration(timedelta(milliseconds=1)), "How soon the answer must be there.", example="2s"),
        "body": Key(Pattern(), "A regular expression that is found in the body."),
    },
    what="expected response",
)

GATE = Record(
    HttpGate,
    {
        "http": Key(Template(empty=False), "The address.", required=True, into="url", example="${API}/health"),
        "method": Key(Choice(Method), "Default: GET."),
        "headers": Key(MapOf(Template(), LABEL), "Headers of the request."),
        "body": Key(Template(), "Body of the request."),
        "attempts": Key(Integer(1, 100), "How often it is tried until it passes.", example=3),
        "expect": Key(_EXPECT, "What makes it pass."),
        **COMMON,
    },
    what="http gate",
)
