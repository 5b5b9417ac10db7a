"""init: a starter plan, written where there is none yet."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from rollout.errors import UsageError


def write_starter(folder: Path, file: Path | None) -> str:
    """What was written, and what to do next. UsageError rather than overwriting anything."""
    name = _name(file.stem if file else folder.name)
    path = folder / (file or Path("plans") / f"{name}.yaml")
    text = files("rollout.operations").joinpath("starter.yaml").read_text("utf-8").replace("my-feature", name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise UsageError(f"{path} exists already", "name another file: rollout init FILE") from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", "name another file: rollout init FILE"
        ) from error
    shown = path.relative_to(folder) if path.is_relative_to(folder) else path
    return f"wrote {shown}\nnext: change it, then rollout lint {shown}"


def _name(text: str) -> str:
    """`text` as the name of a plan."""
    return re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")[:63] or "my-feature"
