"""JUnit as those read it who read it: junitparser, Jenkins' own schema, and a CI that obeys lines of a log."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
import xmlschema
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from rollout.model.verdicts import Decision, Verdict
from rollout.operations.check import Check
from rollout.render import write
from rollout.render.reports import Failure as NoResult
from rollout.render.reports import write_error
from tests.judged import everything, hostile, result
from tests.real.payloads import ALL
from tests.real.test_injection_shown import STEERS, TELLS_A_CI

JENKINS = xmlschema.XMLSchema(Path(__file__).parents[1] / "schemas" / "jenkins-junit-10.xsd")
NOTHING_JUDGED = result(Decision(Verdict.GO))


def junit(made: Check) -> str:
    stream = io.StringIO()
    write(made, "junit", stream)
    return stream.getvalue()


def junit_of_error(message: str, hint: str, code: int) -> str:
    stream = io.StringIO()
    write_error(NoResult(message, hint, code), "junit", stream)
    return stream.getvalue()


def suite_of(text: str) -> TestSuite:
    """The only one, by the parser."""
    (suite,) = JUnitXml.fromstring(text.encode())
    assert isinstance(suite, TestSuite)
    return suite


def properties(text: str) -> dict[str, str]:
    return {one.attrib["name"]: one.attrib["value"] for one in Xml.fromstring(text).iter("property")}


def kinds(suite: TestSuite) -> dict[str, list[str]]:
    """What each case is, by class and name."""
    return {f"{case.classname}/{case.name}": [type(one).__name__ for one in case.result] for case in suite}


def case_of(suite: TestSuite, name: str) -> TestCase:
    return next(case for case in suite if case.name == name)


def test_what_fails_cannot_be_judged_and_waits_is_a_failure_an_error_and_skipped() -> None:
    assert kinds(suite_of(junit(everything()))) == {
        "shop.test.entry/good": [],
        "shop.test.step/bad": ["Failure"],
        "shop.test.step/mute": ["Error"],
        "shop.test.exit/early": ["Skipped"],
        "shop.test.step/hint": [],
        "shop.test.step/known": [],
        "shop.test.step/bad (2)": [],
        "shop.test.trigger/calm": [],
        "shop.test.trigger/spike": ["Failure"],
        "shop.test.trigger/odd": ["Failure"],
        "shop.test.trigger/dark": ["Error"],
        "shop.test.trigger/ignored": [],
        "shop.test.trigger/past": ["Skipped"],
        "shop.test.hold/soak": ["Skipped"],
        "shop.test.hold/runbook": ["Skipped"],
        "shop.test.plan/settings": ["Error"],
    }


def test_the_counts_are_those_of_the_cases() -> None:
    suite = suite_of(junit(everything()))
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (16, 3, 3, 4)
    root = Xml.fromstring(junit(everything()))
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "16",
        "failures": "3",
        "errors": "3",
    }
    counted = Counter(kind for found in kinds(suite).values() for kind in found)
    assert counted == {"Failure": 3, "Error": 3, "Skipped": 4}


def test_a_failure_says_why_what_to_do_and_by_which_runbook() -> None:
    suite = suite_of(junit(everything()))
    bad = case_of(suite, "bad")
    (failure,) = bad.result
    assert isinstance(failure, Failure)
    assert (failure.message, failure.type) == ("0.42 % is not below 0.1 %", "failed")
    assert failure.text == "0.42 % is not below 0.1 %\nthe plan says: Roll back to 10 %\nrunbook: high"
    assert bad.system_out == "value: 0.42 %\ncondition: < 0.1% for 2d\nquery: up"
    assert [type(one) for one in (*case_of(suite, "mute").result, *case_of(suite, "early").result)] == [Error, Skipped]


def test_what_is_advisory_or_overridden_says_so_and_fails_nothing() -> None:
    suite = suite_of(junit(everything()))
    assert "advisory: a bit slow\nthe plan says: Never mind" in (case_of(suite, "hint").system_out or "")
    assert "overridden: as ever" in (case_of(suite, "known").system_out or "")


def test_the_suite_says_the_verdict_when_it_was_judged_and_what_next() -> None:
    suite = suite_of(junit(everything()))
    assert (suite.name, suite.timestamp) == ("shop@test", "2026-03-02T12:00:00")
    assert properties(junit(everything())) == {
        "verdict": "ROLLBACK",
        "exit_code": "6",
        "evaluated_at": "2026-03-02T12:00:00Z",
        "store": "memory",
        "phase": "canary",
        "rollback_level": "emergency",
    }
    told = Xml.fromstring(junit(everything())).findtext("testsuite/system-out") or ""
    assert "next: rollout rollback --emergency" in told
    assert 'shown, not judged: hits: 78 % {pod="a"}' in told
    assert "runbook high: High error rate\nlook at: Read the logs" in told


def test_a_report_is_never_empty() -> None:
    """Jenkins fails a build whose report holds no test."""
    assert kinds(suite_of(junit(NOTHING_JUDGED))) == {"shop.test.verdict/verdict": []}


@pytest.mark.parametrize(
    "text",
    [
        junit(everything()),
        junit(NOTHING_JUDGED),
        junit(hostile(ALL)),
        junit_of_error("plan.yaml:3:1: unknown key\n  gate: x\n  ^", "did you mean gates?", 2),
    ],
    ids=["everything", "nothing", "hostile", "error"],
)
def test_the_schema_of_jenkins_accepts_it(text: str) -> None:
    JENKINS.validate(text)


def test_the_same_result_is_the_same_text() -> None:
    assert junit(everything()) == junit(everything())


def test_texts_come_back_as_they_were_but_for_what_xml_and_terminals_forbid() -> None:
    text = junit(hostile((*ALL, "\udcff\ufffe\uffff", "]]>", "日本語 é 🚀")))
    assert text.isascii()
    assert not STEERS.search(text)
    assert not TELLS_A_CI.search(text)
    failures = [case for case in suite_of(text) if case.classname and case.classname.endswith(".step")]
    for case, payload in zip(failures, (*ALL, "\udcff\ufffe\uffff", "]]>", "日本語 é 🚀"), strict=True):
        shown = re.sub(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]", "\ufffd", payload
        )
        assert case.result[0].message == shown.replace("\t", " ")


def test_an_error_is_one_error_with_its_hint_and_exit_code() -> None:
    text = junit_of_error("the plan cannot be read", "name another", 2)
    suite = suite_of(text)
    (case,) = suite
    assert (case.classname, case.name) == ("rollout.command", "check-gates")
    assert (case.result[0].message, case.result[0].text) == (
        "the plan cannot be read",
        "the plan cannot be read\nname another",
    )
    assert properties(text) == {"exit_code": "2"}
    assert (suite.tests, suite.errors) == (1, 1)
