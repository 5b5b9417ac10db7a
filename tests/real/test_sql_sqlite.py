"""What a real SQLite file says: it is read, never written, never made."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from rollout.model.evidence import Unanswered
from rollout.model.probes import Rows, SqlQuestion
from rollout.sources.sql import SqlSource

COUNTING = "with recursive n(i) as (select 1 union all select i + 1 from n {}) select i from n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "shöp.db", isolation_level=None)) as connection:
        connection.execute("create table orders (id integer primary key, buyer text)")
        connection.execute("insert into orders (buyer) values ('anna'), ('žofie'), (cast(x'ff' as text))")
        yield connection


def answer(folder: Path, query: str = "select 1", url: str = "sqlite:///shöp.db", patience: float = 20) -> object:
    question = SqlQuestion("production", url, query)
    return SqlSource(lambda _: lambda _: None, folder, patience).ask([question])[question]


def refusal(folder: Path, query: str = "select 1", url: str = "sqlite:///shöp.db", patience: float = 20) -> str:
    said = answer(folder, query, url, patience)
    assert isinstance(said, Unanswered), said
    return said.reason


ROWS = {
    "select 1 where false": Rows(0),
    "select * from orders": Rows(3),
    "select count(*) from orders where buyer = 'žofie'": Rows(1, 1),
    "values (1), (2);": Rows(2),
    "select 0.5 -- a comment": Rows(1, 0.5),
    "select null": Rows(1, None, "NULL"),
    "select '7'": Rows(1, None, "a text"),
    "select x'07'": Rows(1, None, "a text"),
    "select 9e999": Rows(1, None, "a number beyond all that can be judged"),
    "select 1, 2": Rows(1, None, "2 columns"),
    COUNTING.format("limit 1000000"): Rows(1_000_000),
}


@pytest.mark.parametrize("query", ROWS)
@pytest.mark.usefixtures("shop")
def test_a_statement_gives_its_rows(tmp_path: Path, query: str) -> None:
    assert answer(tmp_path, query) == ROWS[query]


@pytest.mark.usefixtures("shop")
def test_an_absolute_path_and_the_driver_s_name_are_understood(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/shöp.db", f"sqlite+pysqlite:///{tmp_path}/sh%C3%B6p.db"):
        assert answer(Path("/"), "select 1", url) == Rows(1, 1)


WRITES = {
    "insert into orders (buyer) values ('x')": "attempt to write a readonly database",
    "update orders set buyer = ''": "attempt to write a readonly database",
    "delete from orders": "attempt to write a readonly database",
    "drop table orders": "attempt to write a readonly database",
    "create temp table own (a)": "attempt to write a readonly database",
    "with a(b) as (values (7)) insert into orders (id) select b from a": "attempt to write a readonly database",
    "pragma user_version = 7": "attempt to write a readonly database",
    "vacuum into 'copy.db'": "too many attached databases",
    "select load_extension('x')": "not authorized",
    "select 1; drop table orders": "one statement at a time",
    "pragma query_only = off": "the statement returns no rows",
    "begin": "the statement returns no rows",
}


@pytest.mark.parametrize("query", WRITES)
def test_nothing_is_written(tmp_path: Path, shop: sqlite3.Connection, query: str) -> None:
    before = (tmp_path / "shöp.db").read_bytes()
    assert WRITES[query] in refusal(tmp_path, query)
    assert (tmp_path / "shöp.db").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["shöp.db"]
    assert shop.execute("pragma user_version").fetchone() == (0,)


@pytest.mark.usefixtures("shop")
def test_more_than_a_million_rows_are_not_counted(tmp_path: Path) -> None:
    assert "more than 1,000,000 rows" in refusal(tmp_path, COUNTING.format(""))


@pytest.mark.usefixtures("shop")
def test_a_statement_that_lasts_is_given_up(tmp_path: Path) -> None:
    began = monotonic()
    assert "no whole answer within 0.3 s" in refusal(
        tmp_path, f"select max(i) from ({COUNTING.format('')})", patience=0.3
    )
    assert monotonic() - began < 5


@pytest.mark.usefixtures("shop")
def test_a_value_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "string or blob too big" in refusal(tmp_path, "select zeroblob(500000000)")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


def test_a_file_that_is_missing_is_not_made(tmp_path: Path) -> None:
    assert refusal(tmp_path, url="sqlite:///no.db") == "sqlite:///no.db: there is no such file"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert refusal(tmp_path, url=f"sqlite:///{tmp_path}").endswith(": that is no file")


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"certainly not a database" * 400)
    assert "file is not a database" in refusal(tmp_path, "select * from sqlite_master", url="sqlite:///no.db")


def test_a_database_that_is_damaged_says_so(tmp_path: Path, shop: sqlite3.Connection) -> None:
    shop.execute("insert into orders (buyer) " + COUNTING.format("limit 2000"))
    whole = (tmp_path / "shöp.db").read_bytes()
    (tmp_path / "no.db").write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert "database disk image is malformed" in refusal(tmp_path, "select * from orders", url="sqlite:///no.db")


def test_a_database_that_somebody_has_locked_is_waited_for_until_the_deadline(
    tmp_path: Path, shop: sqlite3.Connection
) -> None:
    shop.execute("begin exclusive")
    began = monotonic()
    assert "no whole answer within 0.3 s" in refusal(tmp_path, "select * from orders", patience=0.3)
    assert monotonic() - began < 5


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:shöp.db?mode=rwc&uri=true"])
@pytest.mark.usefixtures("shop")
def test_a_url_that_names_no_file_is_refused(tmp_path: Path, url: str) -> None:
    assert "write sqlite:///FOLDER/FILE" in refusal(tmp_path, url=url)
