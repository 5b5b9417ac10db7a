"""Plans around one metric, or around some phases, and what lint finds in them, as `LINE id`."""

from __future__ import annotations

import json

from rollout.shapes import Problem
from tests.plans.small import read_text

QUERY_LINE, UNIT_LINE = 7, 8

_HEAD = """\
rollout: 1
name: shop
environments: {prod: {targets: {api: {type: dotenv, path: .env}}}}
flags: {ON: {type: bool, safe: false}, SHARE: {type: percent, safe: 0}}
metrics:
"""


def problems(text: str) -> list[Problem]:
    reading = read_text(text)
    assert reading.plan is not None, [problem.message for problem in reading.errors]
    return list(reading.problems)


def ids(text: str) -> list[str]:
    return sorted(f"{problem.place.line} {problem.id}" for problem in problems(text))


def metric_plan(query: str, unit: str, more: str = "", *, require: str = "< 0.5", used: bool = True) -> str:
    """The metric `m` with the gate `g`; `more` are further keys of the metric."""
    gates = f"gates: {{g: {{metric: m, require: {json.dumps(require)}}}}}" if used else "gates: {g: {confirm: Fine}}"
    return (
        f"{_HEAD}  m:\n    query: {json.dumps(query)}\n    unit: {json.dumps(unit)}\n    {more}\n{gates}\n"
        "phases: [{id: one, gates: [g], steps: [{set: {ON: true}}]}]\n"
    )


def found(query: str, unit: str, more: str = "") -> list[str]:
    return ids(metric_plan(query, unit, more))


def sentence(query: str, unit: str, more: str = "") -> str:
    """Of the only finding, with its hint."""
    (problem,) = problems(metric_plan(query, unit, more))
    return f"{problem.message} | {problem.hint}"


def phases_plan(gates: str, phases: str, triggers: str = "{}") -> str:
    """`gates` stand in line 8, `phases` from line 10 on, `triggers` in the last line."""
    return (
        f"{_HEAD}  errors: {{query: error_share, unit: ratio}}\n"
        f'  p95: {{query: "histogram_quantile(0.95, sum by (le) (rate(x_seconds_bucket[1h])))", unit: s}}\n'
        f"gates: {{{gates}}}\nphases:\n{phases}\ntriggers: {triggers}\n"
    )
