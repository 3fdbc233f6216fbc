"""One lock a process name: `RUN/NAME.lock`, held with flock for as long as the process lives, its pid inside."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from foundation.errors import Conflict


class ProcessLock:
    """Held from `acquire` until the process ends, however it ends: the kernel lets go of it."""

    def __init__(self, run_dir: Path, name: str) -> None:
        self._path = _path(run_dir, name)
        self._name = name
        self._descriptor: int | None = None

    def acquire(self) -> Self:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(descriptor, 32, 0).decode().strip()
            os.close(descriptor)
            raise Conflict(
                f"already running as process {pid}.", where=self._name, mend="Stop that one first, or use its address."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor
        return self

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def holder(run_dir: Path, name: str) -> int | None:
    """The pid of the process that holds the lock now; None when nobody does."""
    try:
        descriptor = os.open(_path(run_dir, name), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        # Shared: two who ask at once must not take each other for the holder, whose pid may long be another's.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(descriptor, 32, 0).decode().strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(descriptor)
    return None


def holders(run_dir: Path) -> dict[str, int]:
    """Every process of this center that runs now: its name and pid."""
    names = sorted(file.stem for file in run_dir.glob("*.lock"))
    return {name: pid for name in names if (pid := holder(run_dir, name)) is not None}


def _path(run_dir: Path, name: str) -> Path:
    return run_dir / f"{name}.lock"
