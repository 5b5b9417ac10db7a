"""Every command into a pipe, a narrow or a wide window, a terminal that can do nothing: one document, nothing cut."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import pexpect
import pytest

from rollout.cli.app import app
from tests.cli.test_terminal import LOOKING
from tests.faults.rig import PLAN, Place
from tests.warm.running import Ended, Warm, cold, refuse_constant

QUERY = "sum(rate(http_errors_total{" + ", ".join(f'label_{n}="{"x" * 30}"' for n in range(9)) + "}[5m]))"
MOJIBAKE = "\N{CLIPBOARD} für Läden".encode().decode("cp1252", "replace").replace("\ufffd", "?")
MORE = f"""\
metrics: {{errors: {{query: '{QUERY}', unit: ratio}}}}
triggers: {{spike: {{metric: errors, when: "> 1%", rollback: emergency, on_unknown: ignore}}}}
gates: {{tickets: {{ask: How many?, unit: count, require: "< 5", advisory: true}}}}
"""
LINES = (
    "list", "status", "check-gates", "advance --yes", "advance --yes --dry-run", "answer tickets 3", "tick told",
    "untick told", "checklist", "sign --as Lead", "pause", "resume", "history", "history --verify", "rollback --yes",
    "rollback --emergency", "recover", "unlock --reason x", "close --reason over", "lint plan.yaml", "show",
)  # fmt: skip
WRONG = ("--nonsense", "--plan nowhere.yaml", "--store kubernetes:x", "--store sqlite:/dev/null/x", "--env nowhere")
WITHOUT_JSON = {"schema", "completion", "init"}


@pytest.fixture
def place(tmp_path: Path, warm: Warm) -> Place:
    return made(tmp_path / "place", warm)


def made(folder: Path, warm: Warm) -> Place:
    plan = PLAN.replace("  test:\n", "  test:\n    prometheus: {url: 'http://127.0.0.1:1'}\n")
    plan = plan.replace("    checklist:", "    gates: [tickets]\n    sign_off: [Lead]\n    checklist:")
    return Place(folder, warm, plan.replace("name: shop\n", f"name: shop\ntitle: '{MOJIBAKE}'\n") + MORE)


def run(place: Place, line: str, **more: str) -> Ended:
    output = place.folder / "out" / str(len(list((place.folder / "out").iterdir())))
    variables = place.variables("ana") | more
    return place.warm.start(tuple(line.split()), place.folder, variables, output, stopped=False).wait()


def document(ended: Ended) -> object:
    """The only one on stdout, read strictly."""
    return json.loads(ended.out, parse_constant=refuse_constant)


def test_every_command_writes_one_document_whether_it_succeeds_or_not(place: Place) -> None:
    assert {line.split()[0] for line in LINES} | WITHOUT_JSON == {str(one.name) for one in app.registered_commands}
    codes = set()
    for line in LINES:
        ended = run(place, f"{line} -o json")
        assert isinstance(document(ended), dict), line
        codes.add(ended.code)
    assert 0 in codes
    for number, line in enumerate(LINES):
        ended = run(place, f"{line} {WRONG[number % len(WRONG)]} -o json")
        found = document(ended)
        assert isinstance(found, dict), line
        assert (ended.code == 0) == ("error" not in found), (line, ended)


TABLES = tuple(line for line in (*LINES, "init") if line.split()[0] not in LOOKING)
"""Those of the others are in test_terminal.py, each by a program of its own."""


@pytest.mark.parametrize(("lines", "more"), [(LINES, ("-o", "json")), (TABLES, ())], ids=["json", "tables"])
def test_a_command_needs_nothing_that_it_has_not_imported_itself(
    place: Place, tmp_path: Path, warm: Warm, lines: Sequence[str], more: Sequence[str]
) -> None:
    """As it does in the copies of a process that has imported everything, which most of the tests use."""
    twin = made(tmp_path / "twin", warm)
    for line in lines:
        arguments = (*line.split(), *more)
        alone, copy = cold(arguments, twin.folder, twin.variables("ana")), place.run(*arguments)
        assert (alone.code, bool(alone.out), bool(alone.err)) == (copy.code, bool(copy.out), bool(copy.err)), line
        if more:
            assert alone.json.keys() == copy.json.keys(), line


@pytest.mark.parametrize("columns", ["20", "80", "500"])
def test_a_document_is_whole_in_every_width(place: Place, columns: str) -> None:
    shown = run(place, "check-gates --phase some -o json", COLUMNS=columns)
    assert [one["id"] for one in shown.json["gates"]] == ["tickets"]
    assert json.loads(run(place, "show -o json", COLUMNS=columns).out)["title"] == MOJIBAKE
    table = run(place, "show", COLUMNS=columns).out
    assert "…" not in table
    assert squeezed(MOJIBAKE) in squeezed(table)


def squeezed(text: str) -> str:
    """Without what folding adds; a mark that no terminal shows becomes a sign that stands for it."""
    return "".join(text.split())


def test_text_that_was_decoded_wrongly_somewhere_is_shown_as_it_is(place: Place) -> None:
    run(place, "advance --yes")
    for line in ("status", "show", "history", "list", "check-gates", "checklist"):
        assert run(place, line).code in (0, 4, 5), line
    word = MOJIBAKE.partition(" ")[0]
    run(place, f"rollback --emergency --reason={word}")
    assert word in run(place, "history").out
    assert run(place, "history --verify").code == 0


def test_a_terminal_that_can_do_nothing_gets_no_escapes(place: Place) -> None:
    environment = place.variables("ana") | {"TERM": "dumb", "COLUMNS": "80"}
    command = f"{shlex.quote(sys.executable)} -m rollout"
    terminal = pexpect.spawn(f"{command} status", cwd=place.folder, env=environment, encoding="utf-8", timeout=30)
    text = terminal.read()
    terminal.close()
    assert (terminal.exitstatus, "\x1b" in text) == (0, False)
    assert "some" in text
