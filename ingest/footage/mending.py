"""Makes a segment file end after its last whole fragment. What could still be of use is set aside, never deleted."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from foundation.errors import InvalidInput
from foundation.files import write_error
from ingest.footage import storage
from ingest.footage.index_writer import SegmentRow
from ingest.footage.scan import holds_fragment, scan
from ingest.footage.segment_file import SegmentName

DAMAGED = ".damaged"  # end of the name of what was set aside
_COPIED_AT_ONCE = 1 << 20
_log = structlog.get_logger()


@dataclass(slots=True)
class Mended:
    truncated_bytes: int = 0
    removed_files: int = 0
    set_aside: int = 0


def settle(
    disk: Path, name: SegmentName, synced_bytes: int, mended: Mended, *, keep: bool = False
) -> SegmentRow | None:
    """The row of a file as far as it is whole; None when it is gone or set aside.

    Of what lies beyond `synced_bytes`, sectors may never have been written. With `keep` even a file that holds nothing
    whole is set aside, and not removed.
    """
    file = disk / name.path
    try:
        try:
            row = scan(file, name, synced_bytes)
        except InvalidInput:
            _set_aside(file, mended)
            return None
        if row is None:
            _dispose(file, mended, keep=keep)
        else:
            _cut(file, row.size_bytes, mended)
    except OSError as error:
        raise write_error(file, error) from error
    return row


def _dispose(file: Path, mended: Mended, *, keep: bool) -> None:
    if keep or holds_fragment(file, 0):
        _set_aside(file, mended)
    else:
        storage.remove(file)
        mended.removed_files += 1


def _set_aside(file: Path, mended: Mended) -> None:
    storage.rename(file, file.with_name(f"{file.name}{DAMAGED}"))
    mended.set_aside += 1
    _log.warning("footage_file_set_aside", file=str(file))


def _cut(file: Path, end: int, mended: Mended) -> None:
    surplus = file.stat().st_size - end
    if not surplus:
        return
    if holds_fragment(file, end):
        _save_rest(file, end)
        mended.set_aside += 1
    storage.truncate(file, end)
    mended.truncated_bytes += surplus


def _save_rest(file: Path, start: int) -> None:
    """Copy what follows the damage into a file of its own, surely, before it is cut off."""
    rest = file.with_name(f"{file.name}.from-{start}{DAMAGED}")
    storage.remove(rest)  # half of it may be there from a repair that was cut short itself
    descriptor = storage.create(rest)
    try:
        with file.open("rb") as source:
            source.seek(start)
            while data := source.read(_COPIED_AT_ONCE):
                view = memoryview(data)
                while view:
                    view = view[storage.write(descriptor, view) :]
        storage.sync(descriptor)
        storage.sync_folder(file.parent)
    except OSError:
        with suppress(OSError):
            storage.remove(rest)
        raise
    finally:
        os.close(descriptor)
    _log.warning("footage_rest_set_aside", file=str(rest))
