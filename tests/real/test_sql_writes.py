"""Whatever a statement tries, even for a superuser, a real PostgreSQL holds afterwards what it held before."""

from __future__ import annotations

import psycopg
import pytest

from rollout.model.probes import Rows
from tests.real.postgres_server import PostgresServer
from tests.real.sql_shop import READER, answer, refusal

HELD = """
select (select array_agg(orders::text) from orders), (select count(*) from many), (select last_value from numbers),
    (select count(*) from pg_class), (select count(*) from pg_proc), (select count(*) from pg_largeobject_metadata)
"""

READ_ONLY = "in a read-only transaction"
TOO_LATE = "read-write mode must be set before any query"
NO_CURSOR = "syntax error at or near"
SEVERAL = "cannot insert multiple commands into a prepared statement"

WRITES = {
    "insert into orders (buyer) values ('x')": NO_CURSOR,
    "update orders set buyer = ''": NO_CURSOR,
    "delete from orders": NO_CURSOR,
    "truncate orders": NO_CURSOR,
    "drop table orders": NO_CURSOR,
    "create temp table own (a int)": NO_CURSOR,
    "create table own as select 1": NO_CURSOR,
    "grant all on orders to public": NO_CURSOR,
    "call writing()": NO_CURSOR,
    "do $$ begin insert into orders (buyer) values ('x'); end $$": NO_CURSOR,
    "commit": NO_CURSOR,
    "begin read write": NO_CURSOR,
    "set transaction read write": NO_CURSOR,
    "set session default_transaction_read_only = off": NO_CURSOR,
    "copy orders from '/etc/hostname'": NO_CURSOR,
    "copy (select 1) to program 'touch FOLDER/written'": NO_CURSOR,
    "copy (select 1) to 'FOLDER/written'": NO_CURSOR,
    "with x as (insert into orders (buyer) values ('x') returning 1) select 1": "must not contain data-modifying",
    "with x as (update orders set buyer = '' returning 1) select * from x": "must not contain data-modifying",
    "with x as (delete from orders returning 1) table x": "must not contain data-modifying",
    "select * into own from orders": "SELECT ... INTO is not allowed here",
    "select nextval('numbers')": READ_ONLY,
    "select setval('numbers', 9)": READ_ONLY,
    "select * from orders for update": READ_ONLY,
    "select writes()": READ_ONLY,
    "select count(*) from orders where writes() = 1": READ_ONLY,
    "select frees()": TOO_LATE,
    "select set_config('transaction_read_only', 'off', false), writes()": TOO_LATE,
    "select set_config('default_transaction_read_only', 'off', false), writes()": READ_ONLY,
    "select commits()": "invalid transaction termination",
    "select query_to_xml('insert into orders (buyer) values (1)', true, true, '')": "INSERT is not allowed",
    "explain analyze insert into orders (buyer) values ('x')": READ_ONLY,
    "explain analyze select writes()": READ_ONLY,
    "select 1; select 2": SEVERAL,
    "select 1; commit; drop table orders": SEVERAL,
    "select 1; set transaction read write; drop table orders": SEVERAL,
    "select 1; rollback; begin; drop table orders; commit": SEVERAL,
    "explain select 1; commit; drop table orders": SEVERAL,
    "show search_path; commit; drop table orders": SEVERAL,
}


@pytest.mark.parametrize("query", WRITES)
def test_nothing_is_written_even_by_a_superuser_whose_url_asks_for_it(postgres: PostgresServer, query: str) -> None:
    url = postgres.url() + "?options=-c%20default_transaction_read_only%3Doff"
    before = postgres.run(HELD)
    assert WRITES[query] in refusal(url, query.replace("FOLDER", str(postgres.folder)))
    assert postgres.run(HELD) == before
    assert not (postgres.folder / "written").exists()


@pytest.mark.parametrize(
    "query", ["select lo_create(0)", "select lo_from_bytea(0, 'x')", "select pg_notify('news', 'x')"]
)
def test_what_a_reading_transaction_lets_through_is_taken_back(postgres: PostgresServer, query: str) -> None:
    before = postgres.run(HELD)
    with psycopg.connect(postgres.url(), autocommit=True) as listener:
        listener.execute("listen news")
        answer(postgres.url(), query)
        assert list(listener.notifies(timeout=0)) == []
    assert postgres.run(HELD) == before


OUTSIDE = {
    "select pg_read_file('FOLDER/log')": "pg_read_file",
    "select lo_export(4711, 'FOLDER/exported')": "lo_export",
    "select pg_reload_conf()": "pg_reload_conf",
}


@pytest.mark.parametrize("query", OUTSIDE)
def test_effects_outside_of_tables_are_up_to_the_rights_of_the_user(postgres: PostgresServer, query: str) -> None:
    """A superuser can still have the server write a file: no transaction holds that back."""
    written = query.replace("FOLDER", str(postgres.folder))
    assert f"permission denied for function {OUTSIDE[query]}" in refusal(postgres.url(*READER), written)
    assert isinstance(answer(postgres.url(), written), Rows)
