"""Bytes that are no plan: always one clear error with its place, soon, and never a traceback."""

from __future__ import annotations

import time

import pytest

from rollout.planfile import Reading, read
from rollout.planfile.yaml_nodes import read_nodes
from rollout.shapes import Scalar
from tests.plans.small import KINDS, found_in, small


def reading(content: bytes) -> Reading:
    return read(content, "plan.yaml", KINDS)


def only_error(content: bytes) -> str:
    (problem,) = reading(content).problems
    return f"{problem.place.line}:{problem.place.column} {problem.message} | {problem.hint}"


BAD_BYTES = {
    b"": "1:1 this file is empty | `rollout init` writes a starter plan",
    b"# only a comment\n": "1:1 this file is empty",
    b"---\n": "2:1 a plan is a mapping, found nothing",
    b"- a\n- b\n": "1:1 a plan is a mapping, found a list",
    b"hello\n": "1:1 a plan is a mapping, found the text 'hello'",
    b"a: b\n---\nc: d\n": "2:1 a plan is one document; here a second one begins",
    "a: b\n".encode("utf-16"): "1:1 this file is UTF-16; a plan is UTF-8",
    "a: b\n".encode("utf-16-be"): "1:1 this file holds U+0000",
    b"\xfe\xff\x00a": "1:1 this file is UTF-16",
    b"a: b\nname: caf\xe9\n": "2:10 the byte 0xe9 is not UTF-8 | save the file as UTF-8",
    b"name: a\x00b\n": "1:8 this file holds U+0000",
    b"name: a\x1b[2Jb\n": "1:8 this file holds U+001B",
    "name: a\u2028b\n".encode(): "1:8 this file holds U+2028 (line separator)",
    "name: a\u202eb\n".encode(): "1:8 this file holds U+202E (right-to-left override)",
    b"name: \xed\xa0\x80\n": "1:7 the byte 0xed is not UTF-8",
    b'name: "\\ud800"\n': "1:10 this is not YAML: found invalid Unicode character escape code",
    b'name: "a\\0b"\n': "1:7 this text holds U+0000",
    b'name: "a\\eb"\n': "1:7 this text holds U+001B",
    b"a:\n\tb: c\n": "2:1 this is not YAML: found character that cannot start any token"
    " while scanning for the next token | YAML is indented with spaces, not with tabs",
    b"a: b: c\n": "1:5 this is not YAML: mapping values are not allowed in this context"
    " | quote a text that holds a colon and a space",
    b"unit: %\n": "1:7 this is not YAML: found character that cannot start any token while scanning for the next token"
    " | quote a text that begins with %",
    b"a: {b: c\nd: e\n": "2:2 this is not YAML: did not find expected ',' or '}'",
    b"a: 'b\n": "1:4 this is not YAML: found unexpected end of stream",
    b"a: !!python/object/apply:os.system [ls]\n": "1:4 a plan has no tags",
    b"a: !x y\n": "1:4 a plan has no tags such as '!x' | quote a text that begins with !",
    b"a: *x\n": "1:4 no &x stands before *x | quote a text that begins with *",
    b"a: &a [*a]\n": "1:8 *a stands for something that it is itself a part of",
    b"a: &a {b: {c: *a}}\n": "1:15 *a stands for something that it is itself a part of",
    b"? [a]\n: b\n": "1:3 a key is a text, not a list or a mapping",
    b"{a: b}: c\n": "1:1 a key is a text, not a list or a mapping",
    b"a: &x [b]\n*x : c\n": "1:4 a key is a text, not a list or a mapping",
    b"%YAML 1.1\n---\na: b\n": "1:1 a plan is YAML 1.2 | remove the %YAML line",
}


@pytest.mark.parametrize("content", BAD_BYTES)
def test_a_file_that_is_no_plan_is_told_in_one_error(content: bytes) -> None:
    assert only_error(content).startswith(BAD_BYTES[content])


def laughs(width: int, height: int) -> bytes:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]\n" for n in range(1, height)]
    return ("a0: &a0 [x, x]\n" + "".join(levels)).encode()


BOMBS = {
    "laughs": (laughs(9, 6), "20,000 parts"),
    "quiet laughs": (laughs(2, 25), "20,000 parts"),
    "few aliases of a long list": (b"a: &a [" + b"x," * 4000 + b"x]\nb: [*a, *a, *a, *a, *a, *a]\n", "20,000 parts"),
    "a long list": (b"a: [" + b"x," * 60_000 + b"]\n", "20,000 parts"),
    "many aliases": (b"a: &a x\nb: [" + b"*a, " * 60 + b"]\n", "at most 50 aliases"),
    "deep lists": (b"a: " + b"[" * 100_000, "64 levels"),
    "deep mappings": (b"a: " + b"{a: " * 50_000, "64 levels"),
    "deep blocks": (b"".join(b" " * n + b"a:\n" for n in range(600)), "64 levels"),
    "deep aliases": (b"a: &a " + b"[" * 40 + b"]" * 40 + b"\nb: " + b"[" * 40 + b"*a" + b"]" * 40 + b"\n", "64 levels"),
    "a large file": (b"# " + b"x" * 300_000, "262,144"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_at_once(name: str) -> None:
    content, told = BOMBS[name]
    began = time.process_time()
    error = only_error(content)
    assert told in error
    assert time.process_time() - began < 1


DEEP_QUERIES = ["(" * 2000 + "x" + ")" * 2000, "x" + "+x" * 2000, "-" * 4000 + "x", "abs(" * 900 + "x", "x" * 100_000]


@pytest.mark.parametrize("query", DEEP_QUERIES)
def test_a_query_that_would_bring_the_parser_down_is_refused(query: str) -> None:
    (found,) = found_in(small(f"metrics: {{errors: {{query: '{query}', unit: ratio}}, p95: {{query: x, unit: s}}}}"))
    assert "a query has at most 4096 characters and 500 operators" in found


WORDS = ["y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"]


@pytest.mark.parametrize("word", WORDS)
def test_words_that_were_bools_once_are_texts(word: str) -> None:
    (_, value), *_ = read_nodes(f"a: {word}\n".encode()).entries
    assert isinstance(value, Scalar)
    assert value.value() == word
    assert "expected true or false" in found_in(small(f"flags: {{ON: {{type: bool, safe: {word}}}}}"))[0]


NUMBERS = ["010", "0x1F", "0o17", "0b11", "1_000", "1:30", "22:22", "1e", "+", ".", "1,5", "١٢", "9" * 5000]


@pytest.mark.parametrize("text", NUMBERS)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    flag = f"flags: {{ON: {{type: bool}}, SHARE: {{type: percent}}, N: {{type: int, safe: [{text}]}}}}"
    assert "expected a number, found a list" in found_in(small(flag))[0]
    found = found_in(small(flag.replace("[", "").replace("]", "")))
    assert "error" in found[0]
    assert "expected a" in found[0] or "has no key" in found[0]


def test_a_number_is_read_as_yaml_1_2_reads_it() -> None:
    content = b"[0, -3, +7, 12.5, 1e3, .5, true, Null, ~, 2026-12-20, 'true', \"5\"]"
    (_, value), *_ = read_nodes(b"a: " + content).entries
    assert [item.value() for item in getattr(value, "items", ())] == [
        0, -3, 7, 12.5, 1000.0, 0.5, True, None, None, "2026-12-20", "true", "5",
    ]  # fmt: skip


def test_a_key_that_stands_twice_names_both_lines() -> None:
    found = found_in(small().replace("rollback:", "name: other\nrollback:"))
    assert found == ["8:1 error the key 'name' stands twice; the first is in line 2 |  [duplicate-key]"]
    flags = "flags: {ON: {type: bool}, SHARE: {type: percent}, ON: {type: int}}"
    assert found_in(small(flags)) == ["4:51 error the key 'ON' stands twice; the first is in line 4 |  [duplicate-key]"]


def test_a_merge_key_is_refused_by_name() -> None:
    (found,) = found_in(small("phases: [&p {id: one}, {<<: *p, id: two}]"))
    assert found == "7:25 error a phase has no key '<<' | YAML 1.2 has no merge keys; write the keys out [unknown-key]"


def test_aliases_within_bounds_are_read() -> None:
    gates = (
        'gates: {low: {metric: errors, require: &bound "< 1%"}, web: {http: x}, b: {metric: errors, require: *bound}}'
    )
    assert found_in(small(gates)) == []


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(ending: str) -> None:
    content = small("title: §").replace("§", "[x]").replace("\n", ending).encode("utf-8-sig")
    found = reading(content)
    (problem,) = found.problems
    assert (problem.place.line, problem.place.column) == (9, 8)
    assert found.rendered(problem).splitlines()[1:] == ["    title: [x]", "           ^"]
