"""Replaces a file's content at once, and keeps everything else about the file.

The new content is written beside the file, with the owner, mode and attributes of the old one, and takes its place by
a rename: a reader sees the old or the new one. Symbolic links are followed and stay; other hard links keep the old
content. A failure leaves nothing behind.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shlex
import stat
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rollout.errors import TargetError
from rollout.frozen import dataclass

_TEMPORARY = re.compile(r"\.(?P<of>.+)\.rollout-[0-9a-f]{8}", re.DOTALL)
_TMPFILE: int | None = getattr(os, "O_TMPFILE", None)
_MOUNTINFO = Path("/proc/self/mountinfo")
_IN_MOUNTINFO = {ord(char): f"\\{ord(char):03o}" for char in " \t\n\\"}
_LOCK_SECONDS = 0.5
_MOST = 2**20
"""Bytes of a file that is read: more than fit into the environment of a process."""
_KEPT = ("user.", "system.posix_acl_access", "security.selinux")
_GET_FLAGS = 2 << 30 | struct.calcsize("l") << 16 | ord("f") << 8 | 1
_IMMUTABLE, _APPEND_ONLY = 0x10, 0x20


@dataclass(frozen=True)
class FoundFile:
    """A file as it was found under the name `asked`: `path` is the real one, behind every symbolic link."""

    asked: Path
    path: Path
    content: bytes
    info: os.stat_result

    def same_as(self, other: FoundFile) -> bool:
        return (self.path, self.content, _identity(self.info)) == (other.path, other.content, _identity(other.info))


def read_file(path: Path) -> FoundFile:
    with _explained(path, "read"):
        real = Path(os.path.realpath(path, strict=True))
        # Without O_NONBLOCK, opening a named pipe would wait for somebody who writes into it.
        with open(real, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK)) as file:
            info = os.fstat(file.fileno())
            if not stat.S_ISREG(info.st_mode):
                raise OSError(errno.EINVAL, "it is not a regular file")
            content = file.read(_MOST + 1)
            if len(content) > _MOST:
                raise OSError(errno.EFBIG, f"it is larger than {_MOST >> 20} MiB")
            return FoundFile(path, real, content, info)


def replace_content(found: FoundFile, content: bytes) -> bool:
    """False, with nothing changed, when the file is no longer as it was found."""
    name, temporary = found.path.name, f".{found.path.name}.rollout-{os.urandom(4).hex()}"
    with (
        _explained(found.path, "written"),
        _opened(found.path.parent, os.O_RDONLY | os.O_DIRECTORY) as folder,
        _opened(found.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK) as old,
    ):
        _lock(old)
        if not read_file(found.asked).same_as(found):
            return False
        with _opened(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, folder) as new:
            try:
                _lock(new)  # tells `sweep` that it is in use
                _fill(new, found, content)
                os.fsync(new)
                if not read_file(found.asked).same_as(found):
                    return False
                os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            except FileNotFoundError:  # swept by another writer in the moment before it was locked
                return False
            finally:
                with suppress(OSError):
                    os.unlink(temporary, dir_fd=folder)
        with _explained(found.path, "kept safe from a power failure"):
            _sync_folder(folder)
    return True


def check_replaceable(found: FoundFile) -> None:
    """TargetError when the file's content could not be replaced; nothing becomes visible beside it."""
    with _explained(found.path, "written"):
        if _is_mount_point(found.path):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        for place in (found.path, found.path.parent):
            if _is_frozen(place):
                raise TargetError(
                    f"{found.path} cannot be written: {place} is immutable or append-only",
                    f"chattr -ia {shlex.quote(str(place))}",
                )
        if not _tried_without_a_name(found) and not os.access(found.path.parent, os.W_OK | os.X_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))


def sweep(found: FoundFile) -> None:
    """Remove what killed writers left beside the file, as far as possible; a living writer holds a lock on its own."""
    with suppress(OSError):
        for left in found.path.parent.iterdir():
            match = _TEMPORARY.fullmatch(left.name)
            if match and match["of"] == found.path.name:
                with suppress(OSError), _opened(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK) as descriptor:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    left.unlink()


def _tried_without_a_name(found: FoundFile) -> bool:
    """Write the content to a file that never gets a name; False where the system has no such files."""
    if _TMPFILE is None:
        return False
    try:
        with _opened(found.path.parent, _TMPFILE | os.O_WRONLY) as nameless:
            _fill(nameless, found, found.content)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR):
            return False
        raise
    return True


def _identity(info: os.stat_result) -> tuple[int, ...]:
    return info.st_dev, info.st_ino, info.st_mode, info.st_uid, info.st_gid, info.st_mtime_ns


def _fill(descriptor: int, found: FoundFile, content: bytes) -> None:
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    wanted, own = found.info, os.fstat(descriptor)
    if (wanted.st_uid, wanted.st_gid) != (own.st_uid, own.st_gid):
        try:
            os.fchown(descriptor, wanted.st_uid, wanted.st_gid)
        except PermissionError as error:
            owner = f"{wanted.st_uid}:{wanted.st_gid}"
            raise TargetError(
                f"{found.path} cannot be written: its owner, {owner}, cannot be kept by user {os.geteuid()}",
                f"run it as user {wanted.st_uid} in group {wanted.st_gid}, or as root",
            ) from error
    if sys.platform == "linux":
        kept, inherited = _attributes(found.path), _attributes(descriptor)
        for name in inherited.keys() - kept.keys():
            os.removexattr(descriptor, name)  # an access list of the folder
        for name, value in kept.items():
            if inherited.get(name) != value:
                os.setxattr(descriptor, name, value)
    os.fchmod(descriptor, stat.S_IMODE(wanted.st_mode))  # last: a new owner clears bits, and only now may others read


def _sync_folder(folder: int) -> None:
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):  # a file system that syncs no folders
            raise


def _is_frozen(path: Path) -> bool:
    """Whether `chattr +i` or `+a` keeps even root from replacing it: only a rename would tell, too late."""
    if sys.platform != "linux":
        return False
    flags = bytearray(struct.calcsize("l"))
    try:
        with _opened(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK) as descriptor:
            fcntl.ioctl(descriptor, _GET_FLAGS, flags)
    except OSError:  # a file system without such flags
        return False
    return bool(int.from_bytes(flags[:4], sys.byteorder) & (_IMMUTABLE | _APPEND_ONLY))


def _attributes(place: int | Path) -> dict[str, bytes]:
    """Access list, user attributes, SELinux label; the rest is the system's to set."""
    try:
        names = [name for name in os.listxattr(place) if name.startswith(_KEPT)]
    except OSError:  # a file system without any
        return {}
    return {name: os.getxattr(place, name) for name in names}


def _lock(descriptor: int) -> None:
    """Two writers that know this lock never lose each other's change; nobody waits long for somebody else's lock."""
    until = time.monotonic() + _LOCK_SECONDS
    while time.monotonic() < until:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.005)
        except OSError:  # a file system without locks
            return
        else:
            return


def _is_mount_point(path: Path) -> bool:
    try:
        lines = os.fsdecode(_MOUNTINFO.read_bytes()).split("\n")
    except OSError:
        return False
    return any(line.split(" ")[4:5] == [str(path).translate(_IN_MOUNTINFO)] for line in lines)


@contextmanager
def _opened(name: str | Path, flags: int, folder: int | None = None) -> Iterator[int]:
    descriptor = os.open(name, flags | os.O_CLOEXEC, 0o600, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _explained(path: Path, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TargetError(f"{path} cannot be {done}: {error.strerror}", _remedy(error.errno, path)) from error


def _remedy(number: int | None, path: Path) -> str:
    match number:
        case errno.EBUSY:
            return "a file that is a mount of its own cannot be replaced: mount its folder instead, or run outside"
        case errno.ENOENT | errno.ENOTDIR | errno.EISDIR | errno.EINVAL | errno.ELOOP:
            return "check the target's `path`: a relative one begins at the plan's folder, or at its `workdir`"
        case errno.EACCES | errno.EPERM:
            return f"run it as a user who may read the file and write in {path.parent}"
        case errno.EFBIG:
            return "check the target's `path`: no file of flags is so large"
        case errno.EROFS:
            return f"mount {path.parent} writable, or run where it is"
        case errno.ENOSPC | errno.EDQUOT:
            return f"make room in {path.parent}"
        case _:
            return f"look at {path} and its folder, then try again"
