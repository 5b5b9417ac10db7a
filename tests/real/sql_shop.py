"""What a database for tests holds, and how a test asks it."""

from __future__ import annotations

from pathlib import Path

from rollout.model.evidence import Unanswered
from rollout.model.probes import Rows, SqlQuestion
from rollout.sources.sql import SqlSource

READER = "reader", "r3ader:Pass"

MADE = (
    "create table orders (id serial primary key, buyer text)",
    "insert into orders (buyer) values ('anna'), ('žofie')",
    "create table many as select generate_series(1, 1000001) as n",
    "create sequence numbers",
    "create view last_order as select max(id) from orders",
    "create function writes() returns int language plpgsql volatile as "
    "$$ begin insert into orders (buyer) values ('f'); return 1; end $$",
    "create function frees() returns int language plpgsql as "
    "$$ begin set transaction read write; insert into orders (buyer) values ('f'); return 1; end $$",
    "create function commits() returns int language plpgsql as $$ begin commit; return 1; end $$",
    "create procedure writing() language sql as $$ insert into orders (buyer) values ('p') $$",
    "select lo_from_bytea(4711, 'large')",
    f"create role {READER[0]} login password '{READER[1]}'",
    f"grant select on all tables in schema public to {READER[0]}",
)


def answer(url: str, query: str, patience: float = 20) -> Rows | Unanswered:
    question = SqlQuestion("production", "${DATABASE_URL}", query)
    variables = {"DATABASE_URL": url}
    return SqlSource(lambda _: variables.get, Path(), patience).ask([question])[question]


def refusal(url: str, query: str = "select 1", patience: float = 20) -> str:
    said = answer(url, query, patience)
    assert isinstance(said, Unanswered), said
    return said.reason
