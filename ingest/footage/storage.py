"""The steps in which footage changes a disk, a function for each: the one seam at which another disk can be put in.

The tests put one in that forgets, at any step, whatever was not synced. What SQLite writes goes its own way.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from foundation import files


def make_folders(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def create(file: Path) -> int:
    """The descriptor of a new file."""
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)


def write(descriptor: int, data: memoryview | bytes) -> int:
    return os.write(descriptor, data)


def write_parts(descriptor: int, parts: Sequence[bytes]) -> int:
    """One after the other, in one call and without joining them."""
    return os.writev(descriptor, parts)


def truncate(file: int | Path, size: int) -> None:
    os.truncate(file, size)


def sync(descriptor: int) -> None:
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    files.sync_folder(folder)


def rename(file: Path, target: Path) -> None:
    file.rename(target)


def remove(file: Path) -> None:
    """Also where it is gone already."""
    file.unlink(missing_ok=True)


def remove_folder(folder: Path) -> None:
    folder.rmdir()
