"""A real PostgreSQL with a small shop in it, for every test that asks one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.postgres_server import PostgresServer, running_postgres
from tests.real.sql_shop import MADE


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """For tests that leave it as it was."""
    with running_postgres() as server:
        server.run(*MADE)
        yield server
