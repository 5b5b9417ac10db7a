"""What stands in a plan and should not: credentials, and one place under two names."""

from __future__ import annotations

import pytest

from rollout import planfile
from rollout.wiring.plans import SHAPES

PLAN = """\
rollout: 1
name: shop
environments:
  test:
    prometheus: {prometheus}
    targets: {{a: {{type: dotenv, path: .env}}, b: {{type: dotenv, path: {path}{more}}}}}
flags:
  ONE: {{type: bool, safe: false, target: a, key: K}}
  TWO: {{type: percent, safe: 0, target: b, key: K}}
phases: [{{id: one, gates: [{{confirm: Fine}}], steps: [{{set: {{ONE: true, TWO: 10}}}}]}}]
"""


def found(prometheus: str = '{url: "http://x"}', path: str = "other.env", more: str = "") -> list[str]:
    text = PLAN.format(prometheus=prometheus, path=path, more=more)
    return [
        f"{problem.id}: {problem.message}" for problem in planfile.read(text.encode(), "plan.yaml", SHAPES).problems
    ]


@pytest.mark.parametrize(
    ("prometheus", "what"),
    [
        ('{url: "http://x", token: ghp_x}', "token"),
        ('{url: "http://x", username: ann, password: pw}', "password"),
        ('{url: "http://ann:pw@x"}', "password in the url"),
        ('{url: "http://x", headers: {X-Api-Key: k}}', "header X-Api-Key"),
    ],
)
def test_a_credential_in_the_plan_is_warned_of(prometheus: str, what: str) -> None:
    (problem,) = found(prometheus)
    assert problem.startswith(f"literal-secret: the {what} of 'test' stands in the plan")


@pytest.mark.parametrize(
    "prometheus",
    [
        '{url: "http://x", token: "${TOKEN}"}',
        '{url: "http://ann:${PW}@x"}',
        '{url: "http://x", headers: {X-Scope-OrgID: shop}}',
    ],
)
def test_one_that_stands_in_a_variable_is_not(prometheus: str) -> None:
    assert found(prometheus) == []


@pytest.mark.parametrize("path", [".env", "./.env", "x/../.env"])
def test_two_targets_that_are_one_file_hold_each_key_once(path: str) -> None:
    assert found(path=path) == ["same-key: TWO and ONE are both 'K' at 'a' and 'b', which are one place"]
    assert found(path=path, more=", prefix: B_") == []
