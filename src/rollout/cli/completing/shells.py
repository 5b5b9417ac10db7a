"""What each shell's script sends, and how it wants to be answered.

A script sets `_ROLLOUT_COMPLETE` to complete_SHELL and `_ROLLOUT_LINE` to the command line up to the cursor. The first
line of the answer is `values`, or `files` where the shell completes a file's name by itself; then come the values, one
a line. What is no line of its own cannot be typed at a prompt either, so it is left out.

To add one: a class that writes a value as its script reads it, its name below, and `scripts/rollout.NAME`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, ClassVar

from typer._click.shell_completion import CompletionItem, ShellComplete, add_completion_class

from rollout.cli.completing.words import Word, arguments, quoted, split

SCRIPTS = {"bash": "rollout.bash", "zsh": "rollout.zsh", "fish": "rollout.fish", "powershell": "rollout.ps1"}
"""The file of each shell's script."""

FILE = "\0file"
"""The help of an item in whose place the shell offers files; Typer lets a callback say it in no other way."""

_LONGEST = 80


class _Shell(ShellComplete):
    source_template: ClassVar[str] = ""

    def source_vars(self) -> dict[str, Any]:
        return {}

    def get_completion_args(self) -> tuple[list[str], str]:
        *before, last = self._words()
        return [_at_home(word) for word in before], last.text

    def complete(self) -> str:
        args, incomplete = self.get_completion_args()
        items = [] if self._words()[-1].expands else self.get_completions(args, incomplete)
        if any(item.type == "file" or item.help == FILE for item in items):
            return "files"
        return "\n".join(["values", *map(self.format_completion, _typeable(items))])

    def format_completion(self, item: CompletionItem) -> str:
        return f"{item.value}\t{_short(item.help)}"

    def _words(self) -> list[Word]:
        return arguments(os.environ.get("_ROLLOUT_LINE", ""))


class _Zsh(_Shell):
    """`_describe` reads VALUE:HELP; zsh quotes by itself."""

    name = "zsh"

    def format_completion(self, item: CompletionItem) -> str:
        value = str(item.value).replace("\\", "\\\\").replace(":", "\\:")
        return f"{value}:{_short(item.help)}" if item.help else value


class _PowerShell(_Shell):
    """Its script splits at the tab, and quotes."""

    name = "powershell"


class _Fish(_Shell):
    """It wants the whole of a word, also of --OPTION=VALUE, and quotes by itself."""

    name = "fish"

    def format_completion(self, item: CompletionItem) -> str:
        return f"{_before_value(self._words()[-1])}{super().format_completion(item)}"


class _Bash(_Shell):
    """It replaces only what stands behind a colon or the like (`_ROLLOUT_WORD`), and leaves the quoting to us."""

    name = "bash"

    def format_completion(self, item: CompletionItem) -> str:
        word = self._words()[-1]
        replaced = os.environ.get("_ROLLOUT_WORD", "")
        stays = split(word.raw.removesuffix(replaced))[-1]
        return quoted((_before_value(word) + str(item.value)).removeprefix(stays.text), stays.quote)


def register() -> None:
    for shell in (_Bash, _Zsh, _Fish, _PowerShell):
        add_completion_class(shell, shell.name)


def _before_value(word: Word) -> str:
    option, equals, _ = word.text.partition("=")
    return option + equals if equals and option.startswith("-") else ""


def _at_home(word: Word) -> str:
    return os.environ.get("HOME", "~") + word.text[1:] if word.raw.startswith("~/") else word.text


def _typeable(items: Iterable[CompletionItem]) -> list[CompletionItem]:
    return [item for item in items if str(item.value).isprintable() and item.value]


def _short(words: str | None) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in " ".join((words or "").split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
