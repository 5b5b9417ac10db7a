"""Whatever a plan, a server, a command or a person says is shown as text: to a shell, a terminal, a CI, a parser."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from tests.real.payloads import ALL, CI, LINES, PRINTABLE, QUERY, STEERING
from tests.scripted_server import Exchange, http, scripted_server
from tests.warm.running import Ended, Warm, refuse_constant

STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
TELLS_A_CI = re.compile(r"^\s*::|##\[|##vso\[|##teamcity\[", re.MULTILINE)
FLAGS = "# flags\nON=false\nTEXT=old\n"


def plan(prometheus: str, **more: object) -> str:
    """JSON is YAML; every text that only people read is all the payloads, one after the other."""
    text = " / ".join(PRINTABLE)
    queries = [f"Q{number}" for number, _ in enumerate(QUERY)]
    document = {
        "rollout": 1,
        "name": "shop",
        "title": text,
        "owner": text,
        "summary": text,
        "links": {"dashboard": text},
        "environments": {
            "test": {
                "prometheus": {"url": prometheus, "timeout": "5s"},
                "targets": {"app": {"type": "dotenv", "path": "app/.env"}},
                "vars": {"JOB": "shop", **{name: f"${{FROM_OUTSIDE_{name}}}" for name in queries}},
            }
        },
        "flags": {
            "ON": {"type": "bool", "safe": False, "description": text},
            "TEXT": {"type": "string", "safe": "old", "description": text},
        },
        "metrics": {
            "m": {"query": 'up{job="${JOB}"}', "unit": "count", "series": "every", "description": text},
            **{name: {"query": f'up{{job="${{{name}}}"}}', "unit": "count"} for name in queries},
        },
        "gates": {
            "labels": {"metric": "m", "require": "< 1", "title": text, "on_fail": text, "settle": "0s"},
            "says": {"command": ["cat", "said"], "expect": {"output": "never"}, "advisory": True},
            "web": {"http": f"{prometheus}/health", "expect": {"json": {"status": "ok"}}, "advisory": True},
            "asked": {"ask": text, "unit": "count", "require": "< 5", "advisory": True},
            "confirmed": {"confirm": text, "advisory": True},
        },
        "phases": [
            {
                "id": "one",
                "name": text,
                "goal": text,
                "audience": text,
                "steps": [{"set": {"ON": True, "TEXT": "new"}, "instructions": [text]}],
                "checklist": [],
                "entry": ["labels", "says", "web", "asked", "confirmed"],
            },
            {
                "id": "query",
                "entry": [{"metric": name, "require": "< 5", "advisory": True} for name in queries],
            },
        ],
        "rollback": {
            "partial": {"set": {"ON": False}, "title": text, "when": text, "warning": text, "instructions": [text]}
        },
        **more,
    }
    return json.dumps(document, ensure_ascii=False)


@dataclass
class Desk:
    folder: Path
    warm: Warm
    url: str
    numbers: Iterator[int] = field(default_factory=count)

    def __call__(self, *arguments: str, **more: str) -> Ended:
        """In a CI, on wide paper: what is shown stands on one line."""
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "COLUMNS": "20000",
            "GITHUB_ACTIONS": "true",
            "ROLLOUT_PLAN": "plan.yaml",
            "ROLLOUT_STORE": f"sqlite:{self.folder / 'store.db'}",
            "ROLLOUT_ACTOR": "ana",
            **{f"FROM_OUTSIDE_Q{number}": payload for number, payload in enumerate(QUERY)},
        }
        log = self.folder.parent / "out" / f"{next(self.numbers):03}"
        ended = self.warm.start(arguments, self.folder, variables | more, log, stopped=False).wait()
        assert not STEERS.search(ended.out + ended.err), arguments
        if "json" in arguments:
            json.loads(ended.out, parse_constant=refuse_constant)
        return ended


@pytest.fixture
def desk(tmp_path: Path, warm: Warm) -> Iterator[Desk]:
    folder = tmp_path / "place"
    (folder / "app").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (folder / "app" / ".env").write_text(FLAGS)
    (folder / "said").write_text("".join(f"{payload}\n" for payload in ALL).encode("utf-8", "replace").decode())
    with scripted_server(prometheus) as server:
        (folder / "plan.yaml").write_text(plan(server.url))
        yield Desk(folder, warm, server.url)
        asked = b"".join(server.requests)
    assert b"vector" not in asked
    assert list(tmp_path.rglob("SENTINEL")) == []


def prometheus(exchange: Exchange) -> None:
    """Each payload as a label of a series, and in what a service says."""
    series = [{"metric": {"pod": text, "n": str(n)}, "value": [0, "2"]} for n, text in enumerate(ALL)]
    data = {"resultType": "vector", "result": series}
    body = {"status": "success", "data": data} if b"/api/" in exchange.request else {"status": "\n".join(ALL)}
    exchange.send(http(json.dumps(body), Content_Type="application/json"))


def squeezed(text: str) -> str:
    """What a reader reads: a sign that replaces a control character, and blanks, are no difference."""
    return re.sub(r"[\s\ufffd]", "", STEERS.sub("", text))


def missing(out: str, *payloads: str) -> list[str]:
    read = squeezed(out)
    return [payload for payload in payloads if squeezed(payload) not in read]


@pytest.mark.parametrize(
    "command", ["show", "check-gates --phase one", "advance --yes --dry-run", "status", "lint plan.yaml"]
)
def test_texts_of_a_plan_are_shown_as_they_are(desk: Desk, command: str) -> None:
    table, document = desk(*command.split()), desk(*command.split(), "-o", "json")
    if command == "show":
        assert missing(table.out, *PRINTABLE) == []
        assert (
            missing(
                json.dumps(json.loads(document.out), ensure_ascii=False).replace('\\"', '"').replace("\\\\", "\\"),
                *PRINTABLE,
            )
            == []
        )


def test_labels_and_what_commands_and_services_say_steer_nothing(desk: Desk) -> None:
    table = desk("check-gates", "--phase", "one")
    document = desk("check-gates", "--phase", "one", "-o", "json")
    labels = next(gate for gate in json.loads(document.out)["gates"] if gate["id"] == "labels")
    assert {one["labels"]["pod"] for one in labels["series"]} >= set(ALL)
    assert table.code == document.code == 3


def test_what_a_variable_holds_becomes_no_query(desk: Desk) -> None:
    gates = json.loads(desk("check-gates", "--phase", "query", "-o", "json").out)["gates"]
    assert {gate["outcome"] for gate in gates} == {"unknown"}
    assert len(gates) == len(QUERY)
    assert [gate["reason"] for gate in gates if "so no query may use it" not in gate["reason"]] == []


@pytest.mark.parametrize("texts", [PRINTABLE, STEERING, LINES], ids=["printable", "steering", "lines"])
def test_reasons_and_names_are_kept_and_shown_as_text(desk: Desk, texts: tuple[str, ...]) -> None:
    reason = "\n".join(text for text in texts if "\0" not in text)
    for words in ("advance --yes --override labels", "rollback --yes", "rollback --emergency"):
        ended = desk(*words.split(), "--reason", reason, ROLLOUT_ACTOR=f"ana {reason}")
        assert ended.code == 0, ended.err
    shown, document = desk("history"), desk("history", "-o", "json")
    assert missing(shown.out, *texts) == []
    assert json.loads(document.out)["events"][1]["actor"] == f"ana {reason}"
    desk("list")
    desk("status")
    assert desk("history", "--verify").code == 0
    with closing(sqlite3.connect(desk.folder / "store.db")) as connection:
        assert connection.execute("select count(*) from events where actor = ?", (f"ana {reason}",)).fetchone() > (3,)


TYPED = (
    "status --plan", "status --env", "advance --yes --to", "rollback --yes --level", "answer", "tick",
    "check-gates --phase", "advance --yes --reason x --override", "advance --yes --output", "status --nonsense",
)  # fmt: skip


def test_what_is_typed_is_repeated_as_text(desk: Desk) -> None:
    text = " ".join(one for one in ALL if "\0" not in one)
    for words in TYPED:
        desk(*words.split(), text)
    desk(f"--{text}")


def test_what_somebody_else_wrote_into_the_file_is_shown_as_text(desk: Desk) -> None:
    assert desk("advance", "--yes", "--override", "labels", "--reason", "x").code == 0
    for payload in ("\x1b[2J\x9b2J", "'::error::x'", "\u202e", "##[error]x"):
        (desk.folder / "app" / ".env").write_text(f"ON=true\nTEXT={payload}\n")
        desk("status")
        desk("status", "-o", "json")
        desk("advance", "--yes")
        desk("rollback", "--yes", "--dry-run")


def test_a_store_may_have_any_name(desk: Desk) -> None:
    for name in ("-a'; DROP TABLE events; --", "a?mode=ro#b", "a%00$(touch SENTINEL)", "a\nb"):
        store = f"sqlite:{desk.folder / name}.db"
        ended = desk("advance", "--yes", "--override", "labels", "--reason", "x", "--store", store)
        assert ended.code == 0, ended.err
        assert desk("history", "--verify", "--store", store).code == 0
        assert (desk.folder / f"{name}.db").exists()


LOOKING = ("show", "check-gates --phase one", "history", "lint plan.yaml", "rollback --level partial --dry-run")


def test_no_line_is_taken_for_a_command_by_a_ci(desk: Desk) -> None:
    """A CI looks at the lines of both streams; a folded line begins anywhere."""
    text = "\n".join(CI)
    typed = {"ROLLOUT_ACTOR": text, "COLUMNS": "33"}
    shown = [desk("advance", "--yes", "--override", "labels", "--reason", text, **typed)]
    shown += [desk(*words.split(), **typed) for words in LOOKING]
    shown += [desk(*words.split(), "-o", "json", **typed) for words in LOOKING]
    shown += [desk("check-gates", "--phase", "one", COLUMNS=width) for width in ("20000", "80", "47")]
    shown += [desk("status", "--plan", f"x\n{text}"), desk("status", f"--{text}")]
    for ended in shown:
        assert not TELLS_A_CI.search(ended.out)
        assert not TELLS_A_CI.search(ended.err)
