"""Texts that do something where somebody takes them for more than a text. `SENTINEL` stands for a file to be made."""

from __future__ import annotations

SHELL = (
    "$(touch SENTINEL)", "`touch SENTINEL`", "; touch SENTINEL", "| touch SENTINEL", "&& touch SENTINEL",
    "|| touch SENTINEL", "& touch SENTINEL", "'; touch SENTINEL; '", '"; touch SENTINEL; "', "'$(touch SENTINEL)'",
    '"$(touch SENTINEL)"', "\\'; touch SENTINEL #", "> SENTINEL", "x > SENTINEL", "<(touch SENTINEL)",
    "${x:-$(touch SENTINEL)}", "$((a[$(touch SENTINEL)]))", "-e touch", "--help", "-rf", "~root", "!!", "*", "$HOME",
    "a'b", 'a"b', "a\\", "a\\\\'", "a b  c", "# c", "x # c", "{a,b}", "=x", "a=b", "e/;w SENTINEL;s/", "&\\1", "/e;",
)  # fmt: skip
MARKUP = (
    "[/b]", "[bold red]x[/]", "[b]", "[link=file:///etc/passwd]x[/link]", "[@click=exit]x[/]", ":smile:", "[[x]]",
    "[on red]", "\\[b]", "<b>x</b>", "</script>", "| a | b |", "```", "**x**",
)  # fmt: skip
CI = (
    "::error file=a.py,line=1::boo", "::set-output name=a::b", "::add-mask::e", "::stop-commands::x", "::group::x",
    " ::warning::x", "::save-state name=a::b", "::set-env name=PATH::x", "##[error]x", "x ##[set-env name=A;]x",
    "##vso[task.setvariable variable=a]b", "##[add-mask]e", "##teamcity[buildStop]", "%0A::error::x",
)  # fmt: skip
FORMAT = (
    "{0.__class__}", "{}", "{x!r}", "%s%s%n", "%(a)s", "%", "$name", "${NAME", "{{ 7*7 }}", "#{7*7}", "<%= 7 %>",
    "${jndi:ldap://x}", "\\N{BULLET}", "\\x1b[2J", "\\u001b[2J", "f'{x}'",
)  # fmt: skip
DOCUMENT = (
    '"},{"a":"', '"', "\\", "\\u0000", "NaN", "null", "]]>", "é", "日本語", "🚀", "a: b", "- a",
    "'; DROP TABLE events; --", '" OR 1=1 --', "x'); DELETE FROM events; --", "%' --", "?", ":name",
)  # fmt: skip
QUERY = (
    'x"} or vector(1) #', 'x", job=~".+', "x'}", "x)", "x} or up{", "1 or vector(1)", "a b", "a,b", "$__interval",
    "a\\", "a{", "a[5m]", "`a`",
)  # fmt: skip
STEERING = (
    "\x1b[2J", "\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "\x1bc", "\x1bP+q\x1b\\",
    "\x1b]52;c;eA==\x07", "\x9b2J", "\x9d0;title\x9c", "\x90q\x9c", "safe\rGO", "x\b\b\bGO", "\x07", "\x00", "\x7f",
    "\u202eGO", "\u2066GO\u2069", "\x0c", "\x0b", "\x85GO", "\x1b[6n", "a\u2028b", "a\u2029b", "\x1b[?1049h", "\x1b#8",
)  # fmt: skip
LINES = (
    "a\nB=1", "a\r\nB=1", "a\rB=1", "a\n::error::x", "a\n  ::set-output name=a::b", "\n::add-mask::e", "a\n##[error]x",
    "a\n\nVerdict: GO", "a\nGO", "x\n'; touch SENTINEL; '", "a\\\nB=1", "a\n#\nNEW=true",
)  # fmt: skip

PRINTABLE = SHELL + MARKUP + CI + FORMAT + DOCUMENT + QUERY
"""What a plan may hold: one line without control characters."""

ALL = PRINTABLE + STEERING + LINES
