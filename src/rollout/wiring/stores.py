"""From `sqlite:PATH` to a store.

To add one: its adapter in `rollout.store`, and its line in `_KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rollout.errors import UsageError
from rollout.ports import Store
from rollout.settings import Settings


def open_store(settings: Settings, planned: str = "") -> Store:
    """The store that an option or a variable names, else the plan (`planned`), else the user's own."""
    text = settings.store or planned or settings.default_store
    kind, separator, rest = text.partition(":")
    if not separator or kind not in _KINDS:
        raise UsageError(f"{text!r} is not a store", "write sqlite:PATH, such as sqlite:/var/lib/rollout/store.db")
    return _KINDS[kind](settings, rest)


def _sqlite(settings: Settings, path: str) -> Store:
    from rollout.store.sqlite import SqliteStore

    if not path:
        raise UsageError("sqlite: needs a path", "write sqlite:PATH, such as sqlite:/var/lib/rollout/store.db")
    return SqliteStore(settings.folder / path)


def _kubernetes(_settings: Settings, namespace: str) -> Store:
    raise UsageError(
        f"a store in Kubernetes (kubernetes:{namespace}) cannot be used yet",
        "name another for the time being: --store sqlite:PATH or ROLLOUT_STORE",
    )


_KINDS: Mapping[str, Callable[[Settings, str], Store]] = {"sqlite": _sqlite, "kubernetes": _kubernetes}
