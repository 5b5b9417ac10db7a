"""The `sql` gate: which statements a plan may hold, and what comes of the rows that a database gives back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rollout.gates.sql import ExpectedRows, SqlGate, Statement
from rollout.model.conditions import parse_condition
from rollout.model.evidence import Unanswered
from rollout.model.gate import Scope
from rollout.model.probes import Rows, SqlQuestion
from rollout.model.verdicts import Finding, Outcome
from tests.fakes import NOON
from tests.plans.small import found_in, place_of_mark, small

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
QUERY = "select 1 where false"
SCOPE = Scope("production", NOON)
QUESTION = SqlQuestion("production", "${DATABASE_URL}", QUERY)


def gate(rows: str = "", value: str = "", unit: str = "") -> SqlGate:
    expected = [parse_condition(text) if text else None for text in (rows, value)]
    return SqlGate(statement=Statement("${DATABASE_URL}", QUERY), expect=ExpectedRows(*expected), unit=unit)


def judged(one: SqlGate, answer: Rows | Unanswered) -> Finding:
    return one.judge({QUESTION: answer}, SCOPE)


def test_it_asks_its_statement_with_the_url_as_written() -> None:
    assert gate("== 0").needs(SCOPE) == (QUESTION,)
    assert (gate("== 0").words, gate(value="< 0.1%").words) == (f"{QUERY}: rows == 0", f"{QUERY}: < 0.1%")
    assert gate("== 0").settles == timedelta()


@pytest.mark.parametrize(
    ("condition", "count", "outcome", "reason"),
    [
        ("== 0", 0, PASS, "number of rows: 0 is exactly 0"),
        ("== 0", 3, FAIL, "number of rows: 3 is not exactly 0"),
        ("> 0", 0, FAIL, "number of rows: 0 is not above 0"),
        (">= 1 and < 10", 5, PASS, "number of rows: 5 is at least 1 and 5 is below 10"),
    ],
)
def test_rows_are_counted(condition: str, count: int, outcome: Outcome, reason: str) -> None:
    finding = judged(gate(condition), Rows(count, value=99))
    assert (finding.outcome, finding.reason) == (outcome, reason)
    assert (finding.observed, finding.unit, finding.require, finding.query) == (count, "count", condition, QUERY)


@pytest.mark.parametrize(
    ("condition", "unit", "value", "outcome", "reason"),
    [
        ("< 0.1%", "", 0.0005, PASS, "0.05 % is below 0.1 %"),
        ("< 0.1%", "%", 0.5, FAIL, "0.5 % is not below 0.1 %"),
        ("<= 15ms", "s", 0.02, FAIL, "20 ms is not at most 15 ms"),
        ("== 0", "", 0.0, PASS, "0 is exactly 0"),
    ],
)
def test_the_only_value_is_judged_in_its_unit(
    condition: str, unit: str, value: float, outcome: Outcome, reason: str
) -> None:
    one = gate(value=condition, unit=unit)
    finding = judged(one, Rows(1, value))
    assert (finding.outcome, finding.reason) == (outcome, reason)
    assert (finding.observed, finding.unit) == (value, one.measured_in)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Rows(0), "no rows came back where the value of one was expected"),
        (Rows(3), "3 rows came back where the value of one was expected"),
        (Rows(2, 0.0), "2 rows came back where the value of one was expected"),
        (Rows(1, None, "NULL"), "the only row holds NULL where a number was expected"),
        (Rows(1, None, "2 columns"), "the only row holds 2 columns where a number was expected"),
        (Unanswered("the variable DATABASE_URL is not set"), "the variable DATABASE_URL is not set"),
    ],
)
@pytest.mark.parametrize("condition", ["== 0", "!= 7", "< 1", ">= 0"])
def test_no_value_is_neither_a_pass_nor_a_failure(answer: Rows | Unanswered, reason: str, condition: str) -> None:
    finding = judged(gate(value=condition), answer)
    assert (finding.outcome, finding.reason, finding.observed) == (UNKNOWN, reason, None)


def test_who_could_not_be_asked_has_no_rows() -> None:
    finding = judged(gate("== 0"), Unanswered("connection refused"))
    assert (finding.outcome, finding.reason, finding.observed, finding.unit) == (
        UNKNOWN,
        "connection refused",
        None,
        "count",
    )


def test_no_database_tells_what_it_held_at_a_past_moment() -> None:
    past = Scope("production", NOON, at=NOON)
    assert gate("== 0").needs(past) == ()
    finding = gate("== 0").judge({}, past)
    assert (finding.outcome, finding.reason) == (UNKNOWN, "a database cannot be asked as of a past moment")


def test_the_url_shows_nowhere() -> None:
    one = SqlGate(statement=Statement("postgresql://u:hunter2@h/db", QUERY), expect=gate("== 0").expect)
    assert "hunter2" not in f"{one!r} {one.needs(SCOPE)!r} {one.words}"


READING = [
    "select 1",
    "SELECT 1;",
    "select 1 ;\n-- and that is all; really\n",
    "((select 1))",
    "-- why\n/* and\nhow; */ ( select 1 )",
    "with a as (select 1) select * from a",
    "values (1), (2)",
    "table orders",
    "show max_connections",
    "explain select 1",
    "select ';' || ';;'",
    "select 'it''s; so'",
    r"select E'it\'s; so'",
    r"select 'C:\' || ';'",
    "select date'2026-01-01' where 1 = 1",
    'select 1 as "a;b", `c;d` from t',
    "select $$a; b$$, $tag$ $$; $tag$",
    "select 1 /* a; b */ + 1",
    "select '5%' where a like '%;%'",
]


@pytest.mark.parametrize("query", READING)
def test_a_statement_that_reads_is_taken_as_written(query: str) -> None:
    assert Statement("x", query).query == query


REFUSED = {
    "insert into t values (1)": "this statement begins with 'insert', not with select, with, values, table, show,",
    "update t set a = 1": "begins with 'update'",
    "(delete from t)": "begins with 'delete'",
    "-- select\ndrop table t": "begins with 'drop'",
    "/* select */ truncate t": "begins with 'truncate'",
    "copy t to program 'sh'": "begins with 'copy'",
    "selects": "begins with 'selects'",
    "begin": "begins with 'begin'",
    "call f()": "begins with 'call'",
    "-- select 1": "is empty, or begins with no word",
    "; select 1": "is empty, or begins with no word",
    "/* select 1": "is empty, or begins with no word",
    "select 1; select 2": "these are several statements | write one statement, which only reads",
    "select 1; commit; drop table t": "these are several statements",
    "select ''; drop table t": "these are several statements",
    "select $$a$$; drop table t --": "these are several statements",
    "select 1 /* ; */ ; drop table t": "these are several statements",
}


@pytest.mark.parametrize("query", REFUSED)
def test_a_statement_that_cannot_be_meant_to_read_is_an_error_of_the_plan(query: str) -> None:
    written = query.replace("\n", "\\n")
    gates = f'gates: {{low: {{sql: {{url: x, query: §"{written}"}}, expect: {{rows: 0}}}}}}'
    text, place = place_of_mark(small(gates))
    (found,) = [line for line in found_in(text) if REFUSED[query] in line]
    assert found.startswith(f"{place} error ")


def test_a_unit_is_for_a_value() -> None:
    gates = "gates: {low: {sql: {url: x, query: select 1}, expect: {rows: 0}, unit: §ratio}}"
    text, place = place_of_mark(small(gates))
    assert found_in(text)[0].startswith(f"{place} error a unit is for a value, and rows are counted")
