"""No text breaks out of where it is a value: in a `.env` file, in a command printed for a person, in a query."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterable
from pathlib import Path

import dotenv
import pytest

from rollout.errors import RolloutError, TargetError
from rollout.model.values import Verbatim
from rollout.model.variables import expand, fit_for_query
from rollout.targets.dotenv import DotenvTarget
from tests.real.payloads import ALL, FORMAT, LINES, PRINTABLE, QUERY, SHELL, STEERING

BEFORE = "# flags\nA='1' # c\nVALUE=old\nLAST=1\n"
FOLDERS = (
    "a b", "a'b", 'a"b', "a;touch SENTINEL", "$(touch SENTINEL)", "`touch SENTINEL`", "-rf", "--help", "a\nb",
    "a\\b", "a&b", "a|b", "a>b", "*", "~", "#a", "!a", "{a,b}", "$HOME", "é", "=a", "%s", "a\n;touch SENTINEL\n",
)  # fmt: skip


def shell_reads(folders: Iterable[Path]) -> list[dict[str, str]]:
    """What the `.env` in each says, by one shell, with nothing kept from one to the next."""
    one = 'cd "$folder" && set -a && . ./.env && exec /usr/bin/env -0'
    script = f'for folder; do ({one}) && printf "end\\0" || exit 1; done'
    done = subprocess.run(["sh", "-c", script, "sh", *folders], capture_output=True, check=True, env={})
    *read, rest = done.stdout.decode().split("end\0")
    assert not rest
    return [dict(item.split("=", 1) for item in one.split("\0") if item) for one in read]


def written(path: Path, payload: str) -> bool:
    target = DotenvTarget("app", path)
    try:
        target.preflight({"VALUE": payload})
        target.write({"VALUE": payload}, {"VALUE": "old"})
    except TargetError:
        return False
    return True


@pytest.mark.parametrize("line", ["VALUE=old", "VALUE='old' # c", 'export VALUE="old"'])
def test_a_value_never_becomes_anything_else_in_a_dotenv_file(tmp_path: Path, line: str) -> None:
    """`sh` and python-dotenv read the payload, or it is refused and the file stays as it was."""
    before, payloads = BEFORE.replace("VALUE=old", line), dict[Path, str]()
    for number, payload in enumerate(ALL):
        path = tmp_path / str(number) / ".env"
        path.parent.mkdir()
        path.write_text(before)
        if written(path, payload):
            payloads[path] = payload
        else:
            assert path.read_text() == before
    assert len(payloads) > 20
    shells = shell_reads(path.parent for path in payloads)
    for (path, payload), shell in zip(payloads.items(), shells, strict=True):
        assert set(shell) - {"folder", "PWD", "_", "SHLVL", "OLDPWD"} == {"A", "VALUE", "LAST"}
        assert (shell["A"], shell["LAST"]) == ("1", "1")
        if payload[:1] not in ("'", '"'):  # else it is its own spelling, as it was found somewhere
            assert shell["VALUE"] == payload
            assert dotenv.dotenv_values(stream=io.StringIO(path.read_text()))["VALUE"] == payload
    assert {left.name for left in tmp_path.iterdir()} == {str(number) for number in range(len(ALL))}
    assert {left.name for left in tmp_path.glob("*/*")} == {".env"}


def test_what_several_lines_or_steers_a_terminal_is_never_written(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    for payload in LINES:
        path.write_text(BEFORE)
        with pytest.raises(TargetError, match="one line of text"):
            DotenvTarget("app", path).write({"VALUE": payload}, None)
        assert path.read_text() == BEFORE


@pytest.mark.parametrize("payload", [*LINES, *SHELL, "A B", "A-B", "1A", "é", ""])
def test_no_key_is_anything_but_a_name(tmp_path: Path, payload: str) -> None:
    path = tmp_path / ".env"
    path.write_text(BEFORE)
    with pytest.raises(TargetError, match="cannot be a key"):
        DotenvTarget("app", path).write({f"A{payload} x": True}, None)
    assert path.read_text() == BEFORE


@pytest.mark.parametrize("state", ["there", "quoted", "unreadable"])
def test_a_printed_command_sets_the_value_and_nothing_else_happens(tmp_path: Path, state: str) -> None:
    """Many payloads by one shell: each command in a folder of its own."""
    script, wanted = [], {}
    for number, payload in enumerate(PRINTABLE + LINES + STEERING):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / ".env"
        target = DotenvTarget("app", path)
        text = BEFORE.replace("VALUE=old", "VALUE='old'") if state == "quoted" else BEFORE
        if state != "unreadable":
            path.write_text(text)
        command = target.manual({"VALUE": payload})
        path.write_text(text)
        assert "\n" not in command
        if command != f"vi {path}":
            script.append(f"cd {folder}; {command}")
            wanted[path] = payload
    done = subprocess.run(["sh", "-c", "\n".join(script)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert len(wanted) > 40
    for path, payload in wanted.items():
        assert [left.name for left in path.parent.iterdir()] == [".env"], payload
        assert DotenvTarget("app", path).read(["VALUE", "A", "LAST"]) == {"VALUE": payload, "A": "1", "LAST": "1"}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_printed_command_is_safe_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / f"{name}.env"
    path.parent.mkdir()
    for readable in (True, False):
        path.unlink(missing_ok=True)
        if readable:
            path.write_text(BEFORE)
        command = DotenvTarget("app", path).manual({"VALUE": "new"})
        path.write_text(BEFORE)
        subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=True)
        assert path.read_text() == BEFORE.replace("VALUE=old", "VALUE=new")
        assert list(tmp_path.rglob("*")) == [path.parent, path]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_file_is_written_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / f"{name}.env"
    path.parent.mkdir()
    path.write_text(BEFORE)
    assert written(path, "new")
    assert path.read_text() == BEFORE.replace("VALUE=old", "VALUE=new")
    assert list(tmp_path.rglob("*")) == [path.parent, path]


def test_what_was_found_is_put_back_as_a_text_and_not_as_a_command(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    for payload in SHELL:
        text = BEFORE.replace("VALUE=old", f"VALUE={payload}")
        path.write_text(text)
        target = DotenvTarget("app", path)
        held = target.read(["VALUE"])["VALUE"]
        try:
            target.preflight({"VALUE": "new"})
            target.write({"VALUE": "new"}, {"VALUE": held})
        except RolloutError:
            assert path.read_text() == text
            continue
        target.write({"VALUE": Verbatim(held) if held is not None else None}, {"VALUE": "new"})
        assert path.read_text() == text
    assert [name.name for name in tmp_path.iterdir()] == [".env"]


@pytest.mark.parametrize("payload", [*QUERY, *LINES, *STEERING, "$(x)", "'", '"'])
def test_nothing_but_a_word_comes_into_a_query(payload: str) -> None:
    assert not fit_for_query(payload)


@pytest.mark.parametrize("payload", [*FORMAT, "${A}", "$${A}", "${B:-x}", "%(A)s", "{A}"])
def test_what_a_variable_holds_is_not_expanded_again(payload: str) -> None:
    assert expand("<${A}>", {"A": payload, "B": "no"}.get) == f"<{payload}>"
