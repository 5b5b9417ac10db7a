"""The examples for pipelines: valid by their own schemas, and every line of theirs run, by the shells that run them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from junitparser import JUnitXml

from tests.prometheus_server import PrometheusServer

EXAMPLES = Path(__file__).parents[2] / "examples"
WORKFLOW = yaml.load((EXAMPLES / "github-actions.yml").read_text(), yaml.BaseLoader)  # in which `on` is no bool
GITLAB = yaml.load((EXAMPLES / "gitlab-ci.yml").read_text(), yaml.BaseLoader)
PLAN = "plans/checkout.yaml"
SHELLS = ("sh", "bash")


@dataclass(frozen=True)
class Runner:
    """A machine of a CI: a checkout with the plan, `rollout` on PATH, a `python` that notes what it would install."""

    folder: Path
    url: str

    @property
    def variables(self) -> dict[str, str]:
        return {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "CI": "true",
            "PROMETHEUS_URL": self.url,
            "SHOP_ENV_FILE": str(self.folder / "shop.env"),
            "ROLLOUT_STORE": f"sqlite:{self.folder / 'store.db'}",
            "ROLLOUT_PACKAGE": "rollout.whl",
        }

    def run(self, script: str, *, shell: str, **more: str) -> subprocess.CompletedProcess[str]:
        file = self.folder / "script.sh"
        file.write_text(script)
        return self.start([shell, "-e", str(file)], **more)

    def start(self, command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.variables | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def outputs(self) -> dict[str, str]:
        text = (self.folder / "outputs").read_text()
        return {
            name: value for name, _, value in re.findall(r"^(\w+)<<(\S+)\n(.*?)\n\2$", text, re.MULTILINE | re.DOTALL)
        }

    @property
    def flags(self) -> str:
        return (self.folder / "shop.env").read_text()

    def edit_plan(self, old: str, new: str) -> None:
        plan = self.folder / PLAN
        assert old in plan.read_text()
        plan.write_text(plan.read_text().replace(old, new))


@pytest.fixture
def runner(tmp_path: Path, prometheus: PrometheusServer) -> Runner:
    shutil.copytree(EXAMPLES / "plans", tmp_path / "plans")
    (tmp_path / "shop.env").write_text("CHECKOUT_V2=false\nCHECKOUT_V2_PERCENT=0\n")
    write_program(tmp_path / "bin" / "rollout", f'exec {sys.executable} -m rollout "$@"')
    for name in ("python", "python3"):
        write_program(tmp_path / "bin" / name, 'echo "$@" >>installed')
    return Runner(tmp_path, prometheus.url)


def write_program(path: Path, line: str) -> None:
    path.parent.mkdir(exist_ok=True)
    source = os.environ.get("PYTHONPATH", "")
    path.write_text(f"#!/bin/sh\nexport PYTHONPATH='{source}'\n{line}\n")
    path.chmod(0o755)


def check_schema(name: str, file: str, *more: str) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", name, *more, str(EXAMPLES / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_is_one_by_githubs_schema() -> None:
    check_schema("vendor.github-workflows", "github-actions.yml")


def test_the_pipeline_is_one_by_gitlabs_schema() -> None:
    check_schema("vendor.gitlab-ci", "gitlab-ci.yml", "--data-transform", "gitlab-ci")


def test_the_plan_lints_clean(runner: Runner) -> None:
    done = runner.start(["rollout", "lint", "--strict", PLAN])
    assert done.returncode == 0, done.stdout + done.stderr


def evaluated(text: str, **inputs: str) -> str:
    """`${{ vars.NAME }}` is the runner's variable, which is there already; `${{ inputs.NAME }}` is given."""
    kinds = {"vars": lambda name: f"${name}", "inputs": lambda name: inputs[name]}
    return re.sub(r"\$\{\{ (\w+)\.(\w+) \}\}", lambda found: kinds[found[1]](found[2]), text)


def steps(job: str) -> dict[str, dict[str, Any]]:
    """Those that run something, by name."""
    return {step["name"]: step for step in WORKFLOW["jobs"][job]["steps"] if "run" in step}


def take(runner: Runner, job: str, step: str, **inputs: str) -> subprocess.CompletedProcess[str]:
    found = steps(job)[step]
    named = {**WORKFLOW["env"], **found.get("env", {})}
    values = {name: evaluated(text, **inputs) for name, text in named.items()}
    more = {name: text for name, text in values.items() if text != f"${name}"}
    files = {"GITHUB_OUTPUT": "outputs", "GITHUB_STEP_SUMMARY": "summary.md"}
    return runner.run(
        found["run"],
        shell="bash",
        GITHUB_ACTIONS="true",
        **more,
        **{name: str(runner.folder / file) for name, file in files.items()},
    )


def test_every_variable_of_the_workflow_is_one_that_the_readme_names() -> None:
    named = {name for name, text in WORKFLOW["env"].items() if "vars." in text}
    readme = (EXAMPLES / "README.md").read_text()
    assert named == {"PROMETHEUS_URL", "SHOP_ENV_FILE", "ROLLOUT_STORE", "ROLLOUT_PACKAGE"}
    assert all(f"`{name}`" in readme for name in named)
    assert all(text == f"${{{{ vars.{name} }}}}" for name, text in WORKFLOW["env"].items() if name in named)


def test_no_input_becomes_part_of_a_script() -> None:
    assert [step for job in WORKFLOW["jobs"] for step in steps(job).values() if "${{" in step["run"]] == []


def test_the_workflow_installs_judges_and_takes_the_step_that_is_asked_for(runner: Runner) -> None:
    assert {job: list(steps(job)) for job in WORKFLOW["jobs"]} == {
        "gates": ["Install", "Judge"],
        "advance": ["Install", "Take the step"],
    }
    assert take(runner, "gates", "Install").returncode == 0
    judged = take(runner, "gates", "Judge")
    assert (judged.returncode, runner.outputs()["verdict"]) == (0, "GO"), judged.stderr
    assert (runner.folder / "summary.md").read_text().startswith("## GO: checkout in production\n")
    assert take(runner, "advance", "Install").returncode == 0
    assert (runner.folder / "installed").read_text() == "-m pip install rollout.whl\n" * 2
    assert take(runner, "advance", "Take the step", to="everybody").returncode == 7
    assert take(runner, "advance", "Take the step", to="canary/1").returncode == 0
    assert "CHECKOUT_V2_PERCENT=10\n" in runner.flags
    assert take(runner, "advance", "Take the step", to="canary/1").returncode == 7


def test_in_the_workflow_a_hold_is_green_and_advances_nothing(runner: Runner) -> None:
    assert runner.start(["rollout", "advance", "--yes", PLAN]).returncode == 0
    judged = take(runner, "gates", "Judge")
    assert (judged.returncode, runner.outputs()["verdict"]) == (0, "HOLD")
    assert WORKFLOW["jobs"]["gates"]["outputs"]["verdict"] == "${{ steps.gates.outputs.verdict }}"
    assert WORKFLOW["jobs"]["advance"]["if"] == "inputs.to && needs.gates.outputs.verdict == 'GO'"


def test_the_workflow_fails_with_the_code_of_the_verdict(runner: Runner) -> None:
    runner.edit_plan('require: "< 1%"', 'require: "< 0.1%"')
    judged = take(runner, "gates", "Judge")
    assert (judged.returncode, runner.outputs()["failed_gates"]) == (3, "errors")


def gitlab(job: str) -> str:
    """What the runner hands to its shell."""
    return "\n".join((*GITLAB["default"]["before_script"], *GITLAB[job]["script"]))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_gitlab_jobs_judge_report_and_take_the_step(runner: Runner, shell: str) -> None:
    more = dict(GITLAB["variables"])
    assert runner.run(gitlab("gates"), shell=shell, **more).returncode == 0
    assert (runner.folder / "installed").read_text() == "-m pip install rollout.whl\n"
    assert reported(runner) == (0, 0)
    assert runner.run(gitlab("advance"), shell=shell, **more, STEP="canary").returncode == 0
    assert "CHECKOUT_V2=true\n" in runner.flags
    held = runner.run(gitlab("gates"), shell=shell, **more)
    assert (str(held.returncode), reported(runner)) in [
        (code, (0, 0)) for code in GITLAB["gates"]["allow_failure"]["exit_codes"]
    ]


def test_gitlab_gets_a_report_of_what_failed_too(runner: Runner) -> None:
    more = dict(GITLAB["variables"])
    runner.edit_plan('require: "< 1%"', 'require: "< 0.1%"')
    assert runner.run(gitlab("gates"), shell="sh", **more).returncode == 3
    assert reported(runner) == (1, 0)
    done = runner.run(gitlab("gates"), shell="sh", **more, PROMETHEUS_URL="http://127.0.0.1:1")
    assert (str(done.returncode) in GITLAB["gates"]["retry"]["exit_codes"], reported(runner)) == (True, (0, 2))
    assert GITLAB["gates"]["artifacts"]["reports"]["junit"] == "gates.xml"


def reported(runner: Runner) -> tuple[int, int]:
    report = JUnitXml.fromstring((runner.folder / "gates.xml").read_bytes())
    return report.failures, report.errors


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_step_tries_again_what_may_change_and_tells_one_result(runner: Runner, shell: str) -> None:
    script = [shell, str(EXAMPLES / "ci.sh"), PLAN, "--output", "junit"]
    good = runner.start(script)
    assert (good.returncode, good.stderr, good.stdout.count("<testsuites")) == (0, "", 1)
    mute = runner.start(script, PROMETHEUS_URL="http://127.0.0.1:1", TRIES="2", PAUSE="0")
    assert (mute.returncode, mute.stderr, mute.stdout.count("<testsuites")) == (5, "exit 5: once more in 0 s\n", 1)
    runner.edit_plan('require: "< 1%"', 'require: "< 0.1%"')
    bad = runner.start(script, TRIES="9")
    assert (bad.returncode, bad.stderr.startswith("NO-GO: "), bad.stdout.count("<testsuites")) == (3, True, 1)
    runner.edit_plan('when: "> 20%", for: 3m', 'when: "> 0.1%"')
    fired = runner.start(script, TRIES="9")
    assert (fired.returncode, fired.stderr.startswith("ROLLBACK: ")) == (6, True)
    broken = runner.start([*script, "--nonsense"], TRIES="9")
    assert (broken.returncode, broken.stdout.count("<testsuites")) == (2, 1)


def test_the_shell_step_is_plain(tmp_path: Path) -> None:
    subprocess.run(["sh", "-n", str(EXAMPLES / "ci.sh")], check=True)
    assert os.access(EXAMPLES / "ci.sh", os.X_OK)
    if checker := shutil.which("shellcheck"):
        scripts = [step["run"] for job in WORKFLOW["jobs"] for step in steps(job).values()]
        texts = {"ci.sh": (EXAMPLES / "ci.sh").read_text(), "gitlab": gitlab("gates") + "\n" + gitlab("advance")}
        texts |= {f"step-{number}": text for number, text in enumerate(scripts)}
        for name, text in texts.items():
            (tmp_path / name).write_text(text)
            done = subprocess.run(
                [checker, "--shell=sh", str(tmp_path / name)], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout
