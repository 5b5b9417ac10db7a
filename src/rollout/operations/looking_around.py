"""What a folder tells about the service in it: its name, its owner, its flags, its Prometheus, how it is restarted.

Only names are taken from files that may hold secrets, and never a value. What is written into a plan of these files'
contents has passed a pattern that leaves no room for a credential.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import yaml

from rollout.frozen import dataclass
from rollout.operations.feature import Feature, feature_in

_LARGEST = 256 * 2**10
_HARMLESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/([a-z-]{1,20}|[0-9]{1,6}))*/?")
"""An address without user, password and query, and without anything in its path that could be a token."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_NOT_IN_USE = re.compile(r"example|sample|template|dist|default|bak|backup|orig|old|test|~$")
_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_ECOSYSTEM = ("ecosystem.config.js", "ecosystem.config.cjs", "ecosystem.config.json")
_PM2_NAME = re.compile(r"""\bname["']?\s*:\s*["']([A-Za-z0-9][\w.-]{0,62})["']""")
_PUBLISHED = re.compile(r"(?:[0-9.]+:)?([0-9]{2,5}):9090(?:/tcp)?")
_SELF = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}")


@dataclass(frozen=True)
class Surroundings:
    """Empty where nothing was found. `files` are those with variables, the one that fits best first."""

    repository: str
    owner: str
    files: tuple[Path, ...]
    feature: Feature
    prometheus: str
    apply: tuple[str, ...]


def look_around(folder: Path, variables: Mapping[str, str]) -> Surroundings:
    git = _git(folder)
    features = {path: feature_in(_content(path)) for path in _files_with_variables(folder)}
    files = tuple(sorted(features, key=lambda path: (not features[path].found, *_rank(path.relative_to(folder)))))
    services = _services(folder)
    return Surroundings(
        repository=_repository(git.get("remote.origin.url", "")),
        owner=_owner(git.get("user.name", ""), git.get("user.email", "")),
        files=files,
        feature=features[files[0]] if files else feature_in(b""),
        prometheus=_prometheus(folder, variables, services),
        apply=_apply(folder, services, files[0] if files else None),
    )


def _git(folder: Path) -> dict[str, str]:
    wanted = r"^(user\.(name|email)|remote\.origin\.url)$"
    command = ["git", "-C", str(folder), "config", "-z", "--get-regexp", wanted]
    try:
        answer = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=2, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return {}
    pairs = [one.partition("\n") for one in answer.decode(errors="replace").split("\0") if one]
    return {key: value for key, _, value in pairs}


def _repository(url: str) -> str:
    """The last part of its path: what stands before may hold a password, what stands behind a token."""
    path = url.partition("://")[2].partition("/")[2] if "://" in url else url.rpartition(":")[2]
    name = re.split(r"[?#]", path)[0].rstrip("/").rpartition("/")[2].removesuffix(".git")
    return name if _WORD.fullmatch(name) else ""


def _owner(name: str, email: str) -> str:
    said = f"{name} <{email}>" if name and email else name or email
    return "".join(character for character in said if character.isprintable()).strip()[:200]


def _files_with_variables(folder: Path) -> Iterator[Path]:
    for pattern in (".env", ".env.*", "*.env"):
        for path in (*folder.glob(pattern), *folder.glob(f"*/{pattern}")):
            inner = path.relative_to(folder).parts[:-1]
            hidden = any(part.startswith(".") or part in ("node_modules", "venv") for part in inner)
            if not hidden and not _NOT_IN_USE.search(path.name.lower()) and str(path).isprintable() and _is_file(path):
                yield path


def _rank(path: Path) -> tuple[bool, bool, int, str]:
    """The one that production reads, as far as a name tells."""
    name = str(path).lower()
    return "prod" not in name, any(word in name for word in ("stag", "dev", "local")), len(path.parts), str(path)


def _is_file(path: Path) -> bool:
    """Where the folder may not be looked into, it is none for us."""
    try:
        return path.is_file()
    except OSError:
        return False


def _content(path: Path) -> bytes:
    """Nothing where it cannot be read, or is no file: to open a pipe would wait for whoever writes it."""
    try:
        with path.open("rb") if _is_file(path) else BytesIO() as file:
            content = file.read(_LARGEST + 1)
    except OSError:
        return b""
    return content if len(content) <= _LARGEST else b""


def _document(path: Path) -> Mapping[str, object]:
    """Texts, lists and mappings alone; nothing where it is no YAML."""
    try:
        document = yaml.load(_content(path).decode(errors="replace"), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        return {}
    return _mapping(document)


def _mapping(node: object) -> Mapping[str, object]:
    return {key: value for key, value in node.items() if isinstance(key, str)} if isinstance(node, dict) else {}


def _items(node: object) -> list[object]:
    return node if isinstance(node, list) else [node]


def _services(folder: Path) -> dict[str, Mapping[str, object]]:
    """Those of the first compose file."""
    for name in _COMPOSE:
        services = _mapping(_document(folder / name).get("services"))
        if services:
            return {name: _mapping(service) for name, service in services.items() if _WORD.fullmatch(name)}
    return {}


def _prometheus(folder: Path, variables: Mapping[str, str], services: Mapping[str, Mapping[str, object]]) -> str:
    """What the environment says, else the port that a compose file publishes, else what Prometheus calls itself."""
    given = variables.get("PROMETHEUS_URL", "")
    if given:
        return given if _HARMLESS.fullmatch(given) else ""
    for name, service in services.items():
        image = str(service.get("image", "")).rpartition("/")[2].partition(":")[0]
        if "prometheus" in (name, image):
            for port in _items(service.get("ports")):
                published = _PUBLISHED.fullmatch(port) if isinstance(port, str) else None
                if published:
                    return f"http://localhost:{published[1]}"
    paths = (folder / "prometheus.yml", *sorted(folder.glob("*/prometheus.yml")))
    return next((f"http://{target}" for path in paths for target in _own_targets(_document(path))), "")


def _own_targets(configuration: Mapping[str, object]) -> Iterator[str]:
    jobs = [_mapping(job) for job in _items(configuration.get("scrape_configs"))]
    own = [job for job in jobs if job.get("job_name") == "prometheus"]
    for group in (_mapping(group) for job in own for group in _items(job.get("static_configs"))):
        for target in _items(group.get("targets")):
            if isinstance(target, str) and _SELF.fullmatch(target):
                yield target


def _apply(folder: Path, services: Mapping[str, Mapping[str, object]], file: Path | None) -> tuple[str, ...]:
    """The command that makes a service read its variables again, for a person to look at."""

    def reads_it(service: Mapping[str, object]) -> bool:
        named = (_mapping(one).get("path", one) for one in _items(service.get("env_file")))
        return file is not None and any(isinstance(one, str) and folder / one == file for one in named)

    for fits in (reads_it, lambda service: "build" in service):
        for name, service in services.items():
            if fits(service):
                return ("docker", "compose", "up", "-d", name)
    for name in _ECOSYSTEM:
        process = _PM2_NAME.search(_content(folder / name).decode(errors="replace"))
        if process:
            return ("pm2", "restart", process[1], "--update-env")
    units = sorted((*folder.glob("*.service"), *folder.glob("*/*.service")))
    fitting = [unit.name for unit in units if _WORD.fullmatch(unit.name)]
    return ("systemctl", "restart", fitting[0]) if fitting else ()
