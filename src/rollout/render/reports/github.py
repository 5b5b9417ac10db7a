"""GitHub Actions: the table for whoever reads the log, then annotations for whoever does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TextIO

from rollout.frozen import dataclass
from rollout.model.verdicts import Verdict
from rollout.operations.check import Check
from rollout.render.reports import Failure
from rollout.render.reports.cases import Case, Standing, cases, guide_lines, headline, next_lines, place
from rollout.render.tables.check import write as write_table
from rollout.render.text import clean, harmless

_SHOWN = 10
"""GitHub shows no more of a kind for one step."""

_ERROR, _WARNING, _NOTICE = "error", "warning", "notice"
_KINDS = {
    Standing.FIRED: _ERROR,
    Standing.FAILED: _ERROR,
    Standing.UNKNOWN: _ERROR,
    Standing.REVIEW: _WARNING,
    Standing.WAITING: _WARNING,
    Standing.NOTED: _NOTICE,
}
_OF_VERDICTS = {Verdict.GO: _NOTICE, Verdict.HOLD: _WARNING}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({**{chr(number): text for number, text in _DATA.items()}, ":": "%3A", ",": "%2C"})


@dataclass(frozen=True)
class _Annotation:
    kind: str
    title: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        message = harmless(clean("\n".join(self.lines))).translate(_DATA)
        return f"::{self.kind} title={harmless(clean(self.title)).translate(_PROPERTY)}::{message}\n"


def write(result: Check, stream: TextIO) -> None:
    write_table(result, stream)  # nothing in it is a command: a console sees to that
    stream.write("".join(map(str, _annotations(result))))


def write_error(failure: Failure, stream: TextIO) -> None:
    lines = (failure.message, *([f"hint: {failure.hint}"] if failure.hint else []))
    stream.write(str(_Annotation(_ERROR, "rollout: no verdict", lines)))


def outputs(result: Check) -> Mapping[str, str]:
    """What later steps can ask for."""
    verdict = result.decision.verdict
    failed = [case.id for case in cases(result.decision) if case.standing is Standing.FAILED]
    return {"verdict": verdict.value, "exit_code": str(verdict.exit_code), "failed_gates": ",".join(failed)}


def outputs_of_error(failure: Failure) -> Mapping[str, str]:
    return {"verdict": "", "exit_code": str(failure.exit_code), "failed_gates": ""}


def _annotations(result: Check) -> Iterator[_Annotation]:
    """The verdict, which is as bad as the worst of the cases, then those, the worst first."""
    found = sorted(cases(result.decision), key=lambda case: case.standing)
    annotations = [_verdict(result)]
    annotations += [
        _Annotation(kind, f"{place(result)}: {_named(case)}", (case.text, *case.advice))
        for case in found
        if (kind := _KINDS.get(case.standing))
    ]
    for kind, some in groupby(annotations, key=lambda one: one.kind):
        yield from _limited(kind, tuple(some), place(result))


def _limited(kind: str, annotations: tuple[_Annotation, ...], where: str) -> Iterable[_Annotation]:
    if len(annotations) <= _SHOWN:
        return annotations
    shown, rest = annotations[: _SHOWN - 1], annotations[_SHOWN - 1 :]
    titles = tuple(one.title.removeprefix(f"{where}: ") for one in rest)
    return (*shown, _Annotation(kind, f"{where}: {len(rest)} more", titles))


def _verdict(result: Check) -> _Annotation:
    verdict = result.decision.verdict
    lines = [headline(result), *(f"{label}: {text}" for label, text in next_lines(result))]
    lines += [line for guide in result.decision.guides for line in guide_lines(guide)]
    return _Annotation(_OF_VERDICTS.get(verdict, _ERROR), f"{place(result)}: {verdict.value}", tuple(lines))


def _named(case: Case) -> str:
    return f"{case.id} ({case.group})"
