"""What the process is told from outside, read once: the environment's variables and who is typing."""

from __future__ import annotations

import os
import pwd
import shlex
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from select import select

from rollout.errors import UsageError
from rollout.frozen import dataclass

CI_ACTORS = (
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
    "BITBUCKET_STEP_TRIGGERER_UUID",
    "BUILD_REQUESTEDFOR",
    "CHANGE_AUTHOR",
)
"""Where continuous integration says on whose behalf it runs."""


EMERGENCY_PATIENCE = 0.1
"""Seconds that an emergency waits for anybody else's lock, each of the few times that it needs the record."""


_GONE = Path(os.devnull, "deleted")
"""Instead of a working folder that was deleted: nothing is there, and nothing can be made there."""


@dataclass(frozen=True)
class Trust:
    """What a plan from a stranger may use: these variables of the process, and these hosts (`NAME` or `NAME:PORT`)."""

    variables: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    def allows(self, address: str) -> bool:
        """`address` is NAME:PORT."""
        return address in self.hosts or address.rpartition(":")[0] in self.hosts


@dataclass(frozen=True)
class Settings:
    """`plan`, `environment` and `store` are empty where neither an option nor a variable names one.

    `typed` are the options that said which rollout is meant, for whoever types the next command. `patience`: how many
    seconds a lock may hold it up. `line` is the command as it was typed, for questions that are
    answered by typing a little more. `trust` None: the plan may use everything.
    """

    line: str
    began_at: datetime
    folder: Path
    variables: Mapping[str, str]
    plan: str = ""
    environment: str = ""
    store: str = ""
    patience: float = 5.0
    trust: Trust | None = None
    typed: str = ""

    @property
    def folder_is_there(self) -> bool:
        return self.folder != _GONE

    @property
    def plan_variables(self) -> Mapping[str, str]:
        """Those of the process that a plan may refer to."""
        if self.trust is None:
            return self.variables
        return {name: value for name, value in self.variables.items() if name in self.trust.variables}

    @property
    def default_store(self) -> str:
        return f"sqlite:{self.state_folder / 'store.db'}"

    @property
    def state_folder(self) -> Path:
        """The user's own, by the XDG base directory specification."""
        state = self.variables.get("XDG_STATE_HOME") or ""
        if Path(state).is_absolute():
            return Path(state) / "rollout"
        try:
            home = Path(self.variables.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir)
        except KeyError:
            raise UsageError(
                "there is no home directory to keep the record in", "name a store: --store sqlite:PATH or ROLLOUT_STORE"
            ) from None
        return home / ".local" / "state" / "rollout"


def read_settings(plan: str = "", environment: str = "", store: str = "") -> Settings:
    """Options first, then `ROLLOUT_PLAN`, `ROLLOUT_ENV` and `ROLLOUT_STORE`."""
    variables = dict(os.environ)
    options = (("--plan", plan), ("--env", environment), ("--store", store))
    return Settings(
        typed="".join(f" {option} {shlex.quote(value)}" for option, value in options if value),
        began_at=datetime.now(UTC),
        line=f"rollout {shlex.join(sys.argv[1:])}",
        folder=_folder(),
        variables=variables,
        plan=plan or variables.get("ROLLOUT_PLAN", ""),
        environment=environment or variables.get("ROLLOUT_ENV", ""),
        store=store or variables.get("ROLLOUT_STORE", ""),
    )


def _folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:  # it was deleted under us; whoever names absolute paths needs none
        return _GONE


def actor(settings: Settings) -> str:
    """Who is typing: claimed, not proven. `ROLLOUT_ACTOR`, the CI's own variable, git's user.email, the login name."""
    for name in ("ROLLOUT_ACTOR", *CI_ACTORS):
        if settings.variables.get(name):
            return settings.variables[name]
    if email := _email_by_git(settings.folder):
        return email
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _email_by_git(folder: Path) -> str:
    """Empty where it has none to tell: no reason to stop. To load `subprocess` would take longer than git does."""
    reading, writing = os.pipe()
    to_us, to_nobody = (os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
    with os.fdopen(reading, "rb") as answer:
        try:
            command = ["git", "-C", str(folder), "config", "user.email"]
            git = os.posix_spawnp("git", command, os.environ, file_actions=[to_us, to_nobody])
        except OSError:
            return ""
        finally:
            os.close(writing)
        ready, _, _ = select([answer], [], [], 0.5)
        email = answer.read1(1000) if ready else b""
    if not email:  # none to tell, or no end of it
        os.kill(git, signal.SIGKILL)
    os.waitpid(git, 0)
    return email.decode(errors="replace").strip()
