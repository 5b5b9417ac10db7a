"""Keys of the `kubernetes-…` targets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from rollout.frozen import dataclass
from rollout.model.plan import TargetSpec
from rollout.shapes import ByNode, Duration, Integer, Key, MapOf, Mapped, Misfit, Name, Record, Template, Text
from rollout.targets.keys import COMMON, check_variable


@dataclass(frozen=True, kw_only=True)
class KubernetesSpec(TargetSpec):
    namespace: str = ""
    context: str = ""


@dataclass(frozen=True, kw_only=True)
class WaitingSpec(KubernetesSpec):
    """A target whose pods are replaced by a change."""

    wait: timedelta | None = None

    @property
    def remarks(self) -> Mapping[str, str]:
        if self.wait:
            return {}
        return {"no-wait": "without `wait` nothing waits until the change has reached the pods"}


@dataclass(frozen=True, kw_only=True)
class EnvSpec(WaitingSpec):
    """`selector` is labels as kubectl writes them: `app=web,tier=front`."""

    deployment: str = ""
    statefulset: str = ""
    daemonset: str = ""
    selector: str = ""
    container: str = ""

    def __post_init__(self) -> None:
        kinds = {
            "deployment": self.deployment,
            "statefulset": self.statefulset,
            "daemonset": self.daemonset,
            "selector": self.selector,
        }
        given = [kind for kind, name in kinds.items() if name]
        if len(given) != 1:
            raise Misfit(given[-1] if given else "type", f"one of {', '.join(kinds)} is wanted")

    def check_key(self, key: str) -> None:
        check_variable(self.prefix + key)


@dataclass(frozen=True, kw_only=True)
class ConfigMapSpec(WaitingSpec):
    """`restart` is KIND/NAME of what reads the ConfigMap only when it starts."""

    configmap: str
    restart: str = ""

    @property
    def remarks(self) -> Mapping[str, str]:
        return super().remarks if self.restart else {}


@dataclass(frozen=True, kw_only=True)
class SelectorSpec(KubernetesSpec):
    service: str
    label: str
    min_ready: int = 1


@dataclass(frozen=True, kw_only=True)
class WeightsSpec(KubernetesSpec):
    """`backend` gets the weight of a percent flag, `other` the rest."""

    httproute: str
    backend: str
    other: str
    min_ready: int = 1


@dataclass(frozen=True, kw_only=True)
class ReplicasSpec(WaitingSpec):
    deployment: str


_NAME = Template(empty=False)

_KUBERNETES = {
    **COMMON,
    "namespace": Key(_NAME, "The namespace. Without it: the context's own.", example="shop"),
    "context": Key(
        _NAME, "The context of the kubeconfig, which names the cluster. Without it: the current one.", example="prod-eu"
    ),
}
_WAIT = {
    "wait": Key(
        Duration(timedelta(seconds=1)),
        "How long the pods may take to follow a change. Without it nothing is waited for, which is a warning.",
        example="5m",
    )
}
_MIN_READY = {
    "min_ready": Key(
        Integer(0),
        "The least number of ready pods; traffic is never moved to fewer. Without it: 1.",
        example=2,
        default=1,
    )
}


def _as_text(labels: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in labels.items())


_SELECTOR = ByNode(
    "labels, such as app=web or {app: web}",
    scalar=Text(),
    mapping=Mapped(MapOf(Text(loose=True), Name(r"[A-Za-z0-9_./-]{1,317}", "a label's name"), at_least=1), _as_text),
)

ENV_KEYS = Record(
    EnvSpec,
    {
        **_KUBERNETES,
        "deployment": Key(_NAME, "The Deployment whose environment holds the flags.", example="web"),
        "statefulset": Key(_NAME, "The StatefulSet whose environment holds the flags.", example="queue"),
        "daemonset": Key(_NAME, "The DaemonSet whose environment holds the flags.", example="agent"),
        "selector": Key(
            _SELECTOR,
            "Labels of the workloads whose environment holds the flags, all of them.",
            example={"app": "web"},
            also=("app=web,tier=front",),
        ),
        "container": Key(_NAME, "The only container that is changed. Without it: all of the pod's.", example="web"),
        **_WAIT,
    },
    what="kubernetes-env target",
    rules={"oneOf": [{"required": [kind]} for kind in ("deployment", "statefulset", "daemonset", "selector")]},
)

CONFIGMAP_KEYS = Record(
    ConfigMapSpec,
    {
        **_KUBERNETES,
        "configmap": Key(_NAME, "The ConfigMap whose data holds the flags.", example="web-flags", required=True),
        "restart": Key(
            Text(
                pattern="(deployment|statefulset|daemonset)/[a-z0-9.-]+", expected="KIND/NAME, such as deployment/web"
            ),
            "KIND/NAME of what is restarted after a change. Without it the pods must notice by themselves.",
            example="deployment/web",
        ),
        **_WAIT,
    },
    what="kubernetes-configmap target",
)

SELECTOR_KEYS = Record(
    SelectorSpec,
    {
        **_KUBERNETES,
        "service": Key(_NAME, "The Service whose selector is changed.", example="web", required=True),
        "label": Key(
            Name(r"[A-Za-z0-9_./-]{1,317}", "a label's name"),
            "The label of its selector that takes the flag's value.",
            example="version",
            required=True,
        ),
        **_MIN_READY,
    },
    what="kubernetes-selector target",
)

WEIGHTS_KEYS = Record(
    WeightsSpec,
    {
        **_KUBERNETES,
        "httproute": Key(_NAME, "The HTTPRoute whose weights are changed.", example="web", required=True),
        "backend": Key(_NAME, "The backend that a percent flag gives its weight to.", example="web-v2", required=True),
        "other": Key(_NAME, "The backend that gets the rest.", example="web-v1", required=True),
        **_MIN_READY,
    },
    what="kubernetes-weights target",
)

REPLICAS_KEYS = Record(
    ReplicasSpec,
    {
        **_KUBERNETES,
        "deployment": Key(_NAME, "The Deployment that is scaled.", example="worker", required=True),
        **_WAIT,
    },
    what="kubernetes-replicas target",
)
