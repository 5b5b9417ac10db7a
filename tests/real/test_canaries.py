"""No secret leaves a rollout: not in what is shown, written, recorded or passed as an argument, by any command."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rollout.cli.app import app
from tests.real.canaries import BROKEN, FLAGS, IN_AN_ARGUMENT, MALFORMED, NETRC, PLAN, PRINT, Service, leaks, variables
from tests.scripted_server import scripted_server
from tests.warm.running import Warm

LOOKING = ("list", "status", "check-gates", "check-gates --phase one", "history", "show", "checklist")
NEXT = ("check-gates --phase two", "check-gates --phase two", "lint plan.yaml")
BEFORE = ("lint plan.yaml", "schema", "completion bash", "init starter.yaml", "advance --yes --dry-run")
GIVEN = (
    "answer tickets 3",
    "answer tickets many",
    "tick told",
    "untick told",
    "tick told",
    "sign --as Lead",
    "tick no",
)
FORWARD = ("advance --yes --reason because",)
BACK = ("rollback --yes", "rollback --level partial --yes", "rollback --emergency", "recover --force")
HELD = ("pause --reason lunch", "status", "advance --yes", "resume", "pause --all --reason lunch", "resume")
END = ("history --verify", "unlock --reason stuck", "close --reason over", "list")
WITHOUT_JSON = ("schema", "completion", "init")


@dataclass
class Stage:
    """Where the story takes place: everything that a command reads or writes lies below `folder`."""

    folder: Path
    warm: Warm
    service: Service
    variables: dict[str, str]
    loud: bool = False
    codes: dict[tuple[str, bool], set[int]] = field(default_factory=dict)
    played: list[str] = field(default_factory=list)

    @property
    def env(self) -> Path:
        return self.folder / "app" / ".env"

    @property
    def store(self) -> Path:
        return self.folder / "state" / "store.db"

    def play(self, *lines: str, **more: str) -> None:
        """Each command, as a table and as JSON in turn; those that are not there yet are left out."""
        for line in lines:
            name = line.split()[0]
            if name not in commands():
                continue
            self.played.append(name)
            as_json = name not in WITHOUT_JSON and self.played.count(name) % 2 == 0
            arguments = (*line.split(), *(["-o", "json"] if as_json else []), *(["--debug"] if self.loud else []))
            log = self.folder / "out" / f"{len(self.played):03}-{name}"
            ended = self.warm.start(arguments, self.folder, self.variables | more, log, stopped=False).wait()
            self.codes.setdefault((name, as_json), set()).add(ended.code)


def commands() -> set[str]:
    return {str(command.name) for command in app.registered_commands}


@pytest.fixture
def stage(tmp_path: Path, warm: Warm) -> Iterator[Stage]:
    folder = tmp_path / "place"
    for name in ("app", "state", "out", "home", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "plan.yaml").write_text(PLAN)
    (folder / "broken.yaml").write_text(BROKEN)
    (folder / "print.sh").write_text(PRINT)
    (folder / "app" / ".env").write_text(FLAGS)
    (folder / "home" / ".netrc").write_text(NETRC)
    (folder / "home" / ".netrc").chmod(0o600)
    service = Service()
    with scripted_server(service) as server:
        given = {
            **variables(server.port),
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "tmp"),
            "EVIDENCE": str(tmp_path / "evidence"),
            "PROCESSES": str(tmp_path / "processes"),
            "ROLLOUT_PLAN": "plan.yaml",
            "ROLLOUT_STORE": f"sqlite:{folder / 'state' / 'store.db'}",
            "ROLLOUT_ACTOR": "ana@example.com",
        }
        made = Stage(folder, warm, service, given)
        yield made
        asked = b"".join(server.requests).decode(errors="replace")
    for name in ("PROM_TOKEN", "TENANT", "PTOK", "QUERY_KEY"):
        assert given[name] in asked, f"{name} was never used"
    assert "netrc" not in asked


def found(stage: Stage) -> list[str]:
    secrets = {name: text for name, text in (stage.variables | MALFORMED).items() if "canary" in text}
    return leaks(stage.folder, secrets, stage.env, stage.folder / "home" / ".netrc")


def test_no_command_shows_writes_or_records_a_secret(stage: Stage, tmp_path: Path) -> None:
    stage.play(*LOOKING, *BEFORE, *NEXT, "rollback --emergency")
    stage.play("lint broken.yaml", "show", "status", "advance --yes", ROLLOUT_PLAN="broken.yaml")
    stage.play("check-gates", "advance --yes", *NEXT, **MALFORMED)
    stage.service.breaks = True
    stage.play("check-gates", *FORWARD)
    stage.service.breaks = False
    stage.play(*GIVEN, *FORWARD, "checklist", "status", *FORWARD)
    assert b"NEW=true" in stage.env.read_bytes(), "nothing was changed: the story has lost its point"
    stage.play(*BACK, *FORWARD, *BACK, "status", FAILS="1")
    stage.play("recover", *HELD, *GIVEN, *FORWARD)
    stage.env.rename(stage.folder / "away")
    stage.play("status", *FORWARD, *BACK)
    (stage.folder / "away").rename(stage.env)
    stage.play("recover", *FORWARD)
    content = stage.store.read_bytes()
    stage.store.write_bytes(b"no store at all" * 1000)
    stage.play("list", "status", "history", *FORWARD, "rollback --emergency", "recover", *END)
    stage.store.write_bytes(content)
    stage.play("rollback --emergency", "history", *END)

    assert found(stage) == []
    forms = {(name, as_json) for name in commands() for as_json in (False, name not in WITHOUT_JSON)}
    assert set(stage.codes) == forms, "a command is missing in the story, or one of its forms"
    evidence, processes = (tmp_path / name for name in ("evidence", "processes"))
    for name in ("APP_TOKEN", "ROLLOUT_API_TOKEN", "PRIVATE"):
        assert f"{name}=canary" in evidence.read_text(), f"no command has inherited {name}"
    assert IN_AN_ARGUMENT in processes.read_text()
    shown = processes.read_text().replace(f"print.sh {IN_AN_ARGUMENT}", "")
    assert "canary" not in shown


def test_whoever_wants_to_know_everything_is_told_no_secret_either(stage: Stage) -> None:
    stage.loud = True
    stage.play("check-gates", "advance --yes", "lint broken.yaml", **MALFORMED)
    stage.play("status", ROLLOUT_PLAN="broken.yaml")
    stage.service.breaks = True
    stage.play("check-gates", *FORWARD)
    stage.service.breaks = False
    stage.play(*GIVEN, *FORWARD, "status", "check-gates", "check-gates --phase two")
    stage.play(*FORWARD, "rollback --level partial --yes", FAILS="1")
    stage.env.rename(stage.folder / "away")
    stage.play("status", "recover", *FORWARD, "rollback --emergency")
    (stage.folder / "away").rename(stage.env)
    stage.store.write_bytes(b"no store at all" * 1000)
    stage.play("history", *FORWARD, "rollback --emergency")
    assert found(stage) == []
    said = "".join(path.read_text() for path in (stage.folder / "out").glob("*.err"))
    for what in ("POST ${API}/health  ->  answered", "errors  ->  1 series", "sh print.sh", " ms  "):
        assert what in said
    log = stage.folder / "home" / ".local" / "state" / "rollout" / "debug.log"
    assert f"traceback: {log}" in said
    assert stat.filemode(log.stat().st_mode) == "-rw-------"
    for kind in ("PlanError: ", "TargetError: ", "StoreError: ", "which led to:"):
        assert kind in log.read_text()
