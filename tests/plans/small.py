"""A small plan whose sections a test replaces one at a time; `§` marks where a problem is expected."""

from __future__ import annotations

from pathlib import Path

from rollout.planfile import Reading, read
from rollout.targets import KINDS as TARGETS

KINDS = {name: kind.keys for name, kind in TARGETS.items()}

SAMPLE = Path(__file__).parent / "checkout-v2.yaml"

_SECTIONS = {
    "rollout": "1",
    "name": "small",
    "environments": '{prod: {targets: {api: {type: dotenv, path: .env}}, vars: {API: "http://x", JOB: shop}}}',
    "flags": "{ON: {type: bool, safe: false}, SHARE: {type: percent, safe: 0}, N: {type: int, min: 1, max: 9}, "
    "MODE: {type: string, choices: [a, b]}, WHO: {type: list}}",
    "metrics": "{errors: {query: errors, unit: ratio}, p95: {query: 'max_over_time(x[5m])', unit: s}}",
    "gates": '{low: {metric: errors, require: "< 1%"}, fast: {metric: p95, require: "< 15ms"}, '
    'web: {http: "${API}/health"}}',
    "phases": "[{id: one, gates: [low], steps: [{name: a, set: {ON: true}}, {set: {SHARE: 50}}]}, {id: two}]",
    "rollback": "{partial: {set: {SHARE: 10}, approval: true}}",
}


def small(*sections: str) -> str:
    """The plan with these sections (`flags: {…}`) in place of its own, or after them."""
    written = dict(_SECTIONS)
    for section in sections:
        name, _, value = section.partition(": ")
        written[name] = value
    return "".join(f"{name}: {value}\n" for name, value in written.items())


def read_text(text: str) -> Reading:
    return read(text.encode("utf-8", "surrogatepass"), "plan.yaml", KINDS)


def found_in(text: str) -> list[str]:
    """Every problem as `LINE:COLUMN severity message | hint [id]`."""
    return [
        f"{p.place.line}:{p.place.column} {p.severity} {p.message} | {p.hint} [{p.id}]"
        for p in read_text(text).problems
    ]


def place_of_mark(text: str) -> tuple[str, str]:
    """The text without its mark, and LINE:COLUMN of what stood behind the mark."""
    before, mark, after = text.partition("§")
    assert mark, "the case marks no place"
    return before + after, f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
