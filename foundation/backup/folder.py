"""Where backups lie, how they are called, and which of them may go."""

from __future__ import annotations

import re
from pathlib import Path

from foundation.backup.encryption import Lock
from foundation.backup.restore import stamp_of
from foundation.settings import Settings

_NAME = re.compile(r"vedette-(\d+)-(\d{8}T\d{6}Z)(?:-before-\w+)?\.tar(?:\.age|\.sealed)?")


def destination(settings: Settings, wanted: Path | None, lock: Lock, now_us: int) -> Path:
    """The file to write: the one named, or one with a name of its own in the folder named, else in DATA/backups."""
    place = wanted or settings.backup_dir
    if wanted is not None and not wanted.is_dir():
        return wanted
    ending = ".tar.sealed" if lock.passphrase is not None else ".tar.age" if lock.recipients else ".tar"
    return place / f"vedette-{settings.center.code}-{stamp_of(now_us)}{ending}"


def backups(folder: Path, center_code: str) -> list[Path]:
    """This center's backups in the folder, oldest first, by the time in their names."""
    found = [
        (match[2], file)
        for file in folder.glob("vedette-*")
        if (match := _NAME.fullmatch(file.name)) and match[1] == center_code
    ]
    return [file for _, file in sorted(found)]


def remove_all_but(folder: Path, center_code: str, keep: int) -> list[Path]:
    """Delete the oldest backups beyond the number; those from before an upgrade are left to people."""
    nightly = [file for file in backups(folder, center_code) if "-before-" not in file.name]
    old = nightly[:-keep] if keep else []
    for file in old:
        file.unlink()
    return old
