"""No credential that a command inherits is shown, however the command prints it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from rollout.gates.command import CommandGate
from rollout.model.evidence import Unanswered
from rollout.model.gate import Scope
from rollout.model.probes import CommandRun
from rollout.processes.output import Tail
from rollout.processes.secrets import Mask
from rollout.sources.command import CommandSource
from tests.fakes import NOON
from tests.real.test_command_source import PATH, ask, one, source

SECRETS = {
    "APP_TOKEN": "canary-token-0",
    "client_secret": "canary secret 1",
    "DB_PASSWORD": "canary-password-2",
    "PGPASSWD": "canary$passwd'3\"",
    "API_KEY": "canary-key-4",
    "AWS_CREDENTIALS": '{"a": "canary-credential-5"}',
    "BASIC_AUTH": "canary-user:canary-6",
    "SENTRY_DSN": "canary://dsn-7",
    "DATABASE_URL": "postgres://app:canary%40url-8@db.example.com/shop",
    "HTTPS_PROXY": "http://canary-9@proxy.example.com:3128",
    "BINARY_KEY": "canary-\udcff\udcfe-\x01\x1b[1mbold-12",
    "SIGNING_KEY": "-----BEGIN KEY-----\ncanary-line-10\ncanary-line-11\n-----END KEY-----\n",
}
PRINTS = {
    "its environment": "env",
    "its environment as an error": "env >&2; exit 1",
    "its command line": "tr '\\0' '\\n' < /proc/$$/cmdline",
    "parts of a URL": "echo $${DATABASE_URL##*app:}; printf 'canary@url-8\\n'; echo $HTTPS_PROXY",
    "lines of a key": 'echo "$SIGNING_KEY" | while read -r line; do echo "x $line"; echo ---; done',
    "bytes that are no text": "printf '%s\\n' \"$BINARY_KEY\"",
    "with escape sequences around": "printf '\\033[1m%s\\033[0m\\r\\n' \"$APP_TOKEN\"",
    "too much": "head -c 70000 /dev/zero | tr '\\0' ' '; env",
    "on one line": "env | tr '\\n' ' '; false",
}


@pytest.mark.parametrize("script", PRINTS.values(), ids=PRINTS)
def test_no_credential_leaves_a_command(tmp_path: Path, script: str) -> None:
    end = one(source(tmp_path, {**PATH, **SECRETS}), "sh", "-c", script)
    assert end.exit is not None
    assert "canary" not in repr(end)


def test_every_credential_reaches_the_command(tmp_path: Path) -> None:
    for name, value in SECRETS.items():
        end = one(source(tmp_path, {**PATH, **SECRETS}), "sh", "-c", f'test "${name}" = "$0"', value)
        assert end.exit == 0


def test_credentials_among_the_vars_are_none_less(tmp_path: Path) -> None:
    asked = source(tmp_path, variables={"TOKEN": "canary-var", "API": "https://api.example.com"})
    assert one(asked, "echo", "${TOKEN}", "${API}").output == "*** https://api.example.com"
    assert one(asked, "${TOKEN}").failure == "there is no program '***' on PATH"
    assert one(asked, "/${TOKEN}").failure == f"there is no program '/***' in {tmp_path}"


def test_a_reason_quotes_no_credential(tmp_path: Path) -> None:
    gate = CommandGate(argv=("sh", "-c", "echo login with $APP_TOKEN failed; exit 1"))
    scope = Scope("production", NOON)
    (question,) = gate.needs(scope)
    assert isinstance(question, CommandRun)
    ends = source(tmp_path, {**PATH, **SECRETS}).ask([question])[question]
    assert gate.judge({question: ends}, scope).reason == "it ended with 1, expected 0: login with *** failed"


def test_the_rest_of_the_output_stays_as_it_is(tmp_path: Path) -> None:
    environ = {**PATH, "AUTH": "none", "KEY": "", "USE_TOKEN": "true", "AUTHOR": "me", "URL": "https://example.com/a@b"}
    printed = "none of 5 tests: true me\nhttps://example.com/a@b"
    assert one(source(tmp_path, environ), "echo", printed).output == printed


@pytest.mark.parametrize("value", ["0.123456789", "1234567", "123456e2"])
def test_a_number_that_holds_a_credential_stays_a_number(tmp_path: Path, value: str) -> None:
    assert one(source(tmp_path, {**PATH, "PIN_KEY": "123456"}), "echo", value).stdout == f"{value}\n"
    assert one(source(tmp_path, {**PATH, "PIN_KEY": value}), "echo", value).stdout == "***\n"


def test_a_credential_whose_begin_was_not_kept_is_not_shown() -> None:
    secret = "canary-0123456789"
    mask = Mask({"TOKEN": secret})
    for behind in range(100, 160):
        tail = Tail(keep=128 + mask.margin)
        tail.add(b"x" * 300 + secret.encode() + b"y" * behind, 1)
        text = mask.text(tail)
        assert text.startswith("…")
        assert not any(secret[begin : begin + 4] in text for begin in range(len(secret) - 3))


def test_an_unset_variable_is_named_and_nothing_else(tmp_path: Path) -> None:
    ends = ask(source(tmp_path, {**PATH, **SECRETS}), "echo", "${APP_TOKEN}")
    assert ends == Unanswered("the variable APP_TOKEN is not set", unset="APP_TOKEN")


def test_a_variable_that_the_plan_uses_as_a_credential_is_masked_whatever_it_is_called(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "PTOK": "CANARY-0815-XYZ"}
    run = CommandRun("production", ("sh", "-c", "echo $PTOK"), timedelta(seconds=5))
    for names, shown in ((frozenset({"PTOK"}), "***"), (frozenset[str](), "CANARY-0815-XYZ")):
        ends = CommandSource(tmp_path, environ, {}, lambda _: {}, names).ask([run])[run]
        assert not isinstance(ends, Unanswered)
        assert ends[0].output.strip() == shown
