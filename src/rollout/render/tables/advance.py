"""What an advance did, or why it did not."""

from __future__ import annotations

from typing import TextIO

from rollout.model.durations import format_duration
from rollout.operations.advance import Advance, AdvanceOutcome
from rollout.render.console import Console, console, styled
from rollout.render.tables.answers import write_answers
from rollout.render.tables.changes import write_changes
from rollout.render.tables.check import write_judgements


def write(result: Advance, stream: TextIO) -> None:
    out = console(stream)
    match result.outcome:
        case AdvanceOutcome.ADVANCED:
            write_changes(result.changes, out, done=True)
            soak = f", soaks {format_duration(result.soak)}" if result.soak else ""
            out.print(styled("GO", f"  advanced to {result.label}{soak}", f"  [{result.head[:12]}]"))
            for warning in result.warnings:
                out.print(styled("warning", f": {warning}"))
            for instruction in result.instructions:
                out.print(styled(f"to do: {instruction}"))
            out.print(styled("next: rollout status, which says from when it goes on"))
            out.print(styled("undo: rollout rollback"))
        case AdvanceOutcome.COMPLETE:
            out.print(
                styled("GO", f"  {result.rollout} is complete in {result.environment}", f"  [{result.head[:12]}]")
            )
        case AdvanceOutcome.DRY_RUN:
            write_preview(result, out)
            out.print(styled("dry run: nothing was changed"))
        case AdvanceOutcome.REFUSED:
            if result.declined:
                out.print(styled("HOLD", "  not advanced: you said no"))
            else:
                write_judgements(result.decision, out)
                write_answers(result.decision, out, result.at, next_=result.command)
        case AdvanceOutcome.FAILED:
            _write_failure(result, out)


def write_preview(result: Advance, out: Console) -> None:
    origin = result.origin_label or "(not started)"
    out.print(styled(f"{result.rollout}  {result.environment}  {origin} -> {result.label}"))
    write_changes(result.changes, out, done=False)
    for warning in result.warnings:
        out.print(styled("warning", f": {warning}"))
    for instruction in result.instructions:
        out.print(styled(f"a person is to do: {instruction}"))


def _write_failure(result: Advance, out: Console) -> None:
    write_changes(result.changes, out, done=True, otherwise="not made" if result.restored else "NOT CONFIRMED")
    message = result.failure.message if result.failure else ""
    out.print(styled("error", f": not advanced to {result.label}: {message}"))
    if result.restored:
        out.print(styled("every value is as it was before"))
        return
    for sentence in result.left_to_do:
        out.print(styled("error", f": {sentence}"))
    out.print(styled("not all could be put back: `rollout status` shows what stands, `rollout rollback` tries again"))
