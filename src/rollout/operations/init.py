"""init: a starter plan, written where there is none yet, with what the folder tells filled in."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from rollout.errors import UsageError
from rollout.operations.looking_around import Surroundings, look_around

SCHEMA = "rollout.schema.json"
_MARK = re.compile(r"<[a-z]+>")
_PLAIN = re.compile(r"(?!(?:true|false|null)\Z)[A-Za-z](?:[\w .@()/<>-]*[\w.)>])?", re.IGNORECASE)
_GAP, _COLUMN = "  # ", 44
_ANOTHER = "name another file: rollout init FILE"


def write_starter(folder: Path, file: Path | None, variables: Mapping[str, str], schema: str) -> str:
    """What was written, what was found, and what to do next. UsageError rather than overwriting anything.

    The first line of the plan names the schema by a file beside it. Editors look for it from the plan's own folder, so
    it is found without a network, in every clone, and in the version that the plan was written for; an address would
    need a network, and a path into an installation is right on one machine alone. A schema that stands there already
    is kept: it may be another plan's, and `rollout schema` makes it anew.
    """
    found = look_around(folder, variables)
    name = _name(file.stem if file else found.repository or folder.name)
    path = folder / (file or Path("plans") / f"{name}.yaml")
    beside = path.with_name(SCHEMA)
    _write(path, _filled(_values(found, name, os.path.relpath(folder, path.parent), folder)))
    plan, editors = (str(one.relative_to(folder) if one.is_relative_to(folder) else one) for one in (path, beside))
    if beside.exists():
        about_schema = f"kept {editors}; rollout schema > {editors} makes it anew"
    else:
        _write(beside, schema)
        about_schema = f"wrote {editors}, by which editors check and complete the plan"
    said = [f"found {what}" for what in _said(found, folder, variables)]
    return "\n".join((f"wrote {plan}", about_schema, *said, f"next: change it, then rollout lint {shlex.quote(plan)}"))


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            raise UsageError(f"{path} exists already", _ANOTHER)
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", _ANOTHER) from error


def _filled(values: Mapping[str, str]) -> str:
    """The starter with its marks replaced in one go; a line whose only mark has no value goes."""

    def replaced(text: str) -> str:
        return _MARK.sub(lambda mark: values[mark[0]], text)

    lines = []
    for line in files("rollout.operations").joinpath("starter.yaml").read_text("utf-8").splitlines():
        code, gap, comment = line.rpartition(_GAP)
        if values.get((code or line).strip()) == "":
            continue
        marked = gap and _MARK.search(code)
        lines.append(f"{replaced(code.rstrip()):<{_COLUMN}}{gap}{comment}\n" if marked else f"{replaced(line)}\n")
    return "".join(lines)


def _values(found: Surroundings, name: str, workdir: str, folder: Path) -> dict[str, str]:
    feature = found.feature
    path = str(found.files[0].relative_to(folder)) if found.files else ".env"
    remarks = {
        f"# not in {path} yet: ": [flag for flag, there in feature.flags.items() if not there],
        f"# in {path} too, and maybe flags: ": feature.others,
        "# other files with variables: ": [str(other.relative_to(folder)) for other in found.files[1:4]],
    }
    return {
        "<name>": name,
        "<title>": _scalar(name.replace("-", " ").capitalize()),
        "<owner>": _scalar(found.owner or "Who answers for it"),
        "<workdir>": "" if workdir == "." else f"workdir: {_scalar(workdir)}",
        "<prometheus>": f"${{PROMETHEUS_URL:-{found.prometheus}}}" if found.prometheus else "${PROMETHEUS_URL}",
        "<path>": _scalar(path.replace("${", "$${")),
        "<apply>": f"# apply: [{', '.join(found.apply or ('systemctl', 'restart', 'app'))}]",
        "<switch>": feature.switch,
        "<share>": feature.share,
        "<remarks>": "\n  ".join(remark + ", ".join(names) for remark, names in remarks.items() if names),
    }


def _said(found: Surroundings, folder: Path, variables: Mapping[str, str]) -> Iterator[str]:
    if found.repository:
        yield f"the repository {found.repository}, by git"
    if found.owner:
        yield f"the owner {found.owner}, by git"
    if found.files:
        flags = [flag for flag, there in found.feature.flags.items() if there]
        yield f"{found.files[0].relative_to(folder)}" + (f" with {' and '.join(flags)}, off today" if flags else "")
    if found.prometheus:
        yield f"Prometheus at {found.prometheus}"
    elif variables.get("PROMETHEUS_URL"):
        yield "PROMETHEUS_URL in the environment; it may hold a secret, so the plan has only its name"
    if found.apply:
        yield f"what may make a change felt: {' '.join(found.apply)} (a comment in the plan)"


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _name(text: str) -> str:
    """`text` as the name of a plan."""
    return re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")[:63] or "my-feature"
