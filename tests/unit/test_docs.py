"""The pages in docs/ say what is so: plans, keys, variables, commands, and what is made from the code."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from docs.build import MADE
from rollout.cli.app import app
from rollout.model.verdicts import Verdict
from rollout.planfile import read
from rollout.wiring.plans import SHAPES
from tests.cli.docs_pages import DOCS, PAGES, ROOT, Part, parts, text_of

WRITTEN = [page for page in PAGES if page not in MADE]
YAML = [(page, part) for page in PAGES for part in parts(page) if part.what == "yaml" and part.mark != "no plan"]

MINIMAL = {
    "environments": """
  production:
    prometheus: {url: "${PROMETHEUS_URL}"}
    targets: {shop: {type: dotenv, path: ../.env}}
""",
    "flags": """
  CHECKOUT_V2: {type: bool, safe: false}
  CHECKOUT_V2_PERCENT: {type: percent, safe: 0}
""",
    "metrics": """
  error-rate:
    query: (sum(rate(http_errors_total[5m])) or vector(0)) / sum(rate(http_requests_total[5m]))
    unit: ratio
  p95: {query: "histogram_quantile(0.95, sum by (le) (rate(http_seconds_bucket[5m])))", unit: s}
""",
    "gates": """
  errors: {metric: error-rate, require: "< 1%"}
""",
    "phases": """
  - id: prepare
    baseline: [error-rate]
  - id: canary
    gates: [errors]
    steps: [{set: {CHECKOUT_V2: true, CHECKOUT_V2_PERCENT: 10}, soak: 1h}]
  - id: everybody
    gates: [errors]
    steps: [{set: {CHECKOUT_V2_PERCENT: 100}, soak: 1d}]
""",
}
"""What a part of a plan, as a page shows it, leaves out."""


def whole(part: Part) -> str:
    """The part itself where it is a whole plan, else the part in a plan that has everything else that it needs."""
    if "\nrollout: 1" in f"\n{part.text}":
        return part.text
    text = part.text
    for key, rest in MINIMAL.items():
        if not re.search(rf"^{key}:", text, re.M):
            text += f"{key}:{rest}"
        elif key == "gates" and "errors:" not in text:
            text = re.sub(r"^gates:\n", f"gates:{rest}", text, flags=re.M)
    return f"rollout: 1\nname: example\n{text}"


@pytest.mark.parametrize(("page", "part"), YAML, ids=[f"{page}:{part.start}" for page, part in YAML])
def test_a_plan_or_a_part_of_one_lints_clean(page: str, part: Part) -> None:
    reading = read(whole(part).encode(), page, SHAPES)
    assert [reading.rendered(problem) for problem in reading.problems] == []


@pytest.mark.parametrize("page", MADE)
def test_a_page_that_is_made_from_the_code_is_as_the_code_is_now(page: str) -> None:
    assert text_of(page) == MADE[page](), "make docs-update"


def test_every_page_stands_in_the_navigation_once() -> None:
    entries = str(tomllib.loads((DOCS / "zensical.toml").read_text())["project"]["nav"])
    listed = re.findall(r"'([a-z/-]+\.md)'", entries)
    assert sorted(listed) == sorted([*PAGES, "security.md"])


@pytest.mark.parametrize("page", WRITTEN)
def test_only_commands_that_exist_are_named(page: str) -> None:
    known = {command.name for command in app.registered_commands}
    named = set(re.findall(r"(?:`|^\$ )rollout ([a-z][a-z-]+)", text_of(page), re.M))
    assert named <= known


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_the_machine_it_was_written_on(page: str) -> None:
    assert re.findall(r"/(?:tmp|dev/shm|root|work)/\S*", text_of(page)) == []


DOCUMENTS = {
    "check-gates": ("check-rollback.json", ()),
    "A gate": ("check-rollback.json", ("gates",)),
    "A trigger": ("check-rollback.json", ("triggers",)),
    "status": ("status-soaking.json", ()),
    "advance": ("advance.json", ()),
    "rollback": ("rollback-emergency.json", ()),
    "history": ("history.json", ()),
    "list": ("list.json", ()),
    "checklist": ("checklist.json", ()),
}


@pytest.mark.parametrize("section", DOCUMENTS)
def test_the_keys_of_a_json_document_are_those_that_are_printed(section: str) -> None:
    golden, path = DOCUMENTS[section]
    document = json.loads((ROOT / "tests" / "golden" / golden).read_text())
    for key in path:
        document = document[key][0]
    text = text_of("reference/json.md").split(f"\n## {section}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]*) \|", text, re.M)
    assert {name for cell in cells for name in re.findall(r"`([a-z0-9_]+)`", cell)} == set(document)


def test_every_variable_of_its_own_that_the_code_reads_or_sets_has_its_line() -> None:
    sources = "\n".join(path.read_text() for path in Path(ROOT / "src").rglob("*.py"))
    used = set(re.findall(r"\"(ROLLOUT_[A-Z_]+)\"", sources))
    assert used == set(re.findall(r"`(ROLLOUT_[A-Z_]+)`", text_of("reference/environment-variables.md")))


def test_the_exit_codes_of_verdicts_are_those_of_the_code() -> None:
    for page in ("reference/exit-codes.md", "explanation/verdicts.md"):
        text = text_of(page)
        for verdict in Verdict:
            assert re.search(
                rf"^\| {verdict.exit_code} \| {verdict} \||\| `{verdict}` \| {verdict.exit_code} \|$", text, re.M
            )
