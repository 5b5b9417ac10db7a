"""What stands in a `.env` file, byte for byte, and what its readers make of it."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Mapping
from pathlib import Path

import dotenv
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rollout.targets.dotenv_text import can_be_put_back, edit, read_values
from tests.faults.rig import LONG

MANY, FEW = (10_000, 10_000) if LONG else (200, 50)
"""So many random files for each of these properties; few where shells read them."""

BOM = b"\xef\xbb\xbf"
PLAIN = st.text(alphabet="abcXYZ019_./:,@%+=*?!^#[]-éß", max_size=12).filter(lambda text: not text.startswith("#"))
JUNK = st.one_of(
    st.sampled_from(
        [b"", b"  ", b"# KEY=true", b"#KEY=true", b"MY_KEY=1", b"KEY", b"KEY2=x # c", b"A=caf\xe9",
         b"export B='x y' # it", b"a=b=c", b"=x", b"CERT=\"-----\nKEY=no\n-----\"", b"\tC =  3", b"NOTE=it's # fine",
         b"what is this", b"D=1\r"]
    ),
    st.binary(max_size=8).filter(lambda line: not set(line) & set(b"\n'\"=")),
)  # fmt: skip


def shell_reads(shell: str, path: Path) -> Mapping[str, str]:
    script = 'set -a; . "$0"; exec /usr/bin/env -0'
    done = subprocess.run([shell, "-c", script, path], capture_output=True, check=True, env={})
    return dict(item.split("=", 1) for item in done.stdout.decode().split("\0") if item)


def dotenv_reads(content: bytes) -> Mapping[str, str | None]:
    return dotenv.dotenv_values(stream=io.StringIO(content.decode(), newline=""))


def docker_reads(content: bytes) -> Mapping[str, str]:
    """The rules of `docker --env-file`: no quotes, no comments behind values, nothing trimmed behind them."""
    values = {}
    for line in content.decode().removeprefix("\ufeff").split("\n"):
        text = line.removesuffix("\r").lstrip()
        key, equals, value = text.partition("=")
        if text and not text.startswith("#") and equals:
            assert not any(char.isspace() for char in key)
            values[key] = value
    return values


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"KEY=true", "true"),
        (b"KEY=true\r\n", "true"),
        (b"KEY=", ""),
        (b"KEY=   # off at first", ""),
        (b"KEY=   \r\n", ""),
        (b"KEY=#1", "#1"),
        (b"KEY=a#b  # c", "a#b"),
        (b"KEY=a b\t# c\r\n", "a b"),
        (b"  export  KEY = true  ", "true"),
        (b'KEY="true"', "true"),
        (b"KEY='hello world' # c", "hello world"),
        (b"KEY='{\"a\": 1}'\n", '{"a": 1}'),
        (b'KEY=""', ""),
        (b'KEY="$HOME/x"', '"$HOME/x"'),
        (b'KEY="a\\"b" # c', '"a\\"b"'),
        (b'KEY="a"b', '"a"b'),
        (b'KEY="a" "b"', '"a" "b"'),
        (b'KEY="open', '"open'),
        (b'KEY="two\nlines"\n', "two\nlines"),
        (b"KEY=caf\xe9", "caf\\xe9"),
        ("KEY=café".encode(), "café"),
        (BOM + b"KEY=true", "true"),
    ],
)
def test_the_text_of_a_value_is_what_readers_make_of_it(line: bytes, text: str) -> None:
    assert [value.text for value in read_values(line)["KEY"]] == [text]


@pytest.mark.parametrize(
    "line", [b"# KEY=true", b"#KEY=true", b"KEY", b"MY_KEY=1", b"KEY2=1", b'A="\nKEY=1\n"', b"key=1"]
)
def test_what_only_looks_like_the_key_is_not_it(line: bytes) -> None:
    assert "KEY" not in read_values(line)
    assert edit(line, {"KEY": "1"}) == line + b"\nKEY=1"


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        (b"A=1\nKEY=false   # DISABLED initially\nB=2", "true", b"A=1\nKEY=true   # DISABLED initially\nB=2"),
        (b"KEY=   # off\n", "true", b"KEY=true   # off\n"),
        (b"export KEY='a' # c\r\n", "b", b"export KEY='b' # c\r\n"),
        (b'KEY="a"\n', "hello world", b'KEY="hello world"\n'),
        (b'KEY="a"\n', '{"a": 1}', b"KEY='{\"a\": 1}'\n"),
        (b"KEY = off\n", "on", b"KEY = on\n"),
        (b'CERT="x\nKEY=1\n"\nKEY=2\n', "3", b'CERT="x\nKEY=1\n"\nKEY=3\n'),
        (b'KEY="two\nlines" # c\nB=1\n', "1", b'KEY="1" # c\nB=1\n'),
        (b"KEY=a b # c\n", "1", b"KEY=1 # c\n"),
        (b"KEY=1\nKEY='2'\n", "3", b"KEY=3\nKEY='3'\n"),
        (b"", "1", b"KEY=1\n"),
        (BOM, "1", BOM + b"KEY=1\n"),
        (b"A=1\r\n", "1", b"A=1\r\nKEY=1\r\n"),
        (b"A=1\r\nB=2", "1", b"A=1\r\nB=2\r\nKEY=1"),
        (b"KEY=1\nB=2\n", None, b"B=2\n"),
        (b"A=1\nKEY=1\nB=2\nKEY=2", None, b"A=1\nB=2"),
        (BOM + b"KEY=1\r\nB=2\r\n", None, BOM + b"B=2\r\n"),
    ],
)
def test_nothing_changes_but_the_value(before: bytes, text: str | None, after: bytes) -> None:
    assert edit(before, {"KEY": text}) == after


@pytest.mark.parametrize(
    "text", ["hello world", "$HOME", "`id`", "a\\b", "it's", '"a"', "'", "a # b", "#1", "~", "a;b", "a&b"]
)
def test_text_that_readers_read_differently_is_refused(text: str) -> None:
    for content in (b"", b"KEY=1\n"):
        with pytest.raises(ValueError, match="KEY cannot hold"):
            edit(content, {"KEY": text})


@pytest.mark.parametrize("text", ["a\nB=1", "a\rb", "a\0b", "'a\nb'", "\udce9"])
def test_a_value_never_becomes_two_lines(text: str) -> None:
    for content in (b"", b"KEY=1\n", b'KEY="1"\n'):
        with pytest.raises(ValueError, match="one line of text"):
            edit(content, {"KEY": text}, quote=True)


def test_quotes_are_put_where_they_are_asked_for() -> None:
    assert (
        edit(b"KEY=1\n", {"KEY": "hello world", "B": 'say "hi"'}, quote=True) == b'KEY="hello world"\nB=\'say "hi"\'\n'
    )


@pytest.mark.parametrize(
    "line",
    [
        b"KEY=1", b"KEY=", b'KEY="a b" # c', b"KEY='{\"a\": 1}'", b'KEY="$HOME/\\"x"', b"KEY='a\\b'", b"KEY=*", b"",
        b"KEY='$(id)'", b'KEY="\\$(id) $PWD"',
    ],
)  # fmt: skip
def test_what_was_found_can_be_put_back(line: bytes) -> None:
    for content in (line, b"A=1\r\n" + line, line + b"\nB=2\n"):
        assert can_be_put_back(content, "KEY")


@pytest.mark.parametrize(
    "line",
    [
        b"KEY=a b", b"KEY=$HOME", b'KEY="$(id)"', b'KEY="\\\\$(id)"', b'KEY="`id`"', b'KEY="two\nlines"',
        b'KEY="a"b', b"KEY=caf\xe9", b"KEY='\xe9'",
    ],
)  # fmt: skip
def test_it_is_known_what_could_not_be_put_back(line: bytes) -> None:
    assert not can_be_put_back(line, "KEY")
    text = read_values(line)["KEY"][0].text
    assert edit(line, {"KEY": text}) == line


def test_a_line_that_an_open_quote_would_swallow_is_refused() -> None:
    with pytest.raises(ValueError, match="left open"):
        edit(b'A="open', {"KEY": " # 1"}, quote=True)


@given(
    before=st.lists(JUNK, max_size=4),
    after=st.lists(JUNK, max_size=4),
    bom=st.sampled_from([b"", BOM]),
    end=st.sampled_from([b"\n", b"\r\n"]),
    head=st.sampled_from([b"KEY=", b"export KEY=", b"  KEY=", b"KEY = ", b"\texport  KEY =\t"]),
    quote=st.sampled_from([b"", b"'", b'"']),
    old=PLAIN,
    new=PLAIN,
    tail=st.sampled_from([b"", b" ", b"  # c", b"\t#c 'x\" KEY=1", b" # \xe9"]),
    final=st.booleans(),
)
@settings(max_examples=MANY, deadline=None)
def test_one_span_differs_whatever_surrounds_it(
    *, before: list[bytes], after: list[bytes], bom: bytes, end: bytes, head: bytes, quote: bytes, old: str, new: str,
    tail: bytes, final: bool,
) -> None:  # fmt: skip
    assume(quote or (old and new) or head.endswith(b"="))

    def file(value: str) -> bytes:
        lines = [*before, head + quote + value.encode() + quote + tail, *after]
        return bom + end.join(lines) + (end if final else b"")

    content = file(old)
    assert [value.text for value in read_values(content)["KEY"]] == [old]
    assert edit(content, {"KEY": new}) == file(new)
    assert edit(edit(content, {"KEY": new}), {"KEY": old}) == content


@given(st.lists(st.sampled_from([*b"\n\r\t =#'\"\\aKB\xe9\xef", *BOM]), max_size=40).map(bytes), PLAIN, PLAIN)
@settings(max_examples=MANY, deadline=None)
def test_what_is_appended_and_removed_leaves_no_trace(content: bytes, one: str, two: str) -> None:
    appended = edit(content, {"KEY": one, "KEY_2": two})
    assert [value.text for value in read_values(appended)["KEY"]] == [one]
    assert edit(appended, {"KEY": None, "KEY_2": None}) == content
    assert edit(edit(appended, {"KEY_2": None}), {"KEY": None}) == content
    assert can_be_put_back(content, "KEY")


@given(
    st.lists(
        st.one_of(PLAIN, st.text(max_size=6), st.text(alphabet="a$`\\'\"#~ ;&|<>(){}*?![]=\t", max_size=6)), max_size=8
    )
)
@settings(max_examples=FEW, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_reader_reads_what_was_written(tmp_path: Path, texts: list[str]) -> None:
    content, wanted = b"FIRST='1' # c\n", {"FIRST": "1"}
    for number, text in enumerate(texts):
        try:
            content = edit(content, {f"K{number}": text})
        except ValueError:
            continue
        wanted[f"K{number}"] = text
    # What is spelled with its own quotes is put back as it was; docker takes those of FIRST for a part of its value.
    portable = {key: text for key, text in wanted.items() if text[:1] not in ("'", '"')}
    (tmp_path / ".env").write_bytes(content)
    assert {key: value for key, value in dotenv_reads(content).items() if key in portable} == portable
    if portable == wanted:
        for shell in ("sh", "bash"):
            assert {
                key: value for key, value in shell_reads(shell, tmp_path / ".env").items() if key in portable
            } == portable
    docker = docker_reads(content)
    assert {key: docker[key] for key in portable if key != "FIRST"} == {
        k: v for k, v in portable.items() if k != "FIRST"
    }


@given(
    st.sampled_from("'\""),
    st.lists(st.text(alphabet=st.characters(exclude_characters="\0\r\n", codec="utf-8"), max_size=8)),
)
@settings(max_examples=FEW, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_quotes_the_shell_and_dotenv_read_what_was_written(tmp_path: Path, quote: str, texts: list[str]) -> None:
    content, wanted = b"", {}
    for number, text in enumerate(text for text in texts if text[:1] not in ("'", '"')):
        line = f"K{number}={quote}{quote} # c\n".encode()
        try:
            content += edit(line, {f"K{number}": text})
        except ValueError:
            continue
        wanted[f"K{number}"] = text
    (tmp_path / ".env").write_bytes(content)
    assert dotenv_reads(content) == wanted
    shell = shell_reads("sh", tmp_path / ".env")
    assert {key: shell[key] for key in wanted} == wanted
