"""Removes the files of purged segments, in steps that a power cut may come between.

A row goes first. Its file goes after a sync, which made the row's end durable: else the row could come back, and not
the file. That the file was to go is forgotten after one more sync: else the file could come back, and be nobody's.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from foundation.clock import US_PER_S
from ingest.footage import storage
from ingest.footage.index_writer import IndexWriter

_FOLDER_AGE_US = 2 * 3600 * US_PER_S  # the writer makes folders of the present hour only


class Clearing:
    def __init__(self, disk: Path, index: IndexWriter) -> None:
        self._disk = disk
        self._index = index
        self._removed: list[str] = []  # since the last sync

    def go_on(self, now_us: int) -> None:
        """Call it right after a sync."""
        if self._removed:
            self._index.removed(self._removed)
        self._removed = []
        for path in self._index.garbage():
            file = self._disk / path
            with suppress(OSError):  # it stays on the list, and is tried again
                storage.remove(file)
                self._removed.append(path)
            _remove_empty_folders(file, now_us)


def _remove_empty_folders(file: Path, now_us: int) -> None:
    start = file.name.partition("-")[0]
    if not start.isdigit() or now_us - int(start) < _FOLDER_AGE_US:
        return
    with suppress(OSError):  # not empty
        storage.remove_folder(file.parent)
        storage.remove_folder(file.parent.parent)
