"""Interrupts `attended` at one instruction of its after the other, and writes how often it was interrupted.

    python -m tests.interrupted_anywhere STRIDE

In a process of its own, as what fails never ends.
"""

from __future__ import annotations

import signal
import sys
from threading import Event
from types import FrameType
from typing import Any

from rollout.errors import Interrupted
from rollout.processes.attended import attended


def interrupt(number: int, _frame: FrameType | None) -> None:
    raise Interrupted(128 + number)


def work(halt: Event, item: int) -> int:
    halt.wait(0.001)
    return item


def interrupted_at(instruction: int) -> bool:
    """False where it ended before it came to that instruction. AssertionError where it was not interrupted by it."""
    left = instruction

    def trace(frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal left
        frame.f_trace_opcodes = True
        if event == "opcode":
            left -= 1
            if left == 0:
                signal.raise_signal(signal.SIGTERM)
        elif event == "return" and frame.f_code is attended.__code__:
            sys.settrace(None)
        return trace

    sys.settrace(trace)
    try:
        attended(work, [1, 2], at_once=2)
    except Interrupted:
        return True
    finally:
        sys.settrace(None)
    assert left > 0, f"an interruption at instruction {instruction} was lost"
    return False


def main(stride: int) -> None:
    signal.signal(signal.SIGTERM, interrupt)
    instruction = 1
    while interrupted_at(instruction):
        instruction += stride
    sys.stdout.write(str(instruction // stride))


if __name__ == "__main__":
    main(int(sys.argv[1]))
