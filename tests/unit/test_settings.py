"""Where the record is kept when nobody says so."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rollout.settings import Settings

WITHOUT_HOME = """
import os
from datetime import UTC, datetime
from pathlib import Path
from rollout.errors import UsageError
from rollout.settings import Settings
os.setuid(54321)
try:
    print(Settings("rollout list", datetime.now(UTC), Path("/"), {}).default_store)
except UsageError as error:
    print(error.message, "|", error.hint)
"""


def settings(**variables: str) -> Settings:
    return Settings("rollout list", datetime.now(UTC), Path("/"), variables)


def test_the_record_is_kept_in_the_users_state_directory() -> None:
    assert settings(XDG_STATE_HOME="/state", HOME="/home/ana").default_store == "sqlite:/state/rollout/store.db"
    assert settings(HOME="/home/ana").default_store == "sqlite:/home/ana/.local/state/rollout/store.db"
    assert settings(XDG_STATE_HOME="not/absolute", HOME="/home/ana").default_store.startswith("sqlite:/home/ana/")


def test_without_HOME_the_users_own_directory_is_looked_up() -> None:  # noqa: N802  the variable is spelt so
    home = pwd.getpwuid(os.getuid()).pw_dir
    assert settings().default_store == f"sqlite:{home}/.local/state/rollout/store.db"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user without a home directory")
def test_a_user_without_a_home_directory_is_told_to_name_a_store() -> None:
    finished = subprocess.run([sys.executable, "-c", WITHOUT_HOME], capture_output=True, text=True, check=True)
    assert finished.stdout == (
        "there is no home directory to keep the record in | name a store: --store sqlite:PATH or ROLLOUT_STORE\n"
    )
