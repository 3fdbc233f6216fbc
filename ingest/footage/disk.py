"""One footage disk: its identity, its owner, its free space, and making what was written durable."""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import json
import os
import uuid
from contextlib import suppress
from pathlib import Path

from foundation.errors import Conflict, NotWritable, ResourceError
from foundation.files import ensure_folder, is_locked, write_atomically, write_error

IDENTITY_FILE = "vedette-disk.json"
LOCK_FILE = "recorder.lock"
PROBE_FILE = "recorder.probe"
RESERVE_FILE = "recorder.reserve"
_PROBE_BYTES = 256 << 10
_RESERVE_BYTES = 8 << 20
_libc = ctypes.CDLL(None, use_errno=True)


class DiskGone(NotWritable):
    """What was opened is no longer there."""


class Disk:
    """A folder that one recorder owns, held by a lock until `close`.

    `memory` is a folder elsewhere that remembers which disk was seen here before, so that the bare mount point of a
    disk that is not mounted is never written.
    """

    def __init__(self, folder: Path, memory: Path) -> None:
        self.folder = folder
        ensure_folder(folder)
        self.uuid = _identify(folder, memory)
        self._lock = _own(folder)
        self._place = _place(folder)

    def sync(self) -> None:
        """All that was written to the file system is on the disk when this returns (syncfs(2))."""
        if _libc.syncfs(self._lock) != 0:
            number = ctypes.get_errno()
            raise write_error(self.folder, OSError(number, os.strerror(number)))

    def check_presence(self) -> None:
        """Raises `DiskGone` when the folder is no longer the one that was opened: the disk was unmounted."""
        try:
            place = _place(self.folder)
        except OSError:
            place = None
        if place != self._place:
            raise DiskGone(
                "the footage disk is gone.", where=str(self.folder), mend=f"Mount disk {self.uuid} there again."
            )

    def check_writing(self) -> None:
        """Raises `ResourceError` when not even a small file can be written."""
        probe = self.folder / PROBE_FILE
        try:
            probe.write_bytes(bytes(_PROBE_BYTES))
            probe.unlink()
        except OSError as error:
            raise write_error(self.folder, error) from error

    def keep_reserve(self) -> None:
        """Room that is given up when the disk is full, because purging needs some for the index before it makes any."""
        size = min(_RESERVE_BYTES, self.total_bytes() // 64)
        reserve = self.folder / RESERVE_FILE
        if reserve.exists() or self.free_bytes() < 4 * size:
            return
        try:
            with reserve.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            self.give_up_reserve()

    def give_up_reserve(self) -> None:
        with suppress(OSError):
            (self.folder / RESERVE_FILE).unlink(missing_ok=True)

    def free_bytes(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def total_bytes(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_blocks * found.f_frsize

    def close(self) -> None:
        os.close(self._lock)


def is_owned(folder: Path) -> bool:
    """Whether a recorder holds the disk now. Its own try for the lock fails in this instant, and is repeated."""
    return is_locked(folder / LOCK_FILE)


def require_mounted(folder: Path, memory: Path) -> str | None:
    """The uuid of the disk in the folder; an error when the one that was seen here before is not there."""
    found, remembered = _read_uuid(folder / IDENTITY_FILE), _remembered(folder, memory)
    known = _read_uuid(remembered)
    if known is not None and found != known:
        raise NotWritable(
            "the footage disk is not mounted." if found is None else "another footage disk is mounted here.",
            where=str(folder),
            mend=f"Mount disk {known}, or remove {remembered} to take what is there from now on.",
        )
    return found


def _remembered(folder: Path, memory: Path) -> Path:
    return memory / f"{hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:16]}.json"


def _place(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_dev, found.st_ino


def _identify(folder: Path, memory: Path) -> str:
    found, remembered = require_mounted(folder, memory), _remembered(folder, memory)
    if found is None:
        found = str(uuid.uuid4())
        write_atomically(folder / IDENTITY_FILE, _identity(folder, found))
    if not remembered.exists():
        ensure_folder(memory)
        write_atomically(remembered, _identity(folder, found))
    return found


def _identity(folder: Path, identifier: str) -> bytes:
    return json.dumps({"uuid": identifier, "path": str(folder.absolute())}, indent=1).encode()


def _read_uuid(file: Path) -> str | None:
    try:
        return str(json.loads(file.read_bytes())["uuid"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResourceError("cannot be read.", where=str(file), mend="Restore it, or look after the disk.") from error


def _own(folder: Path) -> int:
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise write_error(folder / LOCK_FILE, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise Conflict("another recorder writes this disk.", where=str(folder), mend="Stop it first.") from error
    return descriptor
