"""Keys of `http` targets: flags behind an address."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from rollout.frozen import dataclass, field
from rollout.model.plan import TargetSpec
from rollout.shapes import LABEL, Boolean, Choice, Key, MapOf, Misfit, Record, Template
from rollout.targets.keys import COMMON


class WriteMethod(StrEnum):
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"


@dataclass(frozen=True, kw_only=True)
class HttpSpec(TargetSpec):
    """`read_url` empty: what was written cannot be read back, and `unverified` says that this is meant."""

    url: str
    method: WriteMethod = WriteMethod.POST
    headers: Mapping[str, str] = field(default_factory=dict)
    read_url: str = ""
    unverified: bool = False

    def __post_init__(self) -> None:
        if not self.read_url and not self.unverified:
            raise Misfit("url", "without read_url nothing can be read back", hint="write read_url, or unverified: true")


_URL = Template(empty=False)

KEYS = Record(
    HttpSpec,
    {
        **COMMON,
        "url": Key(
            _URL,
            "Where flags are written, as one JSON object {KEY: value}; `${VAR}` is filled in.",
            example="${API}/admin/feature-flags",
            required=True,
        ),
        "method": Key(Choice(WriteMethod), "How they are written. Without it: POST.", example="PUT", default="POST"),
        "headers": Key(
            MapOf(Template(), LABEL),
            "Headers of every request; `${VAR}` keeps a token out of the plan. Without it: none but the usual.",
            example={"Authorization": "Bearer ${ADMIN_TOKEN}"},
        ),
        "read_url": Key(
            _URL,
            "Where a JSON object {KEY: value} is read back. Without it `unverified: true` must be written.",
            example="${API}/admin/feature-flags",
        ),
        "unverified": Key(
            Boolean(),
            "Written `true` where nothing can be read back. Without it `read_url` must be written.",
            example=True,
            default=False,
        ),
    },
    what="http target",
    rules={"anyOf": [{"required": ["read_url"]}, {"required": ["unverified"]}]},
)
