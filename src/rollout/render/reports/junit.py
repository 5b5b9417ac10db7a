"""JUnit's XML, as Jenkins and GitLab read it: a gate, a trigger or a hold is a test case."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TextIO
from xml.etree import ElementTree as Xml

from rollout.frozen import dataclass
from rollout.operations.check import Check
from rollout.render.reports import Failure
from rollout.render.reports.cases import Case, Standing, cases, guide_lines, headline, next_lines, place, shown_lines
from rollout.render.text import clean, moment

_TAGS = {
    Standing.FIRED: "failure",
    Standing.FAILED: "failure",
    Standing.REVIEW: "failure",
    Standing.UNKNOWN: "error",
    Standing.WAITING: "skipped",
}
_ILLEGAL = re.compile("[\ud800-\udfff\ufffe\uffff]")
_FOR_A_CI = re.compile(r"^(\s*):(?=:)|#(?=#)", re.MULTILINE)
"""What a CI obeys where it reads along: in XML a reference says the same."""


@dataclass(frozen=True)
class _Suite:
    name: str
    cases: Sequence[Case]
    properties: Iterable[tuple[str, str]]
    out: Iterable[str]
    timestamp: str = ""


def write(result: Check, stream: TextIO) -> None:
    decision = result.decision
    judged_at = moment(result.evaluated_at) or ""
    properties = {
        "verdict": decision.verdict.value,
        "exit_code": str(decision.verdict.exit_code),
        "evaluated_at": judged_at,
        "store": result.store,
        "phase": result.phase,
        "stage": result.stage,
        "rollback_level": decision.rollback_level,
        "earliest": moment(decision.earliest) or "",
    }
    out = [f"{decision.verdict.value}  {headline(result)}", *decision.reasons]
    out += [f"{label}: {text}" for label, text in next_lines(result)]
    out += [line for guide in decision.guides for line in guide_lines(guide)]
    out += [f"shown, not judged: {line}" for line in shown_lines(decision)]
    # Jenkins refuses a report without a test.
    found = cases(decision) or [Case("verdict", "verdict", Standing.PASSED, "pass", headline(result))]
    suite = _Suite(place(result), found, properties.items(), out, judged_at[:19])
    _write(suite, f"{result.rollout}.{result.environment}", stream)


def write_error(failure: Failure, stream: TextIO) -> None:
    case = Case("command", "check-gates", Standing.UNKNOWN, "error", failure.message, (failure.hint,))
    properties = {"exit_code": str(failure.exit_code)}
    _write(_Suite("rollout", [case], properties.items(), ()), "rollout", stream)


def _write(suite: _Suite, prefix: str, stream: TextIO) -> None:
    tags = Counter(_TAGS.get(case.standing) for case in suite.cases)
    counts = {"tests": str(len(suite.cases)), "failures": str(tags["failure"]), "errors": str(tags["error"])}
    root = Xml.Element("testsuites", {"name": "rollout", **counts})
    element = Xml.SubElement(root, "testsuite", {"name": _text(suite.name), **counts, "skipped": str(tags["skipped"])})
    if suite.timestamp:
        element.set("timestamp", suite.timestamp)
    properties = Xml.SubElement(element, "properties")
    for name, value in suite.properties:
        if value:
            Xml.SubElement(properties, "property", {"name": name, "value": _text(value)})
    named = Counter[tuple[str, str]]()
    for case in suite.cases:
        named[case.group, case.id] += 1
        # A reader keeps the first of those that are named alike.
        number = named[case.group, case.id]
        _case(element, case, f"{prefix}.{case.group}", f"{case.id} ({number})" if number > 1 else case.id)
    _lines(element, suite.out)
    Xml.indent(root)
    xml = Xml.tostring(root, encoding="us-ascii", xml_declaration=True).decode()
    stream.write(_FOR_A_CI.sub(lambda found: f"{found[1]}&#58;" if found[0] != "#" else "&#35;", xml) + "\n")


def _case(parent: Xml.Element, case: Case, classname: str, name: str) -> None:
    element = Xml.SubElement(parent, "testcase", {"classname": _text(classname), "name": _text(name), "time": "0"})
    tag = _TAGS.get(case.standing)
    if tag:
        why = {"message": _text(case.text)} | ({"type": case.standing.name.lower()} if tag != "skipped" else {})
        # GitLab shows the text, Jenkins the message too.
        Xml.SubElement(element, tag, why).text = _text("\n".join(filter(None, (case.text, *case.advice))))
    facts = (("value", case.value), ("condition", case.condition), ("query", case.query))
    text = () if tag else (case.text, *(case.advice if case.standing is Standing.NOTED else ()))
    _lines(element, (*filter(None, text), *(f"{label}: {fact}" for label, fact in facts if fact)))


def _lines(parent: Xml.Element, lines: Iterable[str]) -> None:
    if text := "\n".join(lines):
        Xml.SubElement(parent, "system-out").text = _text(text)


def _text(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", clean(text))
