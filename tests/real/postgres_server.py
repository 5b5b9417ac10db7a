"""A real PostgreSQL on a free loopback port, in a folder that is thrown away.

It refuses to run as root: there it runs as `postgres`, where that user exists, else as `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

SUPERUSER, PASSWORD = "admin", "s3cret-Pass/w@rd"

_PATIENCE = 60
_UNPACKED = Path(__file__).parents[2] / ".cache" / "postgres"
"""Where `make postgres` puts it."""

_SETTINGS = (
    *("fsync=off", "wal_level=minimal", "max_wal_senders=0"),
    *("unix_socket_directories=", "max_worker_processes=2", "lc_messages=C"),
)


@dataclass(frozen=True)
class PostgresServer:
    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def url(self, user: str = SUPERUSER, password: str = PASSWORD, database: str = "postgres") -> str:
        written = password.replace("/", "%2F").replace("@", "%40")
        return f"postgresql://{user}:{written}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str) -> list[tuple[object, ...]]:
        """As the superuser, each statement by itself; the rows of the last."""
        with psycopg.connect(self.url(), autocommit=True) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


def programs() -> Path:
    """The folder with `initdb` and `postgres`. Where there is none the test is skipped; it fails where one must be."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    places = os.pathsep.join([os.environ["PATH"], *map(str, debian), str(_UNPACKED / "bin")])
    initdb = shutil.which("initdb", path=places)
    if initdb:
        return Path(initdb).parent
    reason = "PostgreSQL is not installed: run `make postgres`, or put initdb and postgres on PATH"
    if os.environ.get("ROLLOUT_TESTS_REQUIRE_POSTGRES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def make_cluster(cluster: Path, *statements: str) -> None:
    """What a server needs to run, once and for all of them; `statements` have been run in it."""
    with _a_folder() as folder:
        data, password = folder / "data", folder / "password"
        password.write_text(PASSWORD)
        user = _user(folder, password)
        initdb = [str(programs() / "initdb"), f"--pgdata={data}", f"--username={SUPERUSER}", f"--pwfile={password}"]
        options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1"]
        subprocess.run([*initdb, *options], check=True, capture_output=True, timeout=_PATIENCE, user=user, cwd=folder)
        with _running(folder, user, end=signal.SIGINT) as server:
            server.run(*statements)
        _copy(data, cluster)


@contextmanager
def running_postgres(cluster: Path) -> Iterator[PostgresServer]:
    """With a copy of the cluster, which is thrown away."""
    with _a_folder() as folder:
        user = _user(folder)
        _copy(cluster, folder / "data")
        with _running(folder, user, end=signal.SIGQUIT) as server:
            yield server


@contextmanager
def _a_folder() -> Iterator[Path]:
    """Not pytest's own: nobody but its owner may look into that."""
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        yield Path(name)


def _copy(data: Path, to: Path) -> None:
    subprocess.run(["cp", "-pR", str(data), str(to)], check=True)  # with its owner


@contextmanager
def _running(folder: Path, user: str | None, *, end: signal.Signals) -> Iterator[PostgresServer]:
    port, log = free_port(), folder / "log"
    settings = [part for setting in (*_SETTINGS, f"port={port}") for part in ("-c", setting)]
    command = [str(programs() / "postgres"), "-D", str(folder / "data"), *settings]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, user=user, cwd=folder) as process,
    ):
        server = PostgresServer(port, folder, process)
        try:
            _wait_until_ready(server, log)
            yield server
        finally:
            process.send_signal(signal.SIGCONT)
            process.send_signal(end)


def _user(*owned: Path) -> str | None:
    """Who runs it, None for whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    for path in owned:
        os.chown(path, user.pw_uid, user.pw_gid)
    return user.pw_name


def _wait_until_ready(server: PostgresServer, log: Path) -> None:
    for _ in range(_PATIENCE * 20):
        with suppress(psycopg.OperationalError):
            server.run("select 1")
            return
        # Waits for the next attempt, and ends at once where PostgreSQL ended.
        with suppress(subprocess.TimeoutExpired):
            server.process.wait(timeout=0.05)
            break
    raise RuntimeError(f"PostgreSQL did not become ready:\n{log.read_text()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
