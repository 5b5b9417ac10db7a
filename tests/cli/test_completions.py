"""What is offered behind a Tab, and that to look for it changes nothing and disturbs nobody."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.cli.completing.shells import SCRIPTS
from rollout.cli.completing.words import quoted, split
from rollout.cli.completion_script import script
from tests.cli.completing import NASTY, ODD, PLAN, Tab, shop_in
from tests.cli.desk import Desk
from tests.warm.running import Warm

COMPLETIONS = Path(__file__).parents[2] / "completions"


@pytest.fixture(name="shop")
def shop_desk(tmp_path: Path, warm: Warm) -> Desk:
    return shop_in(tmp_path, warm)


@pytest.fixture(name="begun")
def begun_shop(shop: Desk) -> Desk:
    assert shop("advance", "--yes", "shop").code == 0
    return shop


@pytest.fixture
def tab(begun: Desk) -> Tab:
    """At its first step, in production."""
    return Tab(begun)


@pytest.fixture(name="looking", scope="module")
def tab_that_only_looks(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Tab:
    """The same, for all that change nothing."""
    shop = shop_in(tmp_path_factory.mktemp("shop"), warm)
    assert shop("advance", "--yes", "shop").code == 0
    return Tab(shop)


def test_the_kept_completion_scripts_are_current() -> None:
    kept = {path.name: path.read_text() for path in COMPLETIONS.iterdir()}
    assert kept == {name: script(shell) for shell, name in SCRIPTS.items()}, "run: make completions"


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_command_prints_the_script(shop: Desk, shell: str) -> None:
    assert shop("completion", shell).out == script(shell)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rollout adv", ["advance"]),
        ("rollout status --e", ["--env"]),
        ("rollout status ", ["shop", "shop@production"]),
        ("rollout status --plan=shop@", ["--plan=shop@production"]),
        ("rollout lint s", ["shop"]),
        ("rollout status -e ", ["production", "staging"]),
        ("rollout status --env=", ["--env=production", "--env=staging"]),
        ("rollout check-gates --phase ", ["canary", "full"]),
        ("rollout check-gates --env staging --phase t", ["tested"]),
        ("rollout check-gates -e staging --phase t", ["tested"]),
        ("rollout check-gates --stage e", ["entry", "exit"]),
        ("rollout status -o j", ["json"]),
        ("rollout advance --to ", ["canary/second"]),
        ("rollout advance --from ", []),
        ("rollout advance --override ", ["corruption", "window"]),
        ("rollout advance --override window --override ", ["corruption"]),
        ("rollout rollback --to ", []),
        ("rollout rollback --level ", ["emergency", "partial"]),
        ("rollout rollback --level em", ["emergency"]),
        ("rollout rollback --flags ", ["CHECKOUT", "SHARE"]),
        ("rollout rollback --flags CHECKOUT,", ["CHECKOUT,SHARE"]),
        ("rollout rollback --flags=SHARE,C", ["--flags=SHARE,CHECKOUT"]),
        ("rollout tick ", ["canary.exit.1", "runbook", "alerts", "calm"]),
        ("rollout tick alerts calm ", ["canary.exit.1", "runbook"]),
        ("rollout untick ", []),
        ("rollout answer t", ["tickets"]),
        ("rollout answer c", ["canary.exit.1", "calm", "corruption"]),
        ("rollout answer corruption ", ["yes", "no"]),
        ("rollout answer tickets ", []),
        ("rollout sign --as ", ["Engineering Lead", NASTY, ODD]),
        ("rollout sign --as 'Eng", ["Engineering Lead"]),
        ("rollout sign --as Engineering\\ L", ["Engineering Lead"]),
        ("rollout sign --as $", []),
        ("X=1 /usr/bin/rollout completion b", ["bash"]),
        ("rollout completion bash ", []),
    ],
)
def test_it_offers_what_can_be_typed(looking: Tab, line: str, expected: list[str]) -> None:
    assert looking(line) == expected


def test_what_was_said_is_offered_to_be_taken_back(tab: Tab) -> None:
    assert tab.desk("tick", "alerts", "canary.exit.1").code == 0
    assert tab.desk("sign", "--as", "Engineering Lead").code == 0
    assert tab("rollout tick ") == ["runbook", "calm"]
    assert tab("rollout untick ") == ["canary.exit.1", "alerts"]
    assert tab("rollout sign --as ") == [NASTY, ODD]


def test_the_way_back_is_offered_and_the_way_forth_again(tab: Tab) -> None:
    assert tab.desk("advance", "--yes").code == 0
    assert tab("rollout rollback --to ") == ["canary/first"]
    assert tab("rollout advance --override c") == ["calm", "canary.exit.1", "corruption"]
    assert tab.desk("rollback", "--yes").code == 0
    assert tab("rollout advance --from ") == ["canary"]
    assert tab("rollout advance --to ") == ["canary/first"]


def test_a_few_words_say_what_it_is(looking: Tab) -> None:
    assert looking.helps("rollout check-gates --phase c") == {"canary": "Canary"}
    assert looking.helps("rollout rollback --level p") == {"partial": "Something is odd"}
    assert looking.helps("rollout tick r") == {"runbook": "Runbook reviewed"}
    assert looking.helps("rollout status s") == {"shop": "plans/shop.yaml", "shop@production": "in the record"}
    assert looking.helps("rollout close --reas") == {"--reason": "Why; kept in the record."}


@pytest.mark.parametrize("line", ["rollout lint pl", "rollout status ./", "rollout tick -p /", "rollout init "])
def test_where_a_file_is_wanted_the_shell_offers_files(looking: Tab, line: str) -> None:
    assert looking.answer(line) == ["files"]


def test_what_was_typed_before_and_the_variables_count(looking: Tab) -> None:
    elsewhere = looking.desk.folder / "else where"
    elsewhere.mkdir()
    away = replace(looking.desk, folder=elsewhere, variables={"ROLLOUT_STORE": "sqlite:no.db", "HOME": str(elsewhere)})
    store, plan = f"sqlite:{looking.desk.folder / 'store.db'}", f"{looking.desk.plan}"
    assert Tab(away)("rollout rollback --level p") == []
    assert Tab(away)(f"rollout rollback --store '{store}' --level p") == ["partial"]
    assert Tab(away)("rollout rollback --level p", ROLLOUT_STORE=store) == ["partial"]
    assert Tab(away)(f"rollout rollback --store={store} --plan=shop@production --level p") == ["partial"]
    assert Tab(away)(f"rollout rollback {plan} --level p") == ["partial"]
    assert Tab(away)("rollout rollback ../plans/shop.yaml --env staging --level t") == ["trial"]
    assert Tab(away)("rollout rollback ~/../plans/shop.yaml --env staging --level t") == ["trial"]
    assert Tab(away)("rollout rollback --level t", ROLLOUT_PLAN=plan, ROLLOUT_ENV="staging") == ["trial"]
    assert Tab(away)(f"rollout status --store '{store}' ") == ["shop@production"]


def test_environments_are_those_between_which_one_has_to_choose(tab: Tab) -> None:
    assert tab.desk("advance", "--yes", "shop", "--env", "staging").code == 0
    tab.desk.plan.unlink()
    assert tab("rollout status --env ") == ["production", "staging"]
    assert tab("rollout status shop --env s") == ["staging"]
    assert tab("rollout rollback -p shop@staging --level t") == ["trial"]


def test_before_the_start_the_plan_alone_is_known(shop: Desk) -> None:
    tab = Tab(shop)
    assert tab("rollout advance --to ") == ["canary/first"]
    assert tab("rollout tick ") == []
    assert tab("rollout rollback --level ") == ["emergency", "partial"]
    assert sorted(path.name for path in shop.folder.iterdir()) == [".env", "plans"]


LINES = [
    "rollout status ",
    "rollout status -e ",
    "rollout check-gates --phase ",
    "rollout advance --to ",
    "rollout tick ",
]


def damage(desk: Desk, what: str) -> None:
    store = desk.folder / "store.db"
    match what:
        case "journal":
            (desk.folder / "store.db-journal").write_bytes(b"hot")
        case "wal":
            with closing(sqlite3.connect(store)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
        case "spool":
            (desk.folder / "store.db-spool-20260301T120000-00000000.jsonl").write_text("{}\n")
        case "garbage":
            store.write_bytes(b"garbage" * 1000)
        case "folder":
            store.unlink()
            store.mkdir()
        case "plan":
            desk.plan.write_text(PLAN.replace("flags:", "flogs: ["))
        case "plans":
            desk.plan.unlink()
            desk.plan.parent.rmdir()
            desk.plan.parent.write_text("no folder")
        case _:
            store.chmod(0o400)


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


@pytest.mark.parametrize("what", ["journal", "wal", "spool", "garbage", "folder", "plan", "plans", "read-only"])
def test_whatever_is_in_the_way_nothing_is_written_and_no_error_is_shown(tab: Tab, what: str) -> None:
    damage(tab.desk, what)
    before = tree(tab.desk.folder)
    for line in LINES:
        tab(line)
    assert tree(tab.desk.folder) == before


def test_a_locked_store_is_not_waited_for(tab: Tab) -> None:
    with closing(sqlite3.connect(tab.desk.folder / "store.db", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        assert tab("rollout status ") == ["shop"]
        assert tab("rollout rollback --level p") == ["partial"]  # by the rollback card
        assert time.monotonic() - began < 4


def test_nobody_is_asked_and_nothing_is_run(shop: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        text = PLAN.replace("targets:", f'prometheus: {{url: "{url}"}}, targets:', 1)
        gates = f"  run: {{command: [touch, ran]}}\n  up: {{http: {url}}}\n  ok: {{metric: m, require: '< 1'}}\n"
        text = text.replace("gates:\n", f"metrics: {{m: {{query: up, unit: count}}}}\ngates:\n{gates}", 1)
        shop.plan.write_text(text.replace("    name: Canary\n", "    name: Canary\n    entry: [run, up, ok]\n"))
        assert Tab(shop)("rollout advance --override ") == ["run", "up", "ok", "corruption", "window"]
        for line in LINES:
            Tab(shop)(line)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert not list(shop.folder.rglob("ran"))


def test_what_no_prompt_can_hold_is_left_out(shop: Desk) -> None:
    shop.plan.write_text(PLAN.replace("Engineering Lead", '"two\\nlines"'))
    assert shop("advance", "--yes", "shop").code == 0
    assert Tab(shop)("rollout sign --as ") == [NASTY, ODD]


WORDS = ["Engineering Lead", NASTY, ODD, "`id`", "a\\b", "!x!", "~", "#c", "*?[a]{b,c}", "x=y:z@w", "&|<>()", "Läden"]


def test_bash_reads_back_every_word_that_was_quoted_for_it() -> None:
    lines = [f"{quote}{quoted(word, quote)}{quote}" for word in WORDS for quote in ("", "'", '"')]
    read = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {' '.join(lines)}"], capture_output=True, text=True, check=True
    )
    assert read.stdout.split("\0")[:-1] == [word for word in WORDS for _ in range(3)]


@given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), min_size=1))
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_what_was_quoted_is_understood_again(quote: str, text: str) -> None:
    assert split(f"x {quote}{quoted(text, quote)}")[-1].text == text


@pytest.mark.parametrize(
    ("line", "word", "expected"),
    [
        ("rollout status shop@p", "@p", ["@production"]),
        ("rollout status --env=p", "p", ["production"]),
        ("rollout status --env=", "", ["production", "staging"]),
        ("rollout sign --as Eng", "Eng", ["Engineering\\ Lead"]),
        ('rollout sign --as "Eng', "Eng", ["Engineering Lead"]),
        ('rollout sign --as="Eng', "Eng", ["Engineering Lead"]),
        ("rollout sign --as '$", "$", [NASTY]),
        ("rollout sign --as \\$", "\\$", ["\\$\\(touch\\ stolen\\)"]),
        ("rollout sign --as 'a", "a", ["a:b;c '\\''d'\\'' \"e\""]),
    ],
)
def test_bash_is_told_what_it_replaces(looking: Tab, line: str, word: str, expected: list[str]) -> None:
    assert looking.answer(line, "bash", _ROLLOUT_WORD=word) == ["values", *expected]


def test_powershell_and_zsh_are_told_as_they_read_it(looking: Tab) -> None:
    assert looking.answer("rollout status --env=s", "powershell") == ["values", "staging\tshop"]
    assert looking.answer("rollout status --env=s", "zsh") == ["values", "staging:shop"]
