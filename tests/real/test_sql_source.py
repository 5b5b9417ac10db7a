"""What a real PostgreSQL says to statements that read, and what is said of one that is late, gone or closed."""

from __future__ import annotations

import resource
import signal
import sys
from pathlib import Path
from threading import Thread
from time import monotonic

import psycopg
import pytest

from rollout.model.evidence import Unanswered
from rollout.model.probes import Rows, SqlQuestion
from rollout.sources.sql import SqlSource
from tests.real.postgres_server import PASSWORD, SUPERUSER, PostgresServer, running_postgres
from tests.real.sql_shop import READER, answer, refusal

ROWS = {
    "select 1 where false": Rows(0),
    "select id from orders": Rows(2),
    "select id from orders where buyer = 'žofie';": Rows(1, 2),
    "(select 1)": Rows(1, 1),
    "table orders": Rows(2),
    "values (1), (2), (3)": Rows(3),
    "with all_of as (select * from orders) select count(*) from all_of": Rows(1, 2),
    "select 0.1::numeric -- a comment": Rows(1, 0.1),
    "select 1.5::float8": Rows(1, 1.5),
    "select -7::smallint": Rows(1, -7),
    "select 3::bigint": Rows(1, 3),
    "select count(*) from orders where buyer like '%n%a'": Rows(1, 1),
    "select max from last_order": Rows(1, 2),
    "select null::int": Rows(1, None, "NULL"),
    "select 'NaN'::numeric": Rows(1, None, "NaN"),
    "select 'NaN'::float4": Rows(1, None, "NaN"),
    "select 'infinity'::float8": Rows(1, None, "a number beyond all that can be judged"),
    "select 10::numeric ^ 400": Rows(1, None, "a number beyond all that can be judged"),
    "select true": Rows(1, None, "a value of the type bool"),
    "select '7'": Rows(1, None, "a value of the type text"),
    "select '7'::jsonb": Rows(1, None, "a value of the type jsonb"),
    "select now()": Rows(1, None, "a value of the type timestamptz"),
    "select row(1)": Rows(1, None, "a value of the type record"),
    "select 1, 2": Rows(1, None, "2 columns"),
    "select": Rows(1, None, "0 columns"),
    "select 1 union all select 2": Rows(2),
    "show server_version": Rows(1, None, "a text"),
    "explain select 1": Rows(1, None, "a text"),
    "select n from many limit 1000000": Rows(1_000_000),
}


@pytest.mark.parametrize("query", ROWS)
def test_a_statement_gives_its_rows(postgres: PostgresServer, query: str) -> None:
    assert answer(postgres.url(), query) == ROWS[query]


def test_more_than_a_million_rows_are_not_counted(postgres: PostgresServer) -> None:
    assert refusal(postgres.url(), "select n from many").endswith(
        "more than 1,000,000 rows came back; let the query count them"
    )


def test_a_million_rows_are_counted_quickly(postgres: PostgresServer) -> None:
    began = monotonic()
    assert answer(postgres.url(), "select n, repeat('x', 100) from many limit 1000000") == Rows(1_000_000)
    assert monotonic() - began < 5


def test_a_text_of_200_mb_stays_where_it_is(postgres: PostgresServer) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert answer(postgres.url(), "select repeat('x', 200000000)") == Rows(1, None, "a value of the type text")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


def test_a_reader_reads(postgres: PostgresServer) -> None:
    assert answer(postgres.url(*READER), "select id from orders") == Rows(2)
    assert "permission denied for sequence numbers" in refusal(postgres.url(*READER), "select last_value from numbers")


SLEEPING = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"


def awaken(server: PostgresServer) -> None:
    """Waits until nobody sleeps at the server any more."""
    deadline = monotonic() + 5
    while server.run(SLEEPING) != [(0,)]:
        assert monotonic() < deadline, "a statement goes on after its time"


@pytest.mark.parametrize(
    "query",
    [
        "select pg_sleep(20)",
        "select length(pg_sleep(20)::text)",
        "select n from many where pg_sleep(20) is null",
        "explain analyze select pg_sleep(20)",
        "select case n when 1 then length(set_config('statement_timeout', '0', true)) else length(pg_sleep(20)::text) "
        "end from generate_series(1, 2) as n",
    ],
)
def test_a_statement_that_lasts_is_given_up_and_ended_at_the_server(postgres: PostgresServer, query: str) -> None:
    began = monotonic()
    assert refusal(postgres.url(), query, 0.5).endswith("/postgres: no whole answer within 0.5 s")
    assert monotonic() - began < 5
    awaken(postgres)


def test_a_table_that_is_locked_is_waited_for_until_the_deadline(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.url()) as other:
        other.execute("lock table orders in access exclusive mode")
        assert "no whole answer within 0.5 s" in refusal(postgres.url(), "table orders", 0.5)


def test_all_questions_are_asked_at_once(postgres: PostgresServer) -> None:
    questions = [SqlQuestion("production", "${URL}", f"select {n} where pg_sleep(1) is not null") for n in range(6)]
    began = monotonic()
    answers = SqlSource(lambda _: {"URL": postgres.url()}.get, Path()).ask([*questions, *questions])
    assert list(answers.items()) == [(question, Rows(1, n)) for n, question in enumerate(questions)]
    assert monotonic() - began < 4


def test_a_server_that_says_nothing_is_given_up(cluster: Path) -> None:
    with running_postgres(cluster) as server:
        server.process.send_signal(signal.SIGSTOP)
        began = monotonic()
        assert "no whole answer within 0.5 s" in refusal(server.url(), patience=0.5)
        assert monotonic() - began < 5


def test_a_server_that_stops_in_between_gives_no_rows(cluster: Path) -> None:
    with running_postgres(cluster) as server:
        said: list[str] = []
        asking = Thread(target=lambda: said.append(refusal(server.url(), "select pg_sleep(20)")))
        asking.start()
        while server.run(SLEEPING) == [(0,)]:
            assert asking.is_alive()
        server.process.send_signal(signal.SIGINT)
        asking.join(10)
    assert "terminating connection due to administrator command" in said[0]


def test_a_connection_that_is_closed_in_between_gives_no_rows(postgres: PostgresServer) -> None:
    said = refusal(postgres.url(), "select pg_terminate_backend(pg_backend_pid())")
    assert said.endswith("terminating connection due to administrator command")


def test_what_is_said_holds_no_user_no_password_and_no_parameter(postgres: PostgresServer) -> None:
    url = postgres.url
    reasons = [
        refusal(url(password="hunter2-Wrong")),
        refusal(url(user="hunter2-user", password="x")),
        refusal(url(user="me")),
        refusal(url(database="orders")),
        refusal(url() + "?application_name=hunter2-app", "select nope"),
        refusal(url() + "?sslmode=hunter2-mode"),
        refusal(url() + "?port=hunter2-port"),
        refusal(url() + "?hunter=hunter2-value"),
        refusal(url() + "?autocommit=hunter2-on"),
        refusal(url(), f"select cast('{PASSWORD}' as int)"),
        refusal(url(), f"select cast('{SUPERUSER}' as int)"),
        refusal(url() + "?application_name=s3cret", f"select cast('{PASSWORD}' as int)"),
    ]
    where = f"postgresql://127.0.0.1:{postgres.port}/"
    for reason in reasons:
        assert reason.startswith(where)
        for secret in ("hunter2", PASSWORD, SUPERUSER, "w@rd", '"me"', "%2F", "sqlalche.me"):
            assert secret not in reason
    assert 'password authentication failed for user "***"' in reasons[0]
    assert 'database "orders" does not exist' in reasons[3]
    assert 'column "nope" does not exist' in reasons[4]


def test_a_port_that_nobody_listens_at_refuses() -> None:
    assert "Connection refused" in refusal("postgres://me:hunter2@127.0.0.1:1/orders")


def test_a_host_that_is_none_cannot_be_found() -> None:
    assert "hunter2" not in refusal("postgresql+asyncpg://me:hunter2@nowhere.invalid/orders")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "cannot be read"),
        ("hunter2", "cannot be read"),
        ("postgresql://me:hunter2", "cannot be read"),
        ("postgresql://me:hunter2@host:port/db", "cannot be read"),
        ("postgresql://me:hun/ter2@hunter2@host/db", "must not hold a second @"),
        ("postgresql://me/hunter2:hunter2@host/db", "must not hold a second @"),
        ("postgresql://me:hunter2@host/db\n", "a character that cannot be printed"),
        ("oracle+cx://me:hunter2@host/db?x=hunter2", "oracle+cx://host/db: no such database can be asked; known are"),
    ],
)
def test_a_url_that_names_no_database_is_not_repeated(url: str, reason: str) -> None:
    said = refusal(url)
    assert reason in said
    assert "hunter2" not in said


def test_a_variable_that_is_not_set_is_named() -> None:
    question = SqlQuestion("production", "${DATABASE_URL}", "select 1")
    answers = SqlSource(lambda _: lambda _: None, Path()).ask([question])
    assert answers == {question: Unanswered("the variable DATABASE_URL is not set", unset="DATABASE_URL")}


@pytest.mark.parametrize("library", ["sqlalchemy.engine", "psycopg"])
def test_a_library_that_is_not_installed_is_named_with_its_remedy(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    assert refusal("postgresql://me@127.0.0.1:1/db").endswith("pip install 'rollout[sql]'")
