"""What a check of one metric's query looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rollout.frozen import dataclass
from rollout.model.plan import Metric
from rollout.shapes.promql_tree import Tree


@dataclass(frozen=True)
class AskedQuery:
    """`guessed`: what a variable stands for is not known, so neither are ranges. `judged`: by a gate or a trigger."""

    metric: Metric
    tree: Tree
    guessed: bool = False
    judged: bool = True


@dataclass(frozen=True)
class Finding:
    """`key` of the metric is where it is shown."""

    id: str
    message: str
    hint: str = ""
    key: str = "query"


QueryCheck = Callable[[AskedQuery], Iterator[Finding]]
