"""Removes the oldest footage: by age, and as far as free space asks for it.

The row goes first. The file follows in the next round, after the sync that made the row's end durable: else a power cut
could bring the row back, and not the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from foundation.clock import US_PER_S
from ingest.footage import storage
from ingest.footage.disk import Disk
from ingest.footage.index_writer import IndexWriter

_DAY_US = 86_400 * US_PER_S
_SEGMENTS_A_ROUND = 256
_FOLDER_AGE_US = 2 * 3600 * US_PER_S  # the writer makes folders of the present hour only


@dataclass(slots=True, frozen=True)
class RetentionPolicy:
    days: float
    min_free_bytes: int

    def cutoff_us(self, now_us: int) -> int:
        return now_us - int(self.days * _DAY_US)


def purge(disk: Disk, index: IndexWriter, policy: RetentionPolicy, now_us: int) -> int:
    """One round, right after a sync; returns how many segments went."""
    _remove(disk.folder, index, index.garbage(), now_us)
    missing = policy.min_free_bytes - disk.free_bytes()
    doomed: list[str] = []
    for path, start_us, size in index.oldest(_SEGMENTS_A_ROUND):
        if start_us >= policy.cutoff_us(now_us) and missing <= 0:
            break
        doomed.append(path)
        missing -= size
    if doomed:
        index.condemn(doomed)
    index.forget_gaps(policy.cutoff_us(now_us))
    return len(doomed)


def _remove(folder: Path, index: IndexWriter, paths: Iterable[str], now_us: int) -> None:
    removed = []
    for path in paths:
        file = folder / path
        with suppress(OSError):  # it stays on the list, and is tried again
            storage.remove(file)
            removed.append(path)
        _remove_empty_folders(file, now_us)
    if removed:
        index.removed(removed)


def _remove_empty_folders(file: Path, now_us: int) -> None:
    start = file.name.partition("-")[0]
    if not start.isdigit() or now_us - int(start) < _FOLDER_AGE_US:
        return
    with suppress(OSError):  # not empty
        storage.remove_folder(file.parent)
        storage.remove_folder(file.parent.parent)
