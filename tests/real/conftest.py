"""A real PostgreSQL with a small shop in it, for every test that asks one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.postgres_server import PostgresServer, make_cluster, running_postgres
from tests.real.sql_shop import MADE


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop's; the first of pytest's workers that needs it makes it for all."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    made, new = shared / "cluster", shared / "cluster.new"
    with (shared / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            make_cluster(new, *MADE)
            new.rename(made)
    return made


@pytest.fixture(scope="session")
def postgres(cluster: Path) -> Iterator[PostgresServer]:
    """For tests that leave it as it was."""
    with running_postgres(cluster) as server:
        yield server
