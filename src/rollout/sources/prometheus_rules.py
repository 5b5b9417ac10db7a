"""The question for loaded alerting rules on its way to its answer."""

from __future__ import annotations

from rollout.model.evidence import LoadedRule
from rollout.sources.prometheus_connection import Connection
from rollout.sources.prometheus_document import NoAnswerError, body_of, labels_of, parse, warnings_of
from rollout.sources.prometheus_inquiry import Inquiry
from rollout.sources.prometheus_reply import Failure, Reply, Request


class RulesInquiry(Inquiry[tuple[LoadedRule, ...]]):
    def __init__(self, connection: Connection) -> None:
        # The alerts of a rule are nobody's business here; a server that does not know the second word leaves them in.
        super().__init__(connection, [Request("/api/v1/rules", {"type": "alert", "exclude_alerts": "true"}, hot=False)])

    def _heard(self, request: Request, reply: Reply | Failure) -> tuple[LoadedRule, ...]:
        return _rules(parse(body_of(reply, request.path, self._connection), self._connection), self._connection)


def _rules(document: object, connection: Connection) -> tuple[LoadedRule, ...]:
    match document:
        case {"data": {"groupNextToken": str(token)}} if token:
            raise NoAnswerError(f"{connection.base} gives only a part of its rules")
        case {"status": "success", "data": {"groups": list() as groups}}:
            pass
        case _:
            raise NoAnswerError(f"{connection.base} answers with JSON that is no list of rules")
    if warnings := warnings_of(document, connection):
        raise NoAnswerError(f"{connection.base} may not know all of its rules: {warnings[0]}")
    return tuple(rule for group in groups for rule in _alerting(group, connection))


def _alerting(group: object, connection: Connection) -> list[LoadedRule]:
    match group:
        case {"rules": list() as rules}:
            found = [_rule(rule, connection) for rule in rules]
            return [rule for rule in found if rule]
        case _:
            raise NoAnswerError("a group of rules has no rules")


def _rule(rule: object, connection: Connection) -> LoadedRule | None:
    """None for a rule that cannot fire: it records, or cannot be evaluated."""
    match rule:
        case {"type": "alerting", "health": "err"}:
            return None
        case {"type": "alerting", "name": str(name), "labels": dict() as labels}:
            return LoadedRule(name, labels_of(labels, connection))
        case {"type": "alerting", "name": str(name), **rest} if rest.get("labels") is None:
            return LoadedRule(name, ())
        case {"type": "recording"}:
            return None
        case _:
            raise NoAnswerError("a rule of the answer has no name, or labels that are none")
