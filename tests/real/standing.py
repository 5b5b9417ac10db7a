"""How a file stands: everything that the system says of it but when it was last read."""

from __future__ import annotations

from pathlib import Path


def standing(path: Path) -> tuple[int, ...]:
    now = path.stat()
    owner = now.st_nlink, now.st_uid, now.st_gid
    return now.st_dev, now.st_ino, now.st_mode, *owner, now.st_size, now.st_mtime_ns, now.st_ctime_ns
