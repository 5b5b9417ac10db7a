"""What commands are given, what they print and how they end, with real programs."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from rollout.model.evidence import Unanswered
from rollout.model.probes import CommandEnd, CommandRun
from rollout.sources.command import CommandSource

PATH = {"PATH": os.environ["PATH"]}


def source(
    folder: Path,
    environ: Mapping[str, str] = PATH,
    context: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> CommandSource:
    return CommandSource(folder, environ, context or {}, lambda environment: {"ENV": environment, **(variables or {})})


def ask(asked: CommandSource, *argv: str, timeout: float = 20, repeat: int = 1) -> tuple[CommandEnd, ...] | Unanswered:
    question = CommandRun("production", argv, timedelta(seconds=timeout), repeat)
    return asked.ask([question])[question]


def one(asked: CommandSource, *argv: str, timeout: float = 20) -> CommandEnd:
    ends = ask(asked, *argv, timeout=timeout)
    assert not isinstance(ends, Unanswered), ends
    (end,) = ends
    return end


ODD = ["a b", "'", '"', ";", "$(id)", "`id`", "${x", "*", "", "-n", "a\nb", "a\tb", "ä€😀", "\\", "&& id", "| id", "#x"]


def test_one_argument_stays_one(tmp_path: Path) -> None:
    variables = {f"V{number}": text for number, text in enumerate(ODD)}
    arguments = [f"${{V{number}}}" for number in range(len(ODD))]
    end = one(source(tmp_path, variables=variables), "printf", "<%s>", *arguments)
    assert end.stdout == "".join(f"<{text}>" for text in ODD)


def test_arguments_take_their_variables_from_vars_alone(tmp_path: Path) -> None:
    asked = source(tmp_path, {**PATH, "HOME": "/root", "ENV": "inherited"})
    assert (
        one(asked, "echo", "${ENV}", "$HOME", "$${HOME}", "${HOME:-none}").stdout == "production $HOME ${HOME} none\n"
    )
    assert ask(asked, "echo", "${HOME}") == Unanswered("the variable HOME is not set", unset="HOME")
    assert ask(asked, "${PROGRAM}") == Unanswered("the variable PROGRAM is not set", unset="PROGRAM")


def test_a_command_gets_the_environment_then_the_vars_then_the_rollout(tmp_path: Path) -> None:
    environ = {**PATH, "A": "inherited", "B": "inherited", "C": "inherited"}
    asked = source(tmp_path, environ, {"C": "context", "ROLLOUT_NAME": "x"}, {"B": "var", "C": "var"})
    assert one(asked, "sh", "-c", "echo $A $B $C $ENV $ROLLOUT_NAME").stdout == "inherited var context production x\n"


def test_a_command_works_in_the_folder_of_the_plan(tmp_path: Path) -> None:
    assert one(source(tmp_path), "pwd", "-P").stdout == f"{tmp_path.resolve()}\n"


def test_a_program_is_found_from_the_folder_or_on_the_path_of_the_environment(tmp_path: Path) -> None:
    for name in ("bin/tool", "tool", "other/tool"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} $0\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "other" / "tool").chmod(0o644)
    asked = source(tmp_path, {"PATH": f"other:/nowhere:{tmp_path / 'bin'}:/bin:/usr/bin"})
    assert one(asked, "./tool").stdout == f"tool {tmp_path}/tool\n"
    assert one(asked, "tool").stdout == f"bin/tool {tmp_path}/bin/tool\n"
    assert one(source(tmp_path, {}), "sh", "-c", "echo found").stdout == "found\n"


def write_scripts(folder: Path) -> None:
    (folder / "plain").write_text("echo no\n")
    for name, text in (("bare", "echo no\n"), ("lost", "#!/no/such/interpreter\n"), ("brace{}", "")):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("argv", "failure"),
    [
        (["no-such-program"], "there is no program 'no-such-program' on PATH"),
        (["./no-such-program"], "there is no program './no-such-program' in FOLDER"),
        (["plain/x"], "there is no program 'plain/x' in FOLDER"),
        ([""], "there is no program '' on PATH"),
        (["./plain"], "'./plain' is not executable"),
        ([".."], "'..' is a folder, not a program"),
        (["/"], "'/' is a folder, not a program"),
        (["./bare"], "'./bare' cannot be started: it is neither a program of this machine nor a script with a first"),
        (["./lost"], "'./lost' cannot be started: the interpreter that its first line names does not exist"),
        (["./brace{}"], "'./brace{}' cannot be started: "),
        (["true", "x" * 10**7], "'true' cannot be started: Argument list too long"),
        (["a\nb\x1b[31m"], "there is no program 'a b [31m' on PATH"),
    ],
)
def test_a_program_that_cannot_be_started_is_said(tmp_path: Path, argv: list[str], failure: str) -> None:
    write_scripts(tmp_path)
    asked = source(tmp_path, {"PATH": f"{os.environ['PATH']}:."})
    end = one(asked, *argv)
    assert end.exit is None
    assert end.failure.startswith(failure.replace("FOLDER", str(tmp_path)))


@pytest.mark.parametrize("name", ["no-such-folder", "file"])
def test_a_folder_that_is_none_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    ends = ask(source(tmp_path / name), "true")
    assert ends == Unanswered(
        f"no command can run in {tmp_path / name}: there is no such folder, or it may not be entered"
    )


@pytest.mark.parametrize(
    ("argv", "variables", "reason"),
    [
        (["echo", "a\0b"], {}, "an argument of the command holds a NUL character"),
        (["echo", "${X}"], {"X": "a\0b"}, "an argument of the command holds a NUL character"),
        (["echo"], {"X": "\0"}, "a variable of the command holds a NUL character"),
        (["echo", "\ud800"], {}, "an argument of the command holds a character that this system's encoding"),
    ],
)
def test_what_no_program_can_be_given_is_said(
    tmp_path: Path, argv: list[str], variables: dict[str, str], reason: str
) -> None:
    ends = ask(source(tmp_path, variables=variables), *argv)
    assert isinstance(ends, Unanswered)
    assert ends.reason.startswith(reason)


@pytest.mark.parametrize("code", [0, 1, 126, 127, 137, 255])
def test_the_exit_code_is_kept(tmp_path: Path, code: int) -> None:
    assert one(source(tmp_path), "sh", "-c", f"exit {code}") == CommandEnd(code)


def test_stdout_stands_alone_and_the_stream_that_spoke_last_comes_last(tmp_path: Path) -> None:
    end = one(source(tmp_path), "sh", "-c", "echo out; echo err >&2; exit 4")
    assert (end.exit, end.stdout, end.output) == (4, "out\n", "out\nerr")
    end = one(source(tmp_path), "sh", "-c", "echo err >&2; sleep 0.1; echo out")
    assert (end.stdout, end.output) == ("out\n", "err\nout")


def test_a_command_that_closes_its_streams_or_reads_is_waited_for(tmp_path: Path) -> None:
    assert one(source(tmp_path), "sh", "-c", "exec >&- 2>&-; sleep 0.1; exit 3") == CommandEnd(3)
    assert one(source(tmp_path), "cat") == CommandEnd(0)


def test_binary_output_becomes_text_without_control_characters(tmp_path: Path) -> None:
    octal = "".join(f"\\{number:03o}" for number in range(256))
    end = one(source(tmp_path), "printf", octal.replace("\\045", "%%"))
    assert end.exit == 0
    assert "0123456789" in end.stdout
    assert all(character in "\t\n" or ord(character) >= 32 for character in end.stdout)
    coloured = one(
        source(tmp_path), "printf", r"\033[1;31mred\033[0m\r\n\033]0;title\007ok 10%%\r20%%\n\033]8;;x\nrest"
    )
    assert coloured.stdout == "red\nok 10%\n20%\n\nrest"


def test_a_gigabyte_neither_blocks_nor_is_kept(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        end = one(source(tmp_path), "sh", "-c", "head -c 1000000000 /dev/zero; echo; echo last")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert end == CommandEnd(0, "…\nlast\n", "…\nlast", cut=True)
    assert peak < 2**21


def test_the_last_64_kib_are_kept(tmp_path: Path) -> None:
    end = one(source(tmp_path), "sh", "-c", "head -c 100000 /dev/zero | tr '\\0' x; echo y")
    assert end.stdout == f"…{'x' * (2**16 - 2)}y\n"


def test_stderr_is_bounded_too_and_drives_out_no_number(tmp_path: Path) -> None:
    end = one(source(tmp_path), "sh", "-c", "echo 3; head -c 1000000 /dev/zero >&2")
    assert (end.stdout, end.cut) == ("3\n", True)


def test_twenty_run_eight_at_once_and_each_once(tmp_path: Path) -> None:
    script = """
        echo x >> began; touch running.$0
        until [ -e full ] || [ $(ls running.* | wc -l) -ge 8 ]; do sleep 0.01; done
        touch full; ls running.* | wc -l; rm running.$0
    """
    asked = [CommandRun("production", ("sh", "-c", script, str(n % 20)), timedelta(seconds=20)) for n in range(40)]
    answers = source(tmp_path).ask(asked)
    ends = [answers[question] for question in asked[:20]]
    at_once = [int(end[0].stdout) for end in ends if not isinstance(end, Unanswered)]
    assert (len(at_once), max(at_once)) == (20, 8)
    assert (tmp_path / "began").read_text() == "x\n" * 20


def test_a_command_is_repeated_until_it_does_not_end_as_expected(tmp_path: Path) -> None:
    ends = ask(source(tmp_path), "sh", "-c", "echo x >> runs; test $(wc -l < runs) -lt 3", repeat=5)
    assert ends == (CommandEnd(0), CommandEnd(0), CommandEnd(1))
    assert ask(source(tmp_path), "true", repeat=3) == (CommandEnd(0),) * 3
    expecting = CommandRun("production", ("false",), timedelta(seconds=20), repeat=2, expected=1)
    assert source(tmp_path).ask([expecting]) == {expecting: (CommandEnd(1), CommandEnd(1))}
