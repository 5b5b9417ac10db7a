"""The starter plan: what it takes from its folder, and what it never takes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from rollout.errors import UsageError
from rollout.model.plan import Plan
from rollout.operations.init import SCHEMA, write_starter
from rollout.planfile import read
from tests.plans.small import KINDS

CANARY = "c4n4ry"


def started(folder: Path, file: str = "", **variables: str) -> tuple[str, str]:
    """What was said, and the plan's text."""
    said = write_starter(folder, Path(file) if file else None, variables, "{}\n")
    return said, (folder / said.split("\n")[0].removeprefix("wrote ")).read_text("utf-8")


def plan_of(text: str) -> Plan:
    """Without an error and without a warning."""
    reading = read(text.encode(), "plan.yaml", KINDS)
    assert [reading.rendered(problem) for problem in reading.problems] == []
    assert reading.plan
    return reading.plan


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def repository(folder: Path, remote: str = "", name: str = "Ana Kim", email: str = "ana@example.com") -> Path:
    git(folder, "init")
    git(folder, "config", "user.name", name)
    git(folder, "config", "user.email", email)
    if remote:
        git(folder, "remote", "add", "origin", remote)
    return folder


def test_in_an_empty_folder_it_lints_clean(tmp_path: Path) -> None:
    said, text = started(tmp_path)
    assert plan_of(text).name
    assert said.endswith(f"next: change it, then rollout lint plans/{plan_of(text).name}.yaml")


def test_its_first_line_names_the_schema_beside_it(tmp_path: Path) -> None:
    _, text = started(tmp_path)
    assert text.split("\n")[0] == f"# yaml-language-server: $schema={SCHEMA}"
    assert (tmp_path / "plans" / SCHEMA).read_text() == "{}\n"


def test_every_section_teaches_in_a_comment(tmp_path: Path) -> None:
    _, text = started(tmp_path)
    sections = [line for line in text.splitlines() if line[:1].isalpha()]
    assert len(sections) > 12
    assert [line for line in sections if "# " not in line] == []


def test_a_plan_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    _, text = started(tmp_path, "shop.yaml")
    (tmp_path / SCHEMA).write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        started(tmp_path, "shop.yaml")
    assert (tmp_path / "shop.yaml").read_text("utf-8") == text


def test_a_schema_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / SCHEMA).write_text("mine")
    said, _ = started(tmp_path, "shop.yaml")
    assert f"kept {SCHEMA}; rollout schema > {SCHEMA} makes it anew" in said
    assert (tmp_path / SCHEMA).read_text() == "mine"


@pytest.mark.parametrize(
    ("remote", "name"),
    [
        ("git@github.com:acme/Shop.API.git", "shop-api"),
        (f"https://ana:{CANARY}@example.com/acme/shop.git", "shop"),
        (f"https://example.com/acme/shop.git?token={CANARY}", "shop"),
        (f"https://{CANARY}@example.com/", "folder"),
        (f"ana:{CANARY}@example.com", "folder"),
        ("/srv/git/shop.git", "shop"),
    ],
)
def test_the_name_is_the_repositorys(remote: str, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    said, text = started(repository(folder, remote))
    assert plan_of(text).name == name
    assert CANARY not in said + text


def test_the_owner_is_who_git_says_however_it_is_spelled(tmp_path: Path) -> None:
    _, text = started(repository(tmp_path, name='J"ö: # [x]\t'))
    assert plan_of(text).owner == 'J"ö: # [x] <ana@example.com>'


def test_a_feature_that_is_off_is_found_with_its_percent(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DARK_MODE=true\nCHECKOUT_V2=false\nCHECKOUT_V2_PERCENT=0\n")
    said, text = started(tmp_path)
    plan = plan_of(text)
    assert list(plan.flags) == ["CHECKOUT_V2", "CHECKOUT_V2_PERCENT"]
    assert plan.environments["production"].targets["app"].places[0] == ".env"
    assert "found .env with CHECKOUT_V2 and CHECKOUT_V2_PERCENT, off today" in said
    assert "# in .env too, and maybe flags: DARK_MODE\n" in text


def test_what_is_on_is_never_called_safe_to_turn_off(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("RATE_LIMIT_ENABLED=true\nSEARCH_PERCENT=100\n")
    _, text = started(tmp_path)
    assert list(plan_of(text).flags) == ["MY_FEATURE", "MY_FEATURE_PERCENT"]
    assert "# in .env too, and maybe flags: RATE_LIMIT_ENABLED, SEARCH_PERCENT\n" in text


def test_the_file_of_production_comes_first_and_an_example_never(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    for name in (".env.example", "deploy/staging.env", "deploy/production.env"):
        (tmp_path / name).write_text("NEW_SEARCH=off\n")
    _, text = started(tmp_path)
    assert plan_of(text).environments["production"].targets["app"].places[0] == "deploy/production.env"
    assert "# other files with variables: deploy/staging.env\n" in text
    assert ".env.example" not in text


def test_paths_start_from_the_folder_wherever_the_plan_is(tmp_path: Path) -> None:
    assert plan_of(started(tmp_path, "here.yaml")[1]).workdir == ""
    assert plan_of(started(tmp_path, "a/b/there.yaml")[1]).workdir == "../.."


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("http://prom:9090", "${PROMETHEUS_URL:-http://prom:9090}"),
        ("https://metrics.example.com/select/0/prometheus", None),
        (f"https://ana:{CANARY}@prom", "${PROMETHEUS_URL}"),
        (f"https://prom/?token={CANARY}", "${PROMETHEUS_URL}"),
        (f"https://prom/{CANARY}", "${PROMETHEUS_URL}"),
        ("https://prom/deadbeefdeadbeefdeadbeefdeadbeef", "${PROMETHEUS_URL}"),
        ("http://p}", "${PROMETHEUS_URL}"),
    ],
)
def test_the_address_of_prometheus_is_a_default_where_it_holds_no_secret(
    given: str, written: str | None, tmp_path: Path
) -> None:
    said, text = started(tmp_path, PROMETHEUS_URL=given)
    prometheus = plan_of(text).environments["production"].prometheus
    assert prometheus
    assert prometheus.url == (written or f"${{PROMETHEUS_URL:-{given}}}")
    assert CANARY not in said + text


COMPOSE = f"""\
services:
  db: {{image: "postgres", environment: {{POSTGRES_PASSWORD: {CANARY}}}}}
  api: {{build: ., env_file: [.env], environment: ["TOKEN={CANARY}"]}}
  metrics: {{image: "prom/prometheus:v2.53", ports: ["127.0.0.1:9091:9090"]}}
"""


@pytest.mark.parametrize(
    ("file", "content", "url", "apply"),
    [
        ("compose.yaml", COMPOSE, ":-http://localhost:9091", "docker, compose, up, -d, api"),
        ("docker-compose.yml", COMPOSE, ":-http://localhost:9091", "docker, compose, up, -d, api"),
        (
            "prometheus.yml",
            "scrape_configs: [{job_name: prometheus, static_configs: [{targets: ['localhost:9090']}]}]",
            ":-http://localhost:9090",
            "systemctl, restart, app",
        ),
        (
            "ecosystem.config.js",
            "module.exports = {apps: [{name: 'shop-api'}]}",
            "",
            "pm2, restart, shop-api, --update-env",
        ),
        ("deploy/shop.service", "[Service]", "", "systemctl, restart, shop.service"),
        ("compose.yaml", "services: [&a [*a", "", "systemctl, restart, app"),
        ("compose.yaml", "services: {'x; rm -rf': {build: .}}", "", "systemctl, restart, app"),
        ("compose.yaml", "[" * 5000, "", "systemctl, restart, app"),
        ("prometheus.yml", "\0\xff", "", "systemctl, restart, app"),
    ],
)
def test_what_stands_nearby_is_a_default_and_a_hint(
    file: str, content: str, url: str, apply: str, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("X=1\n")
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(content, "latin-1")
    said, text = started(tmp_path)
    prometheus = plan_of(text).environments["production"].prometheus
    assert prometheus
    assert prometheus.url == f"${{PROMETHEUS_URL{url}}}"
    assert f"# apply: [{apply}]" in text
    assert CANARY not in said + text


def test_no_value_of_a_file_with_variables_is_copied(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        f"DB_PASSWORD={CANARY}\nAPI_KEY='{CANARY}'\nURL=https://ana:{CANARY}@db/x?y={CANARY}\n{CANARY}\n"
        f'PRIVATE="-----BEGIN\n{CANARY.upper()}=true\nINSIDE={CANARY}\n"\nSECRET_FLAG_{CANARY.upper()}=true\n'
        f"export NEW_SEARCH=false # {CANARY}\nNEW_SEARCH_PERCENT=0\nPIN=0\nSEED=1\n"
    )
    said, text = started(repository(tmp_path, f"https://{CANARY}:x@example.com/shop"), TOKEN=CANARY)
    assert CANARY not in (said + text).lower()
    assert list(plan_of(text).flags) == ["NEW_SEARCH", "NEW_SEARCH_PERCENT"]
    assert not any(name in text for name in ("PIN", "SEED", "INSIDE", "API_KEY", "DB_PASSWORD"))


def test_what_is_no_file_or_cannot_be_read_is_passed_by(tmp_path: Path) -> None:
    for name in ("compose.yaml", "ecosystem.config.js", "prometheus.yml", ".env"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / ".env").symlink_to(tmp_path / "nowhere")
    (tmp_path / "compose.yml").write_bytes(b"x: " + b"y" * 300_000)
    said, text = started(tmp_path)
    assert plan_of(text).name
    assert "found .env" not in said


def test_the_same_folder_makes_the_same_plan(tmp_path: Path) -> None:
    for name in ("b.env", "a.env", "c.env"):
        (tmp_path / name).write_text("NEW_A=false\nNEW_B=false\nC_PERCENT=0\nD_PERCENT=0\n")
    first, second = (started(tmp_path, f"{folder}/plan.yaml")[1] for folder in ("x", "y"))
    assert first == second


@pytest.mark.parametrize("odd", ["we ird", "${X}", "it's", "ö", "a#b", "true", "x: y"])
def test_folders_and_files_of_any_name_make_a_valid_plan(odd: str, tmp_path: Path) -> None:
    folder = tmp_path / odd
    (folder / odd).mkdir(parents=True)
    (folder / odd / f"{odd}.env").write_text("NEW_A=false\n")
    _, text = started(folder)
    target = plan_of(text).environments["production"].targets["app"]
    assert target.places[0].replace("$${", "${") == f"{odd}/{odd}.env"
