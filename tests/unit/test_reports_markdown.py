"""Markdown as GitHub renders it (by its own parser), where the texts of a plan are nothing but text."""

from __future__ import annotations

import html
import io
import re
from xml.etree import ElementTree as Xml

import cmarkgfm
import pytest

from rollout.model.verdicts import Decision, Outcome, Verdict
from rollout.operations.check import Check
from rollout.render import write
from rollout.render.reports import Failure, write_error
from tests.judged import everything, hostile, judged, result
from tests.real.payloads import ALL
from tests.real.test_injection_shown import STEERS, TELLS_A_CI

REFERRING = (
    "@ana", "see @team/ops", "a@example.com", "https://example.com/x", "www.example.com", "#12", "shop/api#12", "!7",
    "ftp://example.com", "[x](https://example.com)", "![x](y.png)", "<img src=x onerror=y>", "<!-- x", "&lt;b&gt;",
    "[^1]", "- [ ] x", "# x", "1. x", "> x", "- x", "+ x", "=", "---", "    x", "~~x~~", "__x__", "a | b", "\\|", "`",
    "``", "$x$", "$`x`$", "| --- |", "\\", "a\\", "x\\|y", "&#64;ana", "&amp;",
)  # fmt: skip
OURS = {"h2", "p", "ul", "li", "strong", "table", "thead", "tbody", "tr", "th", "td"}


def markdown(made: Check) -> str:
    stream = io.StringIO()
    write(made, "markdown", stream)
    return stream.getvalue()


def rendered(text: str) -> Xml.Element:
    page = cmarkgfm.github_flavored_markdown_to_html(text)
    return Xml.fromstring(f"<page>{page}</page>")


def shown(element: Xml.Element) -> str:
    return "".join(element.itertext())


def squeezed(text: str) -> str:
    return re.sub(r"[\s\ufffd\u200b]", "", STEERS.sub("", text))


def test_the_verdict_why_what_next_and_from_when_stand_above_the_tables() -> None:
    page = rendered(markdown(everything()))
    assert [one.tag for one in page] == ["h2", "p", "ul", "p", "ul", "p", "table", "table", "ul", "p"]
    assert shown(page[0]) == "ROLLBACK: shop in test"
    why = [shown(item) for item in page[2]]
    assert why[0] == "trigger spike fired: 50 % is above 1 % (rollback: emergency)"
    assert "bad, the plan says: Roll back to 10 %" in why
    assert [shown(one) for one in (page[3], *page[4])] == [
        "runbook high: High error rate",
        "look at: Read the logs",
        "to resolve: Roll back",
    ]
    assert shown(page[5]) == "Next: rollout rollback --emergency"
    assert [shown(item) for item in page[8]] == [
        'shown, not judged: hits: 78 % {pod="a"}, 65 % {pod="b"}',
        "shown, not judged: none: no data",
    ]
    assert shown(page[9]) == "Judged at 2026-03-02 12:00:00 UTC."


def test_values_stand_in_the_tables_as_a_person_writes_them() -> None:
    gates, triggers = rendered(markdown(everything())).findall("table")
    rows = [[shown(cell) for cell in row] for row in gates.iter("tr")]
    assert rows[0] == ["gate", "outcome", "stage", "value", "must be", "because"]
    assert rows[2] == ["bad", "fail", "step", "0.42 %", "< 0.1% for 2d", "0.42 % is not below 0.1 %"]
    assert len(rows) == 8
    rows = [[shown(cell) for cell in row] for row in triggers.iter("tr")]
    assert rows[2] == ["spike", "fired", "rollback: emergency", "50 %", "> 1%", "50 % is above 1 %"]
    assert rows[3][2] == "review: Might be expected"


def test_where_nothing_is_judged_there_is_no_table() -> None:
    page = rendered(markdown(result(Decision(Verdict.GO))))
    assert [one.tag for one in page] == ["h2", "p", "p", "p"]


@pytest.mark.parametrize("texts", [ALL, REFERRING], ids=["payloads", "referring"])
def test_no_text_becomes_markup_a_link_or_a_mention(texts: tuple[str, ...]) -> None:
    text = markdown(hostile(texts))
    page = rendered(text)
    assert {one.tag for one in page.iter()} == OURS | {"page"}
    assert [dict(one.attrib) for one in page.iter() if one.attrib] == []
    assert not re.search(r"[@#!]\w|://|www\.", shown(page), re.IGNORECASE)
    assert not STEERS.search(text)
    assert not TELLS_A_CI.search(text)
    gates = page.findall("table")[0]
    rows = [list(row) for row in gates.iter("tr")][1:]
    assert len(rows) == len(texts)
    for row, payload in zip(rows, texts, strict=True):
        assert len(row) == 6
        assert squeezed(shown(row[0])) == squeezed(shown(row[5])) == squeezed(payload)


def test_a_name_reads_well_in_the_source_too() -> None:
    text = markdown(result(Decision(Verdict.NO_GO, (judged("error-rate", Outcome.FAIL, "1.5 % is not below 1 %"),))))
    assert "| error-rate | fail | step | 0.42 % | &lt; 0.1% for 2d | 1.5 % is not below 1 % |" in text


def test_an_error_stands_in_a_block_of_its_own() -> None:
    stream = io.StringIO()
    message = "plan.yaml:3:1: unknown key\n  ```\n::error::x\n</code>@ana"
    write_error(Failure(message, "lint <it>", 2), "markdown", stream)
    page = rendered(stream.getvalue())
    assert [one.tag for one in page] == ["h2", "pre", "p", "p"]
    assert shown(page[1]).strip() == message.replace("::error", ": :error")
    assert not TELLS_A_CI.search(stream.getvalue())
    assert html.unescape(shown(page[2])) == "lint <it>"
    assert shown(page[3]) == "Exit code 2."
