"""Rollback cards as files: whole or not there, whoever is killed while writing one."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from rollout.errors import StoreError
from rollout.model.card import Card
from rollout.model.events import RolloutId, canonical
from rollout.model.state_json import FORMAT, state_from_json, state_to_json
from rollout.store.json_lines import make_folder, read_regular, sync_folder

VERSION = 1
_ATTEMPTS = 10


def write_card(path: Path, card: Card) -> None:
    """In the place of the one that is there. StoreError."""
    body = {
        "version": VERSION,
        "format": FORMAT,
        "rollout": card.rollout.name,
        "environment": card.rollout.environment,
        "places": dict(card.places),
        "state": state_to_json(card.state),
    }
    content = canonical({**body, "digest": _digest(body)}).encode("utf-8", "surrogatepass")
    try:
        make_folder(path.parent)
        _remove_leftovers(path)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return _replace(path, content)
            except (FileNotFoundError, BlockingIOError):  # taken for a dead writer's in the moment before it was locked
                if attempt == _ATTEMPTS:
                    raise
    except (OSError, ValueError) as error:
        raise StoreError(
            f"the rollback card {path} cannot be written: {error}", "an emergency may need it: look at that folder"
        ) from error


def read_card(path: Path) -> Card:
    """StoreError for anything but what `write_card` wrote."""
    try:
        body = json.loads(read_regular(path).decode("utf-8", "surrogatepass"))
        version, digest = (body.pop("version"), body.pop("digest")) if isinstance(body, dict) else (0, "")
        if isinstance(version, int) and (version, body.get("format")) > (VERSION, FORMAT):
            raise ValueError("a newer rollout has written it")
        if digest != _digest({"version": version, **body}):
            raise ValueError("it is not as it was written")
        places = {str(name): str(value) for name, value in body["places"].items()}
        rollout = RolloutId(str(body["rollout"]), str(body["environment"]))
        return Card(rollout, state_from_json(body["state"]), places)
    except (OSError, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise StoreError(
            f"the rollback card {path} cannot be used: {error}", "name the plan file: --plan FILE --env NAME"
        ) from error


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # so that nobody takes it for a dead writer's
        written = content
        while written:
            written = written[os.write(file, written) :]
        os.fsync(file)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(file)
    sync_folder(path.parent)


def _remove_leftovers(path: Path) -> None:
    """Of writers that were killed; those that live hold a lock."""
    for left in path.parent.glob(f"{glob_literal(path.name)}.????????"):
        try:
            file = os.open(left, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink(missing_ok=True)
        except OSError:
            continue  # its writer is at it
        finally:
            os.close(file)


def glob_literal(text: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)


def _digest(body: object) -> str:
    import hashlib  # loads OpenSSL, which most commands never need

    return hashlib.sha256(f"rollout-card-v1\n{canonical(body)}".encode("utf-8", "surrogatepass")).hexdigest()
