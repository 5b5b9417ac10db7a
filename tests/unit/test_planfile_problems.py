"""Everything that can be wrong with a plan: said at its line and column, in words that lead out of it."""

from __future__ import annotations

import pytest

from tests.plans.small import found_in, place_of_mark, read_text, small

TOP = {
    "rollout: §2": "this version reads plans of format 1, not 2",
    'rollout: §"1"': "expected a number, found the text '1' | write 1, without quotes",
    "name: §Check out": "'Check out' is not a plan's name",
    "title: §2024": "expected a text, found the number 2024 | quote it",
    "§nmae: x": "a plan has no key 'nmae' | did you mean 'name'?",
    "default_environment: §prd": "there is no environment 'prd' | did you mean 'prod'?",
    "links: §[a]": "expected a mapping, found a list",
    "owner: §{a: b}": "expected a text, found a mapping",
}

ENVIRONMENTS = {
    "environments: §{}": "this mapping is empty",
    "environments: {prod: {targets: {api: {type: §dotnev, path: .env}}}}": "| did you mean 'dotenv'? [unknown-type]",
    "environments: {prod: {targets: {api: §{type: dotenv}}}}": "this dotenv target has no 'path'",
    "environments: {prod: {targets: {api: §{path: .env}}}}": "this target has no 'type' | known: dotenv, file, text",
    "environments: {prod: {targets: {api: {§tpye: dotenv}}}}": "this target has no 'type' | did you mean 'type'?",
    "environments: {prod: {targets: {api: {type: dotenv, path: .env, §aply: [x]}}}}": "did you mean 'apply'?",
    "environments: {prod: {targets: {api: {type: dotenv, path: .env, verify: [§fast]}}}}": "'fast' settles for 5m",
    "environments: {prod: {targets: {api: {type: dotenv, path: .env, verify: [§wbe]}}}}": "did you mean 'web'?",
    "environments: {prod: {targets: {api: {type: dotenv, path: .env, apply: §pm2 restart}}}}": "expected a command",
    'environments: {prod: {targets: {api: {type: dotenv, path: .env, apply: [pm2, §"${NAME}"]}}}}': (
        "there is no variable 'NAME' | queries and commands take variables from `vars` alone [unknown-variable]"
    ),
    'environments: {prod: {prometheus: {url: §"${PROM"}}}': "a ${ in this text is not closed",
    "environments: {prod: {prometheus: §{token: x}}}": "this Prometheus has no 'url'",
    "environments: {prod: {prometheus: {url: x, token: y, username: §z}}}": "a token or a user name, not both",
    "environments: {prod: {prometheus: {url: x, timeout: §10}}}": "found the number 10 | add a unit",
    "environments: {prod: {prometheus: {url: x, timeout: §10 s}}}": "'10 s' is not a duration",
    "environments: {prod: {store: §/tmp/x}}": "is no store; write sqlite:PATH or kubernetes:NAMESPACE",
    "environments: {prod: {values: {ON: §yes}}}": "expected true or false, found the text 'yes' | write true",
    "environments: {prod: {override: {§ONN: true}}}": "there is no flag 'ONN' | did you mean 'ON'?",
    "environments: {prod: {targets: {api: {type: http, url: §x}}}}": "write read_url, or unverified: true",
    "environments: {prod: {targets: {api: {type: kubernetes-env, deployment: a, daemonset: §b}}}}": "is wanted",
    "environments: {prod: {targets: {api: {type: command, set: §[a], get: [b]}}}}": "no argument holds {value}",
}

FLAGS = {
    "flags: {X: {type: §bolean}}": "found the text 'bolean' | did you mean 'bool'?",
    "flags: {X: §{safe: false}}": "this flag has no 'type'",
    "flags: {X: {type: bool, safe: §off}}": "expected true or false, found the text 'off' | write false",
    'flags: {X: {type: bool, safe: §"false"}}': "| write false, without quotes",
    "flags: {X: {type: bool, safe: §0}}": "expected true or false, found the number 0",
    "flags: {X: {type: percent, safe: §true}}": "expected a number, found the bool true",
    "flags: {X: {type: percent, safe: §-1}}": "-1 is not between 0 and 100",
    "flags: {X: {type: percent, safe: §100.5}}": "100.5 is not between 0 and 100",
    "flags: {X: {type: percent, safe: §.nan}}": "expected a number, found the number .nan",
    "flags: {X: {type: percent, safe: §.inf}}": "expected a number, found the number .inf",
    "flags: {X: {type: percent, safe: §10%}}": "found the text '10%' | write 10, without quotes and unit",
    "flags: {X: {type: percent, safe: §0.00000001}}": "a percent has at most 4 decimals",
    "flags: {X: {type: int, safe: §1.5}}": "expected a whole number, found the number 1.5",
    "flags: {X: {type: int, safe: §9, max: 5}}": "9 is more than max, 5",
    "flags: {X: {type: int, min: 9, max: §5}}": "max is less than min, 9",
    "flags: {X: {type: int, safe: §1234567890123456}}": "an int has at most 15 digits",
    "flags: {X: {type: string, safe: §c, choices: [a, b]}}": "c is none of a, b",
    "flags: {X: {type: string, safe: §5}}": "expected a text, found the number 5 | quote it",
    "flags: {X: {type: string, min: §5}}": "min is for int and percent flags, this one is a string",
    'flags: {X: {type: list, safe: §["a,b"]}}': "an item has no comma",
    "flags: {X: {type: list, safe: §a}}": "expected a list, found the text 'a'",
    "flags: {X: {type: bool, target: §apj}}": "there is no target 'apj' | did you mean 'api'?",
    'flags: {§"my flag": {type: bool}}': "'my flag' is not a name of letters",
    "flags: {X: {type: bool, key: K}, §Y: {type: bool, key: K}}": "Y and X are both 'K' at the target 'api'",
    "flags: {§X: {type: bool, key: a-b}}": "'a-b' is not the name of a variable",
    "flags: {X: §bool}": "expected a flag (type, safe, key, target, choices, min, max, description)",
}

METRICS = {
    'metrics: {m: {query: §"sum(rate(x[5m])", unit: ratio}}': "this is not valid PromQL: unclosed left parenthesis",
    "metrics: {m: {query: §'x[5m]', unit: ratio}}": "it comes to a range",
    "metrics: {m: {query: §\"'text'\", unit: ratio}}": "it comes to a text",
    "metrics: {m: {query: §rate(x), unit: ratio}}": "expected type matrix in call to function 'rate', got vector",
    "metrics: {m: {query: §'', unit: ratio}}": "expected a text, found an empty text",
    "metrics: {m: {query: x, unit: §percent}}": "expected a unit, found the text 'percent' | known: s, us, ms",
    "metrics: {m: §{query: x}}": "this metric has no 'unit'",
    "metrics: {m: {query: §'x{job=\"${JBO}\"}', unit: ratio}}": "there is no variable 'JBO' | did you mean 'JOB'?",
    "metrics: {m: {query: §'x{url=\"${API}\"}', unit: ratio}}": "${API} would become 'http://x': only letters",
    "metrics: {m: {query: x, unit: ratio, series: §evry}}": "did you mean 'every'?",
    "metrics: {m: {query: x, unit: ratio, evidence: {metric: §reqs, at_least: 5}}}": "there is no metric 'reqs'",
    "metrics: {m: {query: x, unit: ratio, evidence: {metric: m, at_least: §many}}}": "expected a number",
    'metrics: {m: {query: x, unit: ratio, tolerate_warnings: [§"("]}}': "is not a regular expression",
    "metrics: {m: {query: x, unit: ratio, present: §y +}}": "this is not valid PromQL",
}

GATES = {
    'gates: {g: {metric: §eror, require: "< 1%"}}': "there is no metric 'eror' | did you mean 'errors'?",
    "gates: {g: §{metric: errors}}": "this metric gate has no 'require'",
    'gates: {g: {metric: errors, require: §"< 15ms"}}': "ms (a time) cannot be compared with ratio (a share)",
    'gates: {g: {metric: errors, require: §"1%"}}': "'1%' is not a comparison",
    'gates: {g: {metric: errors, require: §"< 1 percent"}}': "'percent' is not a unit",
    'gates: {g: {metric: errors, require: §"<= baseline + 5ms"}}': "cannot be compared",
    'gates: {g: {metric: errors, require: §"<= baseline(oen)"}}': "there is no phase 'oen' | did you mean 'one'?",
    'gates: {g: {metric: errors, require: §"<= baseline * 2%"}}': "a baseline is multiplied with a bare number",
    'gates: {g: {metric: errors, §requires: "< 1%"}}': "did you mean 'require'?",
    'gates: {g: {§metrics: errors, require: "< 1%"}}': "this gate needs one of the keys metric, alerts",
    'gates: {g: {metric: errors, §http: x, require: "< 1%"}}': "a gate has one kind, this one has 'metric' and 'http'",
    'gates: {g: {metric: errors, require: "< 1%", for: §soon}}': "'soon' is not a duration",
    'gates: {g: {metric: errors, require: "< 1%", coverage: §0.95}}': "'0.95' is not a share such as 95%",
    'gates: {g: {metric: errors, require: "< 1%", advisory: §yes}}': "| write true",
    'gates: {g: {metric: errors, require: "< 1%", runbook: §hgh}}': "there is no runbook entry 'hgh'",
    'gates: {g: {metric: errors, require: "< 1%", on_fail: a, §b}}': "a comma in unquoted text? quote it",
    "gates: {g: {alerts: §{}}}": "which alerts? write labels",
    "gates: {g: {http: x, expect: {status: §99}}}": "99 is not between 100 and 599",
    "gates: {g: {http: x, method: §get}}": "did you mean 'GET'?",
    "gates: {g: {http: x, expect: {json: {a: §.inf}}}}": "JSON has no .inf | quote it",
    "gates: {g: {command: §npm test}}": "expected a list, found the text 'npm test'",
    "gates: {g: {command: [a], expect: {exit: 1}, fail_exit: §[1]}}": "exit code 1 is the expected one",
    "gates: {g: {command: [a], unit: §count}}": "there is no `require`",
    'gates: {g: {command: [a], require: §"< 5%"}}': "| say what the number measures, such as unit: ratio",
    "gates: {g: §{sql: {url: x, query: y}}}": "this sql gate has no 'expect'",
    "gates: {g: {sql: {url: x, query: y}, expect: §{}}}": "expect `rows` or `value`, one of them",
    'gates: {g: {sql: {url: x, query: y}, expect: {rows: §"> 0%"}}}': "cannot be compared with count",
    'gates: {g: {ask: x, unit: count, require: §"< 5h"}}': "h (a time) cannot be compared with count (a count)",
    "gates: {g: {rollout: §{environment: prd, reached: complete}}}": "did you mean 'prod'?",
    "gates: {g: {rollout: §{environment: prod}}}": "`reached` or `no_rollback`, one of them",
    "gates: {§window: {confirm: x}}": "'window' means something else here",
    "gates: {g: §{gate: low}}": "this gate needs one of the keys",
}

PHASES = {
    "phases: §[]": "this list is empty",
    "phases: [{id: one}, §{id: one}]": "the phase 'one' stands twice; the first is in line 7",
    "phases: [§{name: one}]": "this phase has no 'id'",
    "phases: [{id: §first}]": "'first' means something else here",
    "phases: [{id: one, gates: [§lwo]}]": "there is no gate 'lwo' | did you mean 'low'?",
    "phases: [{id: one, gates: [{gate: low, §fro: 5m}]}]": "a metric gate has no key 'fro' | did you mean 'for'?",
    'phases: [{id: one, gates: [{gate: low, require: §"< 5ms"}]}]': "cannot be compared",
    'phases: [{id: one, gates: [{gate: web, §require: "< 5"}]}]': "an http gate has no key 'require'",
    "phases: [{id: one, gates: [low, §{gate: low, for: 5m}]}]": "the gate 'low' stands twice",
    "phases: [{id: one, gates: [{§gat: low, for: 5m}]}]": "did you mean 'gate'?",
    "phases: [{id: one, steps: [{set: {§ONN: true}}]}]": "there is no flag 'ONN' | did you mean 'ON'?",
    "phases: [{id: one, steps: [{set: {N: §10}}]}]": "N: 10 is more than max, 9",
    "phases: [{id: one, steps: [{set: {N: §0}}]}]": "N: 0 is less than min, 1",
    "phases: [{id: one, steps: [{set: {N: §true}}]}]": "expected a number, found the bool true",
    "phases: [{id: one, steps: [{set: {SHARE: §50%}}]}]": "found the text '50%' | write 50",
    "phases: [{id: one, steps: [{set: {MODE: §c}}]}]": "MODE: c is none of a, b",
    "phases: [{id: one, steps: [{set: {ON: §}}]}]": "expected true or false, found nothing",
    "phases: [{id: one, steps: [{name: a}, §{name: a}]}]": "the step 'a' stands twice",
    "phases: [{id: one, steps: [{name: §2}]}]": "'2' is not a step's name",
    "phases: [{id: one, steps: [{run: §./x.sh}]}]": "expected a command",
    "phases: [{id: one, steps: [{run: [{command: [x], tiemout: 5m}]}]}]".replace("tiem", "§tiem"): "'timeout'?",
    "phases: [{id: one, checklist: [A b, §a B]}]": "the checklist item 'a-b' stands twice",
    'phases: [{id: one, checklist: [§"!!"]}]': "no id can be made from this text",
    "phases: [{id: one, checklist: [{text: x, before: §step}]}]": "expected one of entry, exit",
    "phases: [{id: one, sign_off: [{§rol: x}]}]": "did you mean 'role'?",
    "phases: [{id: one, baseline: [§erors]}]": "there is no metric 'erors' | did you mean 'errors'?",
    "phases: [{id: one, skip: {§fast: no}}]": "there is no part of every_phase 'fast'",
    "phases: [{id: one, environments: [§prd]}]": "there is no environment 'prd' | did you mean 'prod'?",
    "phases: [{id: one, duration: §5d..4d}]": "'5d..4d' ends before it begins",
    "phases: [{id: one, §set: {ON: true}}]": "a phase has no key 'set' | known: id, name, goal",
}

TRIGGERS = {
    'triggers: {t: §{metric: errors, when: "> 1%"}}': "a trigger wants `rollback` or `review`, one of them",
    'triggers: {t: {metric: errors, when: "> 1%", rollback: partial, review: §x}}': "one of them",
    'triggers: {t: {metric: errors, when: "> 1%", rollback: §partal}}': "did you mean 'partial'?",
    'triggers: {t: {metric: errors, when: "> 1%", rollback: partial, automatic: §true}}': "needs a person's approval",
    'triggers: {t: {metric: errors, when: §"> 1ms", rollback: partial}}': "cannot be compared",
    "triggers: {t: §{metric: errors, rollback: partial}}": "this trigger has no 'when'",
    "triggers: {t: {any: §[], rollback: partial}}": "this list is empty",
    "triggers: {t: {any: [{all: [{§metrc: x}]}], rollback: partial}}": "did you mean 'metric'?",
    "triggers: {t: {gate: §wbe, rollback: partial}}": "there is no gate 'wbe' | did you mean 'web'?",
    "triggers: {t: {gate: web, times: §0, rollback: partial}}": "0 is not between 1 and 100",
    "triggers: {t: {confirm: x, rollback: partial, phases: [§tree]}}": "there is no phase 'tree'",
    "triggers: {t: {confirm: x, rollback: partial, phases: [one], from: §one}}": "not both",
    "triggers: {t: {confirm: x, review: y, on_unknown: §rollback}}": "a review cannot roll back",
    "triggers: {t: {confirm: x, review: y, automatic: §true}}": "a review is never automatic",
    "triggers: {t: {confirm: x, rollback: partial, on_unknown: §blok}}": "did you mean 'block'?",
}

ROLLBACK = {
    "rollback: {back: {to: §oen}}": "there is no phase 'oen' | did you mean 'one'?",
    "rollback: {back: {to: one/§b}}".replace("one/§", "§one/"): "the phase 'one' has no step 'b' | known: a, 1, 2",
    "rollback: {back: {to: §one/3}}": "the phase 'one' has no step '3'",
    "rollback: {back: {to: §one/a, set: {ON: false}}}": "a level either goes `to` a step or `set`s values",
    "rollback: {back: {set: {ON: §off}}}": "| write false",
    "rollback: {§emergency: {approval: true}}": "an emergency asks nobody",
    "rollback: {back: {restart: §frist}}": "did you mean 'first'?",
    "rollback: {back: {verify: [§fast]}}": "'fast' settles for 5m after a change, so it cannot verify one",
    "rollback: {back: {objective: §0s}}": "0s is too short",
}

WINDOWS = {
    'windows: {allow: [§"Mon-Thu 09:00-16:00 Asia/Soul"]}': "did you mean 'Asia/Seoul'?",
    'windows: {allow: [§"Mon-Thu 09:00-16:00"]}': "is not hours of weekdays in a zone",
    'windows: {allow: [§"Mo-Thu 09:00-16:00 UTC"]}': "'Mo-Thu' is no weekday and no range of them",
    'windows: {allow: [§"Mon 22:00-02:00 UTC"]}': "write one window up to 24:00 and one from 00:00 on",
    'windows: {allow: [§"Mon 22:00-24:01 UTC"]}': "24:01 is not a time of day",
    "windows: {freeze: [{from: §2026-13-45, to: 2027-01-01}]}": "is not a date: month must be in 1..12",
    "windows: {freeze: [{from: 2026-12-20, to: §2026-12-19}]}": "this freeze ends on 2026-12-19, before it begins",
    "windows: {freeze: [{from: §20 Dec, to: 2026-12-19}]}": "'20 Dec' is not a date such as 2026-12-20",
}

AROUND = {
    "channels: {ops: §{type: x}}": "this channel has no 'url'",
    "escalation: [{after: 5m, who: x, channel: §opps}]": "there is no channel 'opps'",
    "escalation: [{after: 5m, who: x, if: §rolback}]": "did you mean 'rollback'?",
    "announcements: [{when: §befor, message: x}]": "did you mean 'before'?",
    "announcements: [§{when: start, message: x, lead: 1w}]": "`lead` is for an announcement with `when: before`",
    "announcements: [{when: start, message: x, phase: §oen}]": "did you mean 'one'?",
    'announcements: [{when: start, message: §"${A"}]': "a ${ in this text is not closed",
    "runbook: [{id: a, title: x}, §{id: a, title: x}]": "the runbook entry 'a' stands twice",
    'dashboard: {panels: [{title: x, queries: [{query: §"sum("}]}]}': "this is not valid PromQL",
    'alerts: {A: {metric: errors, when: §"> 1h"}}': "cannot be compared",
    'alerts: {A: {metric: errors, when: §"> baseline"}}': "knows no baseline",
    'success: {after: 30d, targets: [§{title: x, require: "> 1"}]}': "`metric` or `ask`, one of them",
    'success: {after: 30d, targets: [{title: x, metric: errors, require: §"> 1h"}]}': "cannot be compared",
    "reviews: [{id: a, from: §oen, every: 1d}]": "did you mean 'one'?",
    "follow_up: [§{checklist: [x]}]": "this follow-up has no 'within'",
    "cohort: {hash: charsum, percent: §ON}": "expected a percent flag, ON is a bool",
    "costs: {currency: USD, per: month, base: §x}": "expected a number",
    "costs: {currency: USD, per: month, base: 5, phases: {§oen: {add: 5}}}": "did you mean 'one'?",
}

CASES = TOP | ENVIRONMENTS | FLAGS | METRICS | GATES | PHASES | TRIGGERS | ROLLBACK | WINDOWS | AROUND


@pytest.mark.parametrize("section", CASES)
def test_a_problem_is_told_at_its_place(section: str) -> None:
    text, place = place_of_mark(small(section))
    found = found_in(text)
    assert any(line.startswith(f"{place} error ") and CASES[section] in line for line in found), found


WARNINGS = {
    "environments: {§prod: {prometheus: {url: x}}}": "prod has no target, so no flag can be written there",
    "phases: [{id: §one, steps: [{set: {SHARE: 50}}]}]": "changes SHARE and no gate judges it | ",
    'metrics: {errors: {query: §"foo(x[5m])", unit: ratio}, p95: {query: x, unit: s}}': "the PromQL function foo",
    "metrics: {§errors: {query: x, unit: ratio, absent: zero}, p95: {query: x, unit: s}}": "| write present: QUERY",
    'gates: {low: {metric: errors, require: §"<= baseline"}, web: {http: x}}': "no phase records a baseline",
    'gates: {low: §{sql: {url: x, query: select 1}, expect: {value: "< 1%"}}}': "the query's value is taken for ratio",
    "triggers: {§low: {confirm: x, review: y}}": "the gate in line 6 is called 'low' too",
    "rollback: {§emergncy: {set: {ON: false}}}": "did you mean 'emergency'?",
    "environments: {prod: {targets: {api: §{type: kubernetes-env, deployment: a}}}}": "without `wait` nothing waits",
}


@pytest.mark.parametrize("section", WARNINGS)
def test_what_may_be_meant_is_a_warning_and_the_plan_is_read(section: str) -> None:
    text, place = place_of_mark(small(section))
    found = found_in(text)
    assert [line for line in found if line.startswith(f"{place} warning ") and WARNINGS[section] in line], found
    assert read_text(text).plan is not None, found


def test_several_targets_want_to_be_chosen_from() -> None:
    two = "environments: {prod: {targets: {a: {type: dotenv, path: a}, b: {type: dotenv, path: b}}}}"
    assert found_in(small(two))[0].endswith(
        "error ON has no `target`, and prod has several: a, b | write target: a, or a list [no-target]"
    )
    assert not found_in(small(two, "flags: {ON: {type: bool, target: [a, b]}, SHARE: {type: percent, target: {b: K}}}"))


def test_a_target_that_one_environment_lacks_is_a_warning() -> None:
    other = "{targets: {web: {type: dotenv, path: w}}}"
    environments = f"environments: {{prod: {{targets: {{api: {{type: dotenv, path: a}}}}}}, test: {other}}}"
    found = found_in(small(environments, "flags: {ON: {type: bool, target: api}, SHARE: {type: percent}}"))
    assert found == ["4:9 warning ON is written to api, which test does not have |  [target-missing]"]


def test_a_text_targets_key_is_a_pattern_with_one_group() -> None:
    environments = "environments: {prod: {targets: {api: {type: text, path: flags.ts}}}}"
    found = found_in(small(environments, r"flags: {ON: {type: bool, key: 'on: (\w+)'}, SHARE: {type: percent}}"))
    assert found == [
        "4:45 error SHARE at api in prod: 'SHARE' has 0 groups; a text target wants one, around the value |  [key]"
    ]


def test_a_trigger_may_not_call_for_a_level_that_its_environment_lacks() -> None:
    target = "{targets: {api: {type: dotenv, path: a}}}"
    environments = f"environments: {{prod: {target}, test: {target}}}"
    phases = "phases: [{id: one, environments: [prod], gates: [low], steps: [{set: {SHARE: 5}}]}, {id: two}]"
    level = "rollback: {back: {to: one}}"
    found = found_in(small(environments, phases, level, "triggers: {t: {confirm: x, rollback: back}}"))
    assert found == [
        "9:12 error 't' is live in test too, but the level 'back' exists only in prod"
        " | name its `phases`, or another level [level-absent]"
    ]
    bound = "triggers: {t: {confirm: x, rollback: back, phases: [one]}}"
    assert not [line for line in found_in(small(environments, phases, level, bound)) if "error" in line]


def test_all_errors_of_a_file_are_told_at_once() -> None:
    found = found_in(
        small(
            "flags: {ON: {type: bool, safe: off}, SHARE: {type: percent, safe: 101}}",
            "metrics: {errors: {query: 'sum(', unit: ratio}, p95: {query: x, unit: secs}}",
            'gates: {low: {metric: errors, require: "< 5ms"}, web: {http: x, expct: {}}}',
            "phases: [{id: one, gates: [lwo], steps: [{set: {ONN: true}}]}, {nme: two}]",
            "triggers: {t: {metric: error, when: '> 1%', rollback: partial}}",
            "rollback: {partial: {set: {SHARE: many}}}",
        )
    )
    told = ["off", "101", "PromQL", "secs", "expct", "lwo", "ONN", "nme", "'error'", "many"]
    assert [word for word in told if not any(word in line for line in found)] == []
    assert len(found) == len(told) + 1, found  # `{nme: two}` has no id either


def test_a_part_that_cannot_be_read_is_not_unknown_too() -> None:
    metrics = "metrics: {errors: {query: 'sum(', unit: ratio}, p95: {query: x, unit: s}}"
    assert [line for line in found_in(small(metrics)) if "PromQL" not in line] == []
