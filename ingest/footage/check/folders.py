"""The files of a footage disk: hour by hour where segments belong, and whatever lies elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from foundation.clock import US_PER_S
from ingest.footage.disk import IDENTITY_FILE, LOCK_FILE, PROBE_FILE, RESERVE_FILE
from ingest.footage.index import FILE_NAME

HOUR_US = 3600 * US_PER_S
_OF_THE_DISK = {IDENTITY_FILE, LOCK_FILE, PROBE_FILE, RESERVE_FILE, "lost+found"} | {
    FILE_NAME + end for end in ("", "-wal", "-shm", "-journal")
}


class Found(NamedTuple):
    path: str  # relative to the disk
    size_bytes: int  # -1: cannot be read


class Folders:
    """Lists the folders of the streams once; an hour's files are looked up when it is their turn."""

    def __init__(self, disk: Path) -> None:
        self._disk = disk
        self._days: dict[str, list[str]] = {}  # by day: the folders CAMERA/STREAM/DAY
        self.strays: list[Found] = []
        for camera in self._folders(""):
            for stream in self._folders(camera):
                for day in self._folders(stream):
                    self._add_day(day)

    @property
    def first_day_us(self) -> int | None:
        return _day_us(min(self._days)) if self._days else None

    def next_hour_us(self, at_us: int) -> int | None:
        """The first hour at or after the moment of whose day there are folders."""
        hour_us = -(-at_us // HOUR_US) * HOUR_US
        day = _folder_names(hour_us)[0]
        if day in self._days:
            return hour_us
        later = min((one for one in self._days if one > day), default=None)
        return None if later is None else _day_us(later)

    def hour(self, hour_us: int) -> Iterator[Found]:
        """The files of all streams in that hour's folders."""
        day, hour = _folder_names(hour_us)
        for folder in self._days.get(day, ()):
            yield from self._files(f"{folder}/{hour}")

    def _add_day(self, day: str) -> None:
        name = day.rpartition("/")[2]
        try:
            datetime.strptime(name, "%Y%m%d").replace(tzinfo=UTC)
        except ValueError:
            self.strays += self._below(day)
            return
        self._days.setdefault(name, []).append(day)
        hours = {f"{hour:02}" for hour in range(24)}
        for folder in self._folders(day):
            if folder.rpartition("/")[2] not in hours:
                self.strays += self._below(folder)

    def _folders(self, parent: str) -> list[str]:
        """The folders in one; files beside them are strays."""
        found = []
        for entry, path in self._entries(parent):
            if entry.is_dir(follow_symlinks=False):
                if parent or not _is_the_disks(entry.name):
                    found.append(path)
            elif parent or not _is_the_disks(entry.name):
                self.strays.append(_found(entry, path))
        return sorted(found)

    def _files(self, folder: str) -> Iterator[Found]:
        for entry, path in self._entries(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from self._below(path)
            else:
                yield _found(entry, path)

    def _below(self, folder: str) -> Iterator[Found]:
        for entry, path in self._entries(folder):
            if entry.is_dir(follow_symlinks=False):
                yield from self._below(path)
            else:
                yield _found(entry, path)

    def _entries(self, folder: str) -> Iterator[tuple[os.DirEntry[str], str]]:
        prefix = f"{folder}/" if folder else ""
        try:
            with os.scandir(self._disk / folder) as entries:
                for entry in entries:
                    yield entry, prefix + entry.name
        except (FileNotFoundError, NotADirectoryError):
            return  # purged meanwhile
        except OSError:
            self.strays.append(Found(folder, -1))


def _is_the_disks(name: str) -> bool:
    """Whether it is there beside the folders of the cameras; a power cut may leave the identity's temporary file."""
    return name in _OF_THE_DISK or name.startswith(f".{IDENTITY_FILE}.")


def _found(entry: os.DirEntry[str], path: str) -> Found:
    try:
        return Found(path, entry.stat(follow_symlinks=False).st_size)
    except FileNotFoundError:
        return Found(path, 0)  # purged meanwhile, as a second look will show
    except OSError:
        return Found(path, -1)


def _folder_names(hour_us: int) -> tuple[str, str]:
    moment = datetime.fromtimestamp(hour_us // US_PER_S, UTC)
    return moment.strftime("%Y%m%d"), moment.strftime("%H")


def _day_us(day: str) -> int:
    since_epoch = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC) - datetime.fromtimestamp(0, UTC)
    return since_epoch // timedelta(seconds=1) * US_PER_S
