"""Thirty files that want all memory or all time: each is refused in one sentence, at once, by a command with exit 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

HEAD = b"rollout: 1\nname: shop\n"


def laughs(width: int, height: int, flow: str = "[]") -> bytes:
    """Each level holds the one below so many times."""
    inner = ", ".join("*a%d" for _ in range(width)) if flow == "[]" else ", ".join(f"k{n}: *a%d" for n in range(width))
    levels = [f"a{n}: &a{n} {flow[0]}{inner % ((n - 1,) * width)}{flow[1]}\n" for n in range(1, height)]
    return ("a0: &a0 [x, x]\n" + "".join(levels)).encode()


def merges(width: int, height: int) -> bytes:
    levels = [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * width)}], k{n}: 1}}\n" for n in range(1, height)]
    return ("a0: &a0 {k: 1}\n" + "".join(levels)).encode()


def query(text: str) -> bytes:
    return HEAD + f"metrics: {{m: {{query: '{text}', unit: ratio}}}}\n".encode()


BOMBS = {
    "nine laughs": laughs(9, 6),
    "two laughs": laughs(2, 25),
    "laughing mappings": laughs(9, 6, "{}"),
    "laughing mappings, narrow": laughs(2, 25, "{}"),
    "merge keys": merges(2, 20),
    "wide merge keys": merges(9, 6),
    "a merge of itself": b"a: &a {<<: *a}\n",
    "a list in itself": b"a: &a [*a]\n",
    "a mapping in itself": b"a: &a {b: {c: [*a]}}\n",
    "aliases": b"a: &a x\nb: [" + b"*a, " * 40_000 + b"]\n",
    "anchors": b"a: [" + b"".join(b"&a%d x, " % n for n in range(20_001)) + b"]\n",
    "a long list, aliased": b"a: &a [" + b"x," * 4000 + b"x]\nb: [*a, *a, *a, *a, *a, *a]\n",
    "a long list": b"a: [" + b"x," * 100_000 + b"]\n",
    "a long mapping": b"".join(b"k%d: 1\n" % n for n in range(20_001)),
    "lists in lists": b"a: " + b"[" * 100_000,
    "lists in lists, closed": b"a: " + b"[" * 100_000 + b"]" * 100_000,
    "mappings in mappings": b"a: " + b"{a: " * 50_000,
    "blocks in blocks": b"".join(b" " * n + b"a:\n" for n in range(600)),
    "dashes": b"- " * 50_000,
    "question marks": b"? " * 50_000,
    "deep aliases": b"a: &a " + b"[" * 40 + b"]" * 40 + b"\nb: " + b"[" * 40 + b"*a" + b"]" * 40 + b"\n",
    "documents": b"--- x\n" * 40_000,
    "directives": b"%TAG ! tag:x,2026:\n" * 10_000 + b"--- a\n",
    "a large comment": b"# " + b"x" * 300_000,
    "a text without an end": b"a: '" + b"x" * 250_000,
    "a long number": HEAD + b"flags: {X: {type: int, safe: " + b"9" * 200_000 + b"}}\n",
    "a long exponent": HEAD + b"flags: {X: {type: percent, safe: 1e" + b"9" * 5_000 + b"}}\n",
    "a deep query": query("(" * 100_000 + "x" + ")" * 100_000),
    "a long query": query("x" + "+x" * 100_000),
    "a long pattern": HEAD + b'metrics: {m: {query: x, unit: ratio, tolerate_warnings: ["' + b"(" * 200_000 + b'"]}}\n',
}
SECONDS, MEBIBYTES = 1.0, 100

READ = """
import json, os, sys
from pathlib import Path
from rollout.planfile import read
from tests.plans.small import KINDS, SAMPLE
read(SAMPLE.read_bytes(), "sample.yaml", KINDS)
for path in map(Path, sys.argv[1:]):
    if os.fork() == 0:
        found = read(path.read_bytes(), path.name, KINDS)
        os._exit(0 if found.plan is None and len(found.rendered(found.errors[0])) < 1000 else 9)
    _, status, used = os.wait4(-1, 0)
    print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
"""Each in a process of its own, which has read a plan already."""


@pytest.fixture(scope="module", name="files")
def written(tmp_path_factory: pytest.TempPathFactory) -> Sequence[str]:
    assert len(BOMBS) == 30
    files = [tmp_path_factory.mktemp("bombs") / f"{name}.yaml" for name in BOMBS]
    for file, content in zip(files, BOMBS.values(), strict=True):
        file.write_bytes(content)
    return [str(file) for file in files]


def test_a_bomb_takes_neither_time_nor_memory(files: Sequence[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", READ, *files], env=environment, capture_output=True, text=True, check=True
    )
    used = dict(zip(BOMBS, map(json.loads, done.stdout.splitlines()), strict=True))
    greedy = [name for name, (code, time, memory) in used.items() if code or time > SECONDS or memory > MEBIBYTES]
    assert not greedy, used


def test_a_bomb_is_an_error_of_the_plan_and_no_traceback(files: Sequence[str]) -> None:
    some = [file for file in files if Path(file).stem in ("nine laughs", "merge keys", "dashes", "a deep query")]
    done = subprocess.run(
        [sys.executable, "-m", "rollout", "lint", *some, "-o", "json"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "")
    found = json.loads(done.stdout)["files"]
    assert [any(one["severity"] == "error" for one in file["problems"]) for file in found] == [True] * 4
