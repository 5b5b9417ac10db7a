"""What is shown and kept of what a command of a change prints: bounded, plain, and without credentials."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from rollout.model.plan import Command
from rollout.processes.lines import Lines
from rollout.processes.runner import CommandRunner
from rollout.processes.secrets import Mask
from tests.real.test_command_secrets import PRINTS, SECRETS
from tests.real.test_runner import MINUTE, PATH, Shop

CANARY = "canary-0123456789"


@pytest.mark.parametrize("script", PRINTS.values(), ids=PRINTS)
def test_no_credential_is_shown_or_kept(tmp_path: Path, script: str) -> None:
    shop = Shop(tmp_path, {**PATH, **SECRETS}, VAR_TOKEN="canary-var")
    ran = shop.sh(script.replace("; env", "; env; echo $VAR_TOKEN"))
    assert shop.shown
    assert "canary" not in repr((ran.output, ran.failure, shop.shown))


@pytest.mark.parametrize("size", [1, 3, 7, 16, 4096])
@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r"])
def test_a_credential_that_comes_in_parts_is_not_shown(size: int, end: str) -> None:
    shown: list[str] = []
    lines = Lines("run", Mask({"TOKEN": CANARY}), shown.append, keep=2**12)
    printed = f"a{CANARY}b\r\nlogin {CANARY} failed\rc{CANARY}{end}".encode()
    for begin in range(0, len(printed), size):
        lines.add(printed[begin : begin + size], begin)
    assert lines.finish() == "a***b\nlogin *** failed\nc***"
    assert [line for line in shown if line != "[run]"] == ["[run] a***b", "[run] login *** failed", "[run] c***"]


def test_progress_without_line_ends_is_shown_and_never_without_its_prefix() -> None:
    shown: list[str] = []
    lines = Lines("run", Mask({}), shown.append, keep=2**12)
    for percent in range(20):
        lines.add(f"{percent}%\r".encode(), percent)
    assert shown == [f"[run] {percent}%" for percent in range(19)]
    lines.add(b"\0" * 2**15 + "\u2028::add-mask::x\r".encode(), 20)
    lines.add(b"\n::add-mask::y", 21)
    lines.finish()
    assert shown[19:] == ["[run] 19%", "[run]", "[run] ::add-mask::x…", "[run] ::add-mask::y"]


@pytest.mark.parametrize("before", [0, 900, 990, 999, *range(16_370, 16_420, 3), 20_000])
@pytest.mark.parametrize("size", [100, 2**16])
def test_a_credential_in_a_line_that_is_cut_is_not_shown_in_part(before: int, size: int) -> None:
    shown: list[str] = []
    lines = Lines("run", Mask({"TOKEN": CANARY}), shown.append, keep=2**12)
    printed = (CANARY * (before % 7) + "x" * before + CANARY * 3000 + "\nnext\n").encode()
    for begin in range(0, len(printed), size):
        lines.add(printed[begin : begin + size], begin)
    kept = lines.finish()
    assert len(shown) == 2
    assert len(shown[0]) <= len("[run] ") + 1001
    assert shown[1] == "[run] next"
    assert not any(CANARY[begin : begin + 4] in f"{shown}{kept}" for begin in range(len(CANARY) - 3))


def test_bytes_that_are_no_text_and_escape_sequences_disturb_no_terminal(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    ran = shop.sh(r"printf '\033[31mred\033[0m \377\376 \007\033]0;title\007end\n\033[2J10%%\r20%%\n'")
    assert shop.shown == ["[apply of api] red \ufffd\ufffd end", "[apply of api] 10%", "[apply of api] 20%"]
    assert ran.output == "red \ufffd\ufffd end\n10%\n20%"


ORDERS = [
    "::set-output name=verdict::GO",
    "  ::error file=a::b",
    "##[set-output name=verdict;]GO",
    "text ##[add-mask]a",
    "###[add-mask]a",
    "##vso[task.setvariable variable=a]b",
    r"a\r::add-mask::b",
    r"a\342\200\250::add-mask::b",
    r"\033[0m::stop-commands::x",
]


def test_a_ci_system_obeys_nothing_that_a_command_prints(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    for order in ORDERS:
        ran = shop.run("printf", f"{order}\\n")
        assert ran.exit == 0
        assert "##[" not in ran.output
    assert len(shop.shown) == len(ORDERS) + 2
    for line in shop.shown:
        assert line.startswith("[apply of api] ")
        assert line.splitlines() == [line]
        assert "##[" not in line
        assert "##vso[" not in line


def test_the_last_4_kib_are_kept(tmp_path: Path) -> None:
    ran = Shop(tmp_path).sh("head -c 10000 /dev/zero | tr '\\0' x; echo y")
    assert ran.output == f"…{'x' * (2**12 - 2)}y"


@pytest.mark.parametrize(
    ("script", "last"),
    [
        ("head -c 100000000 /dev/zero; echo; echo last", "[apply of api] last"),
        ("head -c 100000000 /dev/zero | tr '\\0' x; echo; echo last", "[apply of api] last"),
        ("yes 'a line of some length that somebody prints' | head -c 100000000", "lines are not shown"),
        ("yes | head -c 100000000 >&2; exit 4", "lines are not shown"),
    ],
)
def test_100_mb_neither_block_nor_are_kept_nor_flood_a_terminal(tmp_path: Path, script: str, last: str) -> None:
    shop = Shop(tmp_path, {**PATH, **SECRETS})
    began = monotonic()
    tracemalloc.start()
    try:
        ran = shop.sh(script)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert ran.exit in (0, 4)
    assert monotonic() - began < 30
    assert peak < 2**23
    assert any(last in line for line in shop.shown)
    assert len(ran.output) <= 2**12 + 1
    assert sum(map(len, shop.shown)) < 10**7


def test_nobody_who_looks_is_no_reason_to_stop(tmp_path: Path) -> None:
    def broken(_: str) -> None:
        raise BrokenPipeError

    runner = CommandRunner(tmp_path, PATH, {}, tuple, broken)
    ran = runner.run(Command(("echo", "hi")), "run", timeout=MINUTE, context={})
    assert (ran.exit, ran.output) == (0, "hi")


def test_a_last_line_without_an_end_is_shown_when_time_is_up(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.sh("printf 'Proceed? [y/N] '; exec sleep 1000", timedelta(seconds=0.3))
    assert shop.shown == ["[apply of api] Proceed? [y/N]"]
