"""Damaged plans by the hundred: each is read or refused with errors, and none brings the reader down."""

from __future__ import annotations

import random
import re

import pytest

from rollout.planfile import read
from tests.faults.rig import LONG
from tests.plans.small import KINDS, SAMPLE

ROUNDS, PLANS = (200, 500) if LONG else (3, 100)
"""So many plans in each round; `make faults` tries 100,000."""

TOKENS = [
    b"", b"{", b"}", b"[", b"]", b": ", b"- ", b"\t", b"\x00", b"\xff", b"&a ", b"*a", b"!!x ", b"${", b"${X}", b"010",
    b".nan", b"1e999", b"-1", b"true", b"~", b"<<: *a", b"'", b'"', b"\xed\xa0\x80", b"%", b"@", b"|", b">", b"#",
    b"\r", b"\xe2\x80\xa8", b"99999999999999999999", b"1:30", b"? ", b"baseline(zzz) * 3%", b"((((((", b"9999999d",
]  # fmt: skip
WORD = re.compile(rb"[\w.%<>-]+")


def damaged(content: bytes, source: random.Random) -> bytes:
    at = source.randrange(len(content))
    lines = content.split(b"\n")
    match source.randrange(6):
        case 0:
            return content[:at] + bytes([source.randrange(256)]) + content[at + 1 :]
        case 1:
            return content[:at] + content[at + source.randrange(1, 20) :]
        case 2:
            return content[:at] + source.choice(TOKENS) + content[at:]
        case 3:
            first, second = source.randrange(len(lines)), source.randrange(len(lines))
            lines[first], lines[second] = lines[second], lines[first]
            return b"\n".join(lines)
        case 4:
            del lines[source.randrange(len(lines))]
            return b"\n".join(lines)
        case _:
            words = list(WORD.finditer(content))
            word = source.choice(words)
            other = source.choice([*TOKENS, source.choice(words)[0]])
            return content[: word.start()] + other + content[word.end() :]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_damaged_plan_is_read_or_refused(seed: int) -> None:
    source = random.Random(seed)  # the same plans in every run
    sample = SAMPLE.read_bytes()
    for _ in range(PLANS):
        content = sample
        for _ in range(source.randrange(1, 4)):
            content = damaged(content, source)
        reading = read(content, "plan.yaml", KINDS)
        assert (reading.plan is None) == bool(reading.errors)
        assert all(reading.rendered(problem) for problem in reading.problems)
