"""The door of `rollback --emergency` lets in only what Typer reads in the same way."""

from __future__ import annotations

import pytest
import typer.main
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.exceptions import TyperException

from rollout.cli.app import app
from rollout.cli.emergency import Wanted, understood

ROLLBACK = typer.main.get_group(app).commands["rollback"]
WORDS = [
    *("--emergency", "--emergency", "--emergency", "--emergenc", "--emergency=yes", "--yes", "-y", "--dry-run", "-yy"),
    *("--plan", "-p", "--env", "-e", "--store", "-o", "--output", "--reason", "--level", "--to", "--flags"),
    *("--plan=a", "--env=", "-e=a", "-ea", "--store=sqlite:a=b", "-ojson", "-o=json", "--output=json", "--reason=x y"),
    *("--verbose", "-v", "--debug", "-vy", "-yv", "--verbose=1"),
    *("--approved-by", "--confirm", "--help", "-h", "--version", "--no-such-option", "--", "-", "", "-5"),
    *("plan.yaml", "shop@test", "json", "table", "junit", "emergency", "sqlite:a.db", "Ärger", "a b"),
]
UNTOUCHED = {
    "level": None,
    "to": None,
    "flags": None,
    "approved_by": "",
    "confirm": "",
    "debug": False,
}


def read_by_typer(words: list[str]) -> dict[str, object] | None:
    """The parameters, None where Typer refuses or shows its help."""
    try:
        return dict(ROLLBACK.make_context("rollback", list(words)).params)
    except (TyperException, typer.Exit):
        return None


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=7))
@example(["plan.yaml", "--env", "test", "--emergency", "--reason", "a b", "-o", "json", "--store=sqlite:a=b", "-y"])
@example(["--emergency", "--reason", "first", "--reason", "second", "--dry-run"])
@example(["--reason", "--emergency"])
def test_what_the_door_understands_typer_reads_in_the_same_way(words: list[str]) -> None:
    wanted = understood(["rollback", *words])
    if wanted is not None:
        params = read_by_typer(words)
        assert params is not None
        assert {name: params.pop(name) for name in ("emergency", "yes")} == {
            "emergency": True,
            "yes": "--yes" in words or "-y" in words,
        }
        assert params == vars(wanted) | UNTOUCHED


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--emergency"], Wanted()),
        (["plan.yaml", "--emergency", "--yes"], Wanted(plan="plan.yaml")),
        (
            ["-p", "shop", "-e", "test", "-o", "json", "--emergency"],
            Wanted(plan_option="shop", env="test", output="json"),
        ),
        (["--emergency", "--reason=too slow", "--dry-run"], Wanted(reason="too slow", dry_run=True)),
        (["--emergency", "--verbose"], Wanted(verbose=True)),
        (["-v", "--emergency"], Wanted(verbose=True)),
    ],
)
def test_an_ordinary_emergency_passes_the_door(words: list[str], wanted: Wanted) -> None:
    assert understood(["rollback", *words]) == wanted


@pytest.mark.parametrize(
    "words",
    [
        ["rollback"],
        ["rollback", "--yes"],
        ["advance", "--emergency"],
        ["--emergency", "rollback"],
        ["rollback", "--emergency", "--help"],
        ["rollback", "--emergency", "--level", "partial"],
        ["rollback", "--emergency", "-o", "junit"],
        ["rollback", "--emergency", "one", "two"],
        ["rollback", "--emergency", "--reason"],
        ["rollback", "--emergency", "--debug"],
    ],
)
def test_everything_else_is_left_to_typer(words: list[str]) -> None:
    assert understood(words) is None
