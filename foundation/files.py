"""Folders and files on this machine, with errors that say what to do."""

from __future__ import annotations

import errno
import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from foundation.errors import DiskFull, FileMissing, InvalidInput, NotWritable, ResourceError


def keep_from_others() -> None:
    """Whatever this process writes from now on, footage and databases included, only its user and group may read."""
    os.umask(0o027)


def ensure_folder(path: Path, mode: int = 0o750) -> Path:
    """Make the folder and its parents, or raise `NotWritable` or `DiskFull`."""
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(path, error) from error
    if not os.access(path, os.W_OK | os.X_OK):
        if os.statvfs(path).f_flag & os.ST_RDONLY:
            raise write_error(path, OSError(errno.EROFS, os.strerror(errno.EROFS)))
        raise NotWritable(
            "the folder cannot be written.", where=str(path), mend="Give this user write permission on it."
        )
    return path


def is_locked(path: Path) -> bool:
    """Whether a living process holds the file with `flock`. Its own try for the lock would fail in this instant."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def open_to_read(path: Path) -> io.BufferedReader:
    """A file from outside, or `FileMissing` or `InvalidInput`."""
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise FileMissing("no such file.", where=str(path)) from error
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}.", where=str(path)) from error


@contextmanager
def written_whole(path: Path) -> Iterator[io.BufferedWriter]:
    """As `write_atomically`, of what does not fit in memory."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, data: bytes, *, mode: int = 0o640) -> None:
    """Replace the file as a whole: a reader sees the old bytes or the new ones, also after a power cut."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):  # a file system that may only be read refuses this as well
            temporary.unlink(missing_ok=True)
        raise write_error(path, error) from error


def sync_folder(path: Path) -> None:
    """Make renames and new names within the folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_error(path: Path, error: OSError) -> ResourceError:
    """What an operating system's refusal to write means to the person who has to mend it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("no space is left.", where=str(path), mend="Free space on this disk, or name another one.")
    if isinstance(error, FileExistsError | NotADirectoryError):
        return NotWritable("a file stands where a folder is needed.", where=str(path), mend="Move the file away.")
    if error.errno == errno.EROFS:
        mend = "Look whether the disk has failed, then mount it for writing."
        return NotWritable("the file system is mounted read-only.", where=str(path), mend=mend)
    return NotWritable(
        f"cannot be written: {error.strerror}.", where=str(path), mend="Check the permissions and the mount."
    )
