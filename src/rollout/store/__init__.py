"""Where events are kept, each kind found by the word before the colon: `sqlite:PATH`.

To add one: a module with a class that satisfies `Catalogue`, and its line below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from rollout.errors import UsageError
from rollout.store.catalogue import Catalogue
from rollout.store.unusable import UnusableStore


def _sqlite(folder: Path, path: str, patience: float) -> Catalogue:
    from rollout.store.sqlite import SqliteStore

    if not path:
        raise UsageError("sqlite: needs a path", "write sqlite:PATH, such as sqlite:/var/lib/rollout/store.db")
    return SqliteStore(folder / path, patience)


def _kubernetes(_folder: Path, namespace: str, _patience: float) -> Catalogue:
    return UnusableStore(f"kubernetes:{namespace}", "cannot be used yet")


KINDS: Mapping[str, Callable[[Path, str, float], Catalogue]] = {"sqlite": _sqlite, "kubernetes": _kubernetes}
"""Each gets the folder that relative paths start from, what stands behind the colon, and for how many seconds it may
wait for a lock."""
