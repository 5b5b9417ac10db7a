"""The section `environments`, with their targets."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from datetime import timedelta
from functools import partial
from typing import Any

from rollout.frozen import dataclass, replace
from rollout.model.plan import Environment, PrometheusSpec, TargetSpec
from rollout.planfile.grammar.flags import FlagValues
from rollout.shapes import (
    LABEL,
    Book,
    Duration,
    Key,
    MapOf,
    Mapped,
    Mapping,
    Misfit,
    Name,
    Node,
    Noted,
    Record,
    Scalar,
    Schema,
    Template,
    Text,
    Unreadable,
    nearest,
)
from rollout.shapes.shape import matching

Kinds = Dict[str, Record[TargetSpec]]
"""Every type of target with its keys."""


def _prometheus(**parts: Any) -> PrometheusSpec:
    spec = replace(PrometheusSpec(url=""), **parts)
    if spec.token and spec.username:
        raise Misfit("username", "a token or a user name, not both")
    if spec.password and not spec.username:
        raise Misfit("password", "a password without a username")
    return spec


_PROMETHEUS = Record(
    _prometheus,
    {
        "url": Key(
            Template(empty=False),
            "The address of its API, without `/api/v1`; `${VAR}` is filled in.",
            example="${PROMETHEUS_URL}",
            required=True,
            also=("http://localhost:9090",),
        ),
        "token": Key(
            Template(),
            "The bearer token; `${VAR}` keeps it out of the plan. Without it: none.",
            example="${PROM_TOKEN:-}",
        ),
        "username": Key(Template(), "The user's name for basic authentication. Without it: none.", example="rollout"),
        "password": Key(
            Template(),
            "The password for it; `${VAR}` keeps it out of the plan. Without it: none.",
            example="${PROM_PASSWORD}",
        ),
        "headers": Key(
            MapOf(Template(), LABEL),
            "Further headers, such as a tenant's. Without it: none.",
            example={"X-Scope-OrgID": "shop"},
        ),
        "ca": Key(
            Template(),
            "A file with the certificates that are trusted. Without it: those that the system trusts.",
            example="certs/ca.pem",
        ),
        "timeout": Key(
            Duration(timedelta(milliseconds=100)),
            "How long an answer may take before it counts as none. Without it: 10s.",
            example="5s",
            default="10s",
        ),
    },
    what="Prometheus",
    rules={
        "dependentRequired": {"password": ["username"]},
        "dependentSchemas": {"token": {"properties": {"username": False}}},
    },
)


def _store(text: str) -> str:
    if not text.startswith(("sqlite:", "kubernetes:", "${")):
        raise ValueError(f"{text!r} is no store; write sqlite:PATH or kubernetes:NAMESPACE")
    return text


@dataclass(frozen=True)
class _TargetShape:
    """The keys of a target are those of its `type`."""

    kinds: Kinds

    def read(self, node: Node, book: Book) -> TargetSpec:
        known = ", ".join(self.kinds)
        if not isinstance(node, Mapping):
            book.error(node, f"expected a target, found {node.described}")
            raise Unreadable
        given = node.get("type")
        if given is None:
            misspelt = next((name for name, _ in node.entries if nearest(name.text, ["type"])), None)
            hint = "did you mean 'type'?" if misspelt else f"known: {known}"
            book.error(misspelt or node, "this target has no 'type'", hint, id="missing-key")
            raise Unreadable
        if not isinstance(given, Scalar) or given.text not in self.kinds:
            text = given.text if isinstance(given, Scalar) else ""
            hint = nearest(text, self.kinds) or f"known: {known}"
            book.error(given, f"expected a type of target, found {given.described}", hint, id="unknown-type")
            raise Unreadable
        target = self.kinds[given.text].read(node, book)
        for id, remark in target.remarks.items():
            book.warn(node, id, remark)
        return target

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return {"anyOf": [self._kind(name, record, definitions) for name, record in self.kinds.items()]}

    def _kind(self, name: str, record: Record[TargetSpec], definitions: dict[str, Schema]) -> Schema:
        key = replace(record.keys["type"], shape=Mapped(Text(), str, rules={"const": name}), example=name)
        return replace(record, keys={**record.keys, "type": key}).schema(definitions)


def _target_named(target: TargetSpec, name: str) -> TargetSpec:
    return replace(target, name=name)


def _environment_named(environment: Environment, name: str) -> Environment:
    return replace(environment, name=name)


def _note(book: Book, environments: Dict[str, Environment]) -> None:
    book.vars.update({name: environment.vars for name, environment in environments.items()})


def environments(kinds: Kinds) -> Noted[Dict[str, Environment]]:
    record = Record(
        partial(Environment, name=""),
        {
            "prometheus": Key(
                _PROMETHEUS,
                "The Prometheus that metrics are asked from. Without it metric gates are unknown.",
                example={"url": "${PROMETHEUS_URL}", "timeout": "5s"},
            ),
            "store": Key(
                Mapped(
                    Template(empty=False),
                    _store,
                    rules=matching(r"(?:sqlite:|kubernetes:|\$\{).*", "sqlite:PATH or kubernetes:NAMESPACE"),
                ),
                "Where events are kept: sqlite:PATH, or kubernetes:NAMESPACE[?context=NAME], which a team shares. "
                "Without it: SQLite in the user's state directory.",
                example="kubernetes:rollouts",
                also=("sqlite:/var/lib/rollout/store.db",),
            ),
            "targets": Key(
                MapOf(_TargetShape(kinds), key=_Defining("target"), named=_target_named),
                "Where flags are written, by a name for each. Without it no flag can be set here.",
                example={"api": {"type": "dotenv", "path": "deploy/.env"}},
            ),
            "values": Key(
                FlagValues(),
                "Values of flags that are written with the first step. Without it: only what steps set.",
                example={"CACHE_TTL": 60},
            ),
            "vars": Key(
                MapOf(Template(), key=_Defining("variable")),
                "Variables for queries, commands, addresses and texts; they come before the process environment's. "
                "Without it: only that.",
                example={"API": "https://api.example.com"},
            ),
            "override": Key(
                FlagValues(),
                "Values of flags that beat those of every step here, but never a rollback's. Without it: none.",
                example={"CACHE_TTL": 5},
            ),
            "safe": Key(
                FlagValues(),
                "Safe values of flags that differ in this environment. Without it: those under `flags`.",
                example={"CHECKOUT_V2_PERCENT": 5},
            ),
        },
        what="environment",
    )
    return Noted(MapOf(record, kind="environment", named=_environment_named, at_least=1), _note)


@dataclass(frozen=True)
class _Defining:
    """A name that several environments may define, each for itself."""

    kind: str

    def read(self, node: Node, book: Book) -> str:
        name = Name().read(node, book)
        book.define(self.kind, name, node.place)
        return name

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        return Name().schema(definitions)
