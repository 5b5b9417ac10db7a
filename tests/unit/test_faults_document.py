"""docs/faults.md says what is so: every test that it names exists, every fault has its row, every figure is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = [re.split(r" *(?<!\\)\| *", line)[1:-1] for line in TEXT.splitlines() if re.match(r"\| [A-Z]\d+ \|", line)]
LAST = {"A": 20, "C": 29, "D": 22, "E": 10, "G": 15, "H": 10}
"""Of each letter's rows."""

NAMED = sorted(set(re.findall(r"`(tests/[^`]*)`", TEXT)))


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_is_named_exists(name: str) -> None:
    path, separator, function = name.partition("::")
    assert separator
    assert (ROOT / path).is_file()
    assert function.startswith("test_")
    assert function in functions(path)


def test_every_fault_has_its_row_once_and_in_its_order() -> None:
    assert [row[0] for row in ROWS] == [f"{letter}{n}" for letter, last in LAST.items() for n in range(1, last + 1)]


def test_every_row_is_whole_and_no_fault_stands_twice() -> None:
    assert [row for row in ROWS if len(row) != 4 or not all(row)] == []
    assert len({row[1] for row in ROWS}) == len(ROWS)


def test_a_row_without_a_test_says_why() -> None:
    silent = [row[0] for row in ROWS if "tests/" not in row[3] and not re.search("Not yet: |see section 2", row[2])]
    assert silent == []


def test_every_figure_has_been_filled_in() -> None:
    assert "TO BE FILLED" not in TEXT, "make faults prints them"
