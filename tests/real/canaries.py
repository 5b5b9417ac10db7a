"""A rollout with a secret in every place that can hold one, and commands that print all that they inherit."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from tests.range_server import asked
from tests.scripted_server import Exchange, http

PLAN = """\
rollout: 1
name: shop
environments:
  test:
    prometheus:
      url: "${PROMETHEUS_URL}"
      token: "${PROM_TOKEN}"
      headers: {X-Tenant: "${TENANT}"}
      timeout: 2s
    targets:
      app: {type: dotenv, path: app/.env, apply: [sh, print.sh], emergency_apply: [sh, print.sh], verify: [script]}
    vars: {PRIVATE: "${DEPLOY_TOKEN}", NOTE: "harmless"}
flags:
  NEW: {type: bool, safe: false}
  PERCENT: {type: percent, safe: 0}
metrics:
  errors: {query: errors, unit: ratio}
gates:
  errors: {metric: errors, require: "< 1%", settle: 0s}
  web:
    http: "${API}/health?key=${QUERY_KEY}"
    method: POST
    headers: {Authorization: "Bearer ${PTOK}"}
    body: '{"password": "${BODY_PART}"}'
    expect: {json: {status: ok}}
  script: {command: [env, FAILS=0, sh, print.sh]}
  argument: {command: [sh, print.sh, "${PRIVATE}", "${NOTE}"], advisory: true}
  nowhere: {command: ["/nowhere/${PRIVATE}"], advisory: true}
  rows: {sql: {url: "${DATABASE_URL}", query: select 1}, expect: {rows: 1}, advisory: true}
  tickets: {ask: Tickets, unit: count, require: "< 5"}
channels: {ops: "${SLACK_URL}"}
contacts: [{role: On-call, phone: "${PHONE:-}"}]
phases:
  - id: one
    entry: [errors, web, script, argument, nowhere, tickets]
    gates: [errors, script]
    checklist: [{id: told, text: Everybody was told}]
    sign_off: [Lead]
    steps:
      - {set: {NEW: true, PERCENT: 10}, before: [sh, print.sh], run: [[sh, print.sh]], undo: [[sh, print.sh]]}
      - {set: {PERCENT: 20}, before: [[sh, print.sh, "${PRIVATE}"]]}
  - id: two
    entry: [rows, argument]
    steps: [{set: {PERCENT: 50}}, {set: {PERCENT: 100}}]
triggers:
  spike: {metric: errors, when: "> 20%", rollback: emergency}
  down: {gate: web, times: 1, rollback: partial}
rollback:
  emergency: {run: [[sh, print.sh]], verify: [script], then: [[sh, print.sh]], instructions: [Open an incident]}
  partial: {set: {PERCENT: 5}, run: [[sh, print.sh, "${PRIVATE}"]]}
"""
BROKEN = PLAN.replace("phases:", "phases: [", 1)
FLAGS = "# flags\nAPI_SECRET=canary-dotenv-06\nNEW=false\nPERCENT=0 # as before\nPLAIN=canary-plain-06b\n"
PRINT = """\
# Everything that it inherits goes to stdout, stderr and $EVIDENCE; who sees a list of processes sees $PROCESSES.
env; env >&2; echo "with $*"; env >> "$EVIDENCE"
pid=$$
set --
while [ "$pid" -gt 1 ]; do
  set -- "$@" /proc/$pid/cmdline
  read -r stat < /proc/$pid/stat
  stat=${stat##*) ? } pid=${stat%% *}
done
cat "$@" | tr '\\0' ' ' >> "$PROCESSES"
exit "${FAILS:-0}"
"""
NETRC = "machine 127.0.0.1 login ana password canary-netrc-10\ndefault login ana password canary-netrc-10b\n"
IN_AN_ARGUMENT = "canary-deploy-08"
"""The plan itself puts it into arguments of a command: there, and only there, it stands in a list of processes."""


def variables(port: int) -> Mapping[str, str]:
    return {
        "PROM_TOKEN": "canary-prom-token-01",
        "PROMETHEUS_URL": f"http://ana:canary-prom-password-02@127.0.0.1:{port}",
        "TENANT": "canary-tenant-02b",
        "PTOK": "canary-header-03",
        "BODY_PART": 'canary-"body"-04',
        "QUERY_KEY": "canary-query-04b",
        "API": f"http://ben:canary%40api-04c@127.0.0.1:{port}",
        "DATABASE_URL": "postgresql://app:canary%2Fdatabase-05@127.0.0.1:1/shop",
        "APP_TOKEN": "canary-inherited-07",
        "SIGNING_KEY": "-----BEGIN-----\ncanary-line-07b\ncanary-line-07c\n-----END-----",
        "DEPLOY_TOKEN": IN_AN_ARGUMENT,
        "SLACK_URL": "https://hooks.example.com/services/canary-channel-09",
        "ROLLOUT_API_TOKEN": "canary-rollout-11",
        "AWS_SECRET_ACCESS_KEY": "canary/aws+12",
    }


MALFORMED = {
    "PROMETHEUS_URL": "http://ana:canary-prom-password-02@[127.0.0.1",
    "API": "http://ben:canary-api-04d@127.0.0.1:port",
    "DATABASE_URL": "postgresql://app:canary-database-05b@127.0.0.1:port/shop",
}


class Service:
    """Prometheus and the shop in one. It repeats what it was asked, and `breaks` when told to."""

    def __init__(self) -> None:
        self.breaks = False

    def __call__(self, exchange: Exchange) -> None:
        said = exchange.request.decode(errors="replace")
        if self.breaks:
            exchange.send(http(said, "500 Internal Server Error"))
        elif "/api/v1/" in said.split("\n", 1)[0]:
            exchange.send(http(json.dumps(self._answer(exchange.request, said)), Content_Type="application/json"))
        else:
            exchange.send(http(json.dumps({"status": "ok", "you": said}), Content_Type="application/json"))

    def _answer(self, request: bytes, said: str) -> dict[str, object]:
        kind, series = "vector", {"metric": {"pod": "one"}, "value": [0, "0.001"]}
        if b"query_range" in request:
            moments = [moment / 1000 for moment in asked(request).moments]
            kind, series = "matrix", {"metric": {"pod": "one"}, "values": [[at, "0.001"] for at in moments]}
        return {"status": "success", "data": {"resultType": kind, "result": [series]}, "infos": [said]}


def forms(secret: str) -> Iterator[bytes]:
    """As it is, and as it looks in a header, an address or a document."""
    data = secret.encode()
    yield data
    yield quote(secret, safe="").encode()
    yield json.dumps(secret)[1:-1].encode()
    for behind in range(3):  # somewhere in a longer text
        encoded = base64.b64encode(b"-" * behind + data)
        yield encoded[4 if behind else 0 : -4]


def leaks(folder: Path, secrets: Mapping[str, str], *spared: Path) -> list[str]:
    """Where a canary stands in the bytes below a folder, but in the files that are spared."""
    needles = re.compile(
        b"(?i:anary[-%/])|" + b"|".join(re.escape(form) for one in secrets.values() for form in forms(one))
    )
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path not in spared:
            content = path.read_bytes()
            around = {content[max(0, hit.start() - 30) : hit.end() + 20] for hit in needles.finditer(content)}
            found += [f"{path.relative_to(folder)}: {text!r}" for text in sorted(around)]
    return found
