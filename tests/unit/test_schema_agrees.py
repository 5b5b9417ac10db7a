"""An editor refuses what `lint` refuses, as far as JSON Schema can say it, and nothing that `lint` accepts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from rollout.gates.keys import CONDITION
from rollout.planfile.schema import json_schema
from rollout.planfile.yaml_nodes import read_nodes
from rollout.shapes import Book, Duration, Mapping, Node, Scalar, Sequence, Share, Template, Unreadable
from rollout.shapes.nodes import Place
from rollout.shapes.shape import Schema, Shape
from tests.cli.desk import PLAN
from tests.plans.small import KINDS, SAMPLE, read_text, small

ROOT = Path(__file__).parents[2]
VALIDATOR = Draft202012Validator(json_schema(KINDS))

ACCEPTED = {
    "the sample": SAMPLE.read_text("utf-8"),
    "the demo": (ROOT / "demo" / "plan.yaml").read_text("utf-8"),
    "the README": (ROOT / "README.md").read_text("utf-8").split("```yaml\n")[1].split("```")[0],
    "a small one": small(),
    "a shop": PLAN.format(url="http://x", errors="< 1%", present="hit-rate", soak="0s", spike="> 20%"),
    "numbers and bools as texts": small(
        "environments: {p: {targets: {api: {type: dotenv, path: 5}}, vars: {A: 1, B: true}}}"
    ),
    "a phase by a number": small("phases: [{id: 1, audience: 5, steps: [{name: a1, set: {ON: true}}]}]"),
    "a changed gate": small("phases: [{id: one, gates: [{gate: low, for: phase, coverage: 95%}], exit: low}]"),
    "gates of every kind": small(
        "phases: [{id: one, exit: [{ask: q, require: < 5}, {confirm: yes}, {command: [x], fail_exit: 1}, "
        "{sql: {url: x, query: select 1}, expect: {rows: '> 0'}}, {alerts: {}, names: Down}, "
        "{rollout: {plan: other, no_rollback: 7d}}, {http: '${API}', expect: {status: [200, 204], json: [1, null]}}]}]"
    ),
    "triggers of every kind": small(
        "triggers: {a: {all: [{metric: errors, when: '> 1%'}, {any: [{gate: web, times: 2}]}], review: look}, "
        "b: {alerts: {x: ''}, for: 3m, rollback: partial, phases: one}, c: {ask: q, when: '> 5', review: x, from: two}}"
    ),
    "choices of a list": small("flags: {ON: {type: bool}, SHARE: {type: percent}, WHO: {type: list, choices: [a, b]}}"),
    "commands in every form": small(
        "rollback: {partial: {run: [./x, 1], then: [[./y], {command: [./z], timeout: 5s, once: true}]}}"
    ),
}

REFUSED = [
    "rollout: 2", "rollout: '1'", "name: Small", "name: a b", "title: 5", "title: ''", "title: ~", "owner: [a]",
    "links: [x]", "environments: {}", "environments: {prod: {prometheus: {ulr: x}}}",
    "environments: {prod: {prometheus: {url: ''}}}", "environments: {prod: {prometheus: {url: '${X'}}}",
    "environments: {prod: {prometheus: {url: '${1X}'}}}", "environments: {prod: {prometheus: {url: x, timeout: 10}}}",
    "environments: {prod: {prometheus: {url: x, token: a, username: b}}}",
    "environments: {prod: {prometheus: {url: x, password: a}}}", "environments: {prod: {store: redis:x}}",
    "environments: {prod: {targets: {api: {path: .env}}}}",
    "environments: {prod: {targets: {api: {type: dotnev, path: x}}}}",
    "environments: {prod: {targets: {api: {type: dotenv}}}}",
    "environments: {prod: {targets: {api: {type: dotenv, path: x, namespace: y}}}}",
    "environments: {prod: {targets: {api: {type: http, url: x}}}}",
    "environments: {prod: {targets: {api: {type: command, set: [x, y], get: [z]}}}}",
    "environments: {prod: {targets: {api: {type: kubernetes-env, deployment: a, statefulset: b}}}}",
    "environments: {prod: {targets: {api: {type: kubernetes-replicas, deployment: a, wait: 5}}}}",
    "environments: {prod: {targets: {api: {type: kubernetes-selector, service: a, label: b, min_ready: -1}}}}",
    "environments: {prod: {targets: {api: {type: kubernetes-configmap, configmap: a, restart: web}}}}",
    "environments: {prod: {targets: {api: {type: dotenv, path: x, apply: pm2 restart}}}}",
    "flags: {ON: {type: boolean}}", "flags: {ON: {type: bool, safe: 0}}", "flags: {ON: {type: bool, safe: 'no'}}",
    "flags: {ON: {type: percent, safe: 101}}", "flags: {ON: {type: int, safe: 1.5}}",
    "flags: {ON: {type: bool, min: 0}}", "flags: {ON: {type: list, safe: a}}", "flags: {ON: {safe: true}}",
    "flags: {ON: {type: string, choices: []}}", "metrics: {m: {query: x}}", "metrics: {m: {query: x, unit: sec}}",
    "metrics: {m: {query: '', unit: s}}", "metrics: {m: {query: x, unit: s, series: all}}",
    "metrics: {m: {query: x, unit: s, absent: null}}",
    "metrics: {m: {query: x, unit: s, evidence: {metric: y, at_least: -1}}}", "gates: {g: {metric: errors}}",
    "gates: {g: {require: < 5}}", "gates: {g: {metric: errors, require: 1%}}",
    "gates: {g: {metric: errors, require: < 1 percent}}", "gates: {g: {metric: errors, require: =< 1%}}",
    "gates: {g: {metric: errors, require: < 1% or > 5%}}", "gates: {g: {metric: errors, require: < baseline * 5%}}",
    "gates: {g: {metric: errors, require: < 1%, for: 48}}", "gates: {g: {metric: errors, require: < 1%, for: soak}}",
    "gates: {g: {metric: errors, require: < 1%, for: 5m, coverage: 0.95}}",
    "gates: {g: {metric: errors, require: < 1%, for: 5m, coverage: 101%}}",
    "gates: {g: {metric: errors, require: < 1%, share: 99%}}", "gates: {g: {metric: errors, http: x, require: < 1%}}",
    "gates: {g: {http: x, attempts: 0}}", "gates: {g: {http: x, method: get}}",
    "gates: {g: {http: x, expect: {status: 99}}}", "gates: {g: {command: npm test}}",
    "gates: {g: {command: [x], unit: s}}", "gates: {g: {sql: {url: x, query: select 1}}}",
    "gates: {g: {sql: {url: x, query: select 1}, expect: {rows: 0, value: < 5}}}",
    "gates: {g: {rollout: {environment: prod}}}", "gates: {g: {rollout: {reached: complete}}}",
    "gates: {window: {confirm: x}}", "phases: []", "phases: [{name: one}]", "phases: [{id: first}]",
    "phases: [{id: one, steps: []}]", "phases: [{id: one, steps: [{soak: 1}]}]",
    "phases: [{id: one, steps: [{soak: 1 day}]}]", "phases: [{id: one, steps: [{soak: 1h1d}]}]",
    "phases: [{id: one, steps: [{name: 1}]}]", "phases: [{id: one, steps: [{name: '1'}]}]",
    "phases: [{id: one, duration: 4}]", "phases: [{id: one, duration: soon}]",
    "phases: [{id: one, checklist: [{txt: x}]}]", "phases: [{id: one, checklist: [{text: x, before: leaving}]}]",
    "phases: [{id: one, gates: [{gate: low, fro: 5m}]}]", "phases: [{id: one, environments: []}]",
    "phases: [{id: one, steps: [{run: ./x}]}]", "rollback: {partial: {to: one, set: {ON: true}}}",
    "rollback: {partial: {approval: yes}}", "rollback: {partial: {objective: 0s}}",
    "triggers: {t: {metric: errors, when: '> 1%'}}",
    "triggers: {t: {metric: errors, when: '> 1%', rollback: partial, review: x}}",
    "triggers: {t: {metric: errors, when: '> 1%', review: x, automatic: true}}",
    "triggers: {t: {confirm: x, rollback: partial, phases: one, from: two}}",
    "triggers: {t: {gate: low, times: 0, rollback: partial}}",
    "triggers: {t: {confirm: x, rollback: partial, on_unknown: wait}}", "triggers: {t: {any: [], rollback: partial}}",
    "windows: {allow: Mon-Thu 9:00-16:00 UTC}", "windows: {allow: Monday 09:00-16:00 UTC}",
    "windows: {allow: Mon 09:00-16:00}", "windows: {freeze: [{from: 20.12.2026, to: 2027-01-05}]}",
    "windows: {freeze: [{from: 2026-13-01, to: 2027-01-05}]}", "channels: {ops: {type: x}}",
    "escalation: [{after: 5, who: x}]", "announcements: [{when: begin, message: x}]",
    "announcements: [{when: start, lead: 1w, message: x}]", "follow_up: [{within: 24h}]",
    "costs: {currency: USD, per: month}", "success: {after: 30d, targets: [{title: x, require: < 5}]}",
    "reviews: [{id: a, from: one, every: 0s}]", "dashboard: {panels: [{title: x, queries: []}]}", "cohort: {}",
    "phasis: []",
]  # fmt: skip

BEYOND_IT = {
    "default_environment: production": "a name is looked up in another section",
    "flags: {ON: {type: int, min: 5, max: 1}}": "two numbers are compared",
    "flags: {ON: {type: int, safe: 5, max: 1}}": "two numbers are compared",
    "flags: {ON: {type: list, safe: ['a,b']}}": "a flag's own rule, of how its words are read back",
    "metrics: {m: {query: 'sum(', unit: s}}": "PromQL has a parser",
    "metrics: {m: {query: 'x[5m]', unit: s}}": "PromQL has types",
    "gates: {g: {metric: errors, require: < 5ms}}": "the metric's unit stands elsewhere",
    "gates: {g: {ask: q, require: < baseline}}": "which kind of gate has a baseline",
    "gates: {g: {sql: {url: x, query: delete from x}, expect: {rows: 0}}}": "SQL is looked at by the gate",
    "gates: {g: {command: [x], fail_exit: 0}}": "two numbers are compared",
    "gates: {g: {alerts: {}}}": "labels may be empty where there are names",
    "gates: {g: {http: x, expect: {body: '('}}}": "regular expressions are Python's",
    "phases: [{id: one}, {id: one}]": "ids are compared across a list",
    "phases: [{id: one, gates: [{gate: web, for: 5m}]}]": "which keys fit depends on the gate that is named",
    "phases: [{id: one, steps: [{soak: 400d}]}]": "at most 365 days",
    "phases: [{id: one, steps: [{set: {ON: 5}}]}]": "the flag's type stands elsewhere",
    "environments: {prod: {prometheus: {url: x, timeout: 5ms}}}": "a least duration in another unit",
    "environments: {prod: {targets: {api: {type: http, url: x, unverified: false}}}}": "written, but not true",
    "windows: {allow: Mon 16:00-09:00 UTC}": "two times are compared",
    "windows: {allow: Mon 09:00-16:00 Asia/Soul}": "time zones are a list of the system",
    "windows: {freeze: [{from: 2026-02-30, to: 2027-01-05}]}": "a calendar",
}


def plain(node: Node) -> object:
    match node:
        case Scalar():
            return node.value()
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {name.text: plain(value) for name, value in node.entries}


def complaints(text: str) -> list[str]:
    errors = VALIDATOR.iter_errors(plain(read_nodes(text.encode())))
    return [f"{error.json_path}: {error.message}" for error in errors]


@pytest.mark.parametrize("plan", ACCEPTED.values(), ids=ACCEPTED)
def test_what_lint_accepts_an_editor_accepts(plan: str) -> None:
    assert [problem.message for problem in read_text(plan).errors] == []
    assert complaints(plan) == []


@pytest.mark.parametrize("section", REFUSED)
def test_a_typical_mistake_is_seen_by_both(section: str) -> None:
    assert read_text(small(section)).errors
    assert complaints(small(section))


@pytest.mark.parametrize("section", BEYOND_IT)
def test_what_json_schema_cannot_say_is_left_to_lint(section: str) -> None:
    assert read_text(small(section)).errors
    assert complaints(small(section)) == []


def accepted(shape: Shape[object], text: str) -> bool:
    try:
        shape.read(Scalar(Place(1, 1), text, plain=False), Book())
    except Unreadable:
        return False
    return True


def valid(shape: Shape[object], text: str) -> bool:
    definitions: dict[str, Schema] = {}
    schema = shape.schema(definitions)
    return Draft202012Validator({**schema, "$defs": definitions}).is_valid(text)


NUMBERS = st.sampled_from(["0", "1", ".5", "1.5", "-2", "1e3", "1.", "٣"])
WORDS = st.sampled_from(
    ["<", "<=", "==", "=", "and", "baseline", "(", ")", "one", "+", "*", "%", "ms", "B/s", " ", "x", "/"]
)


@pytest.mark.parametrize(
    ("shape", "texts"),
    [
        (Duration(), st.text("0159wdhms ", max_size=8)),
        (Share(), st.text("0159.% ", max_size=7)),
        (Template(), st.text("${}:-aB_1\n", max_size=12)),
        (CONDITION, st.lists(NUMBERS | WORDS, max_size=9).map("".join)),
        (CONDITION, st.from_regex(r"[<>]=? ?(\d ?(ms|%|/h)?|baseline( ?[-+*] ?\d(%|s)?)?)( and > 5)?", fullmatch=True)),
    ],
    ids=["durations", "shares", "templates", "conditions of any words", "conditions as they are written"],
)
def test_an_editor_accepts_exactly_what_is_read(shape: Shape[object], texts: st.SearchStrategy[str]) -> None:
    @settings(max_examples=400, deadline=None, database=None)
    @given(texts)
    def agree(text: str) -> None:
        beyond = accepted(shape, text) != valid(shape, text) and shape is CONDITION and "*" in text
        too_long = isinstance(shape, Duration) and re.search(r"[0-9]{2}w|[0-9]{3}d|[0-9]{4}", text) is not None
        assert beyond or too_long or accepted(shape, text) == valid(shape, text)

    agree()
