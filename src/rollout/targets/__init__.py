"""Kinds of targets, each found by its `type` in a plan.

To add one: a module with its keys (a `TargetSpec` and its `Record`), an adapter that satisfies `ports.Target`, and its
line below. Adapters import their client inside the function that needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from rollout.frozen import dataclass
from rollout.model.plan import TargetSpec
from rollout.ports import Target
from rollout.shapes import Record
from rollout.targets import command_kind, dotenv_kind, file_kinds, http_kind, kubernetes_kinds

Fill = Callable[[str], str]
"""A text with its variables filled in; UnsetVariableError names one that has no value."""


@dataclass(frozen=True)
class TargetKind:
    """`open` gets the plan's part and the folder that relative paths start from; None: it cannot be written to yet."""

    keys: Record[TargetSpec]
    open: Callable[[TargetSpec, Path, Fill], Target] | None


KINDS: Mapping[str, TargetKind] = {
    "dotenv": TargetKind(dotenv_kind.KEYS, dotenv_kind.open_target),
    "file": TargetKind(file_kinds.FILE_KEYS, None),
    "text": TargetKind(file_kinds.TEXT_KEYS, None),
    "http": TargetKind(http_kind.KEYS, None),
    "command": TargetKind(command_kind.KEYS, None),
    "kubernetes-env": TargetKind(kubernetes_kinds.ENV_KEYS, None),
    "kubernetes-configmap": TargetKind(kubernetes_kinds.CONFIGMAP_KEYS, None),
    "kubernetes-selector": TargetKind(kubernetes_kinds.SELECTOR_KEYS, None),
    "kubernetes-weights": TargetKind(kubernetes_kinds.WEIGHTS_KEYS, None),
    "kubernetes-replicas": TargetKind(kubernetes_kinds.REPLICAS_KEYS, None),
}
