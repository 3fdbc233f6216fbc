"""One segment while it is written: a file of an init segment and fragments, and the row that describes it."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from foundation.clock import US_PER_S
from foundation.errors import ResourceError
from foundation.files import write_error
from ingest.footage import storage
from ingest.footage.fragmenter import MediaFragment
from ingest.footage.index_writer import SegmentRow

_MOST_PARTS = 1024  # IOV_MAX of Linux


class SegmentName(NamedTuple):
    camera_id: str
    stream: str
    start_us: int
    fence: int
    n: int

    @property
    def path(self) -> str:
        """Relative to the disk: CAMERA_ID/STREAM/YYYYMMDD/HH/START-FENCE-N.mp4, by UTC."""
        hour = datetime.fromtimestamp(self.start_us // US_PER_S, UTC).strftime("%Y%m%d/%H")
        return f"{self.camera_id}/{self.stream}/{hour}/{self.start_us}-{self.fence}-{self.n}.mp4"

    @classmethod
    def parse(cls, path: str) -> SegmentName | None:
        """None for a file that is not a segment."""
        parts = path.split("/")
        if len(parts) != 5 or not parts[4].endswith(".mp4"):
            return None
        numbers = parts[4].removesuffix(".mp4").split("-")
        if len(numbers) != 3 or not all(number.isascii() and number.isdigit() for number in numbers):
            return None
        return cls(parts[0], parts[1], *map(int, numbers))


class SegmentFile:
    """Appends whole fragments; an append that fails leaves the file as it was before."""

    def __init__(self, disk: Path, name: SegmentName, init: bytes) -> None:
        self.name = name
        self._init = init
        self._file = disk / name.path
        self._size = 0
        self._origin: int | None = None
        self._media_duration = 0
        self._end_us = name.start_us
        self._fragments = 0
        self._keyframes: list[tuple[int, int]] = []
        self._hash = hashlib.sha256()
        try:
            storage.make_folders(self._file.parent)
            self._descriptor = storage.create(self._file)
        except OSError as error:
            raise write_error(self._file, error) from error
        try:
            self._write([init])
        except ResourceError:
            self.close()
            raise

    @property
    def end_us(self) -> int:
        return self._end_us

    @property
    def has_footage(self) -> bool:
        return self._fragments > 0

    def append(self, fragment: MediaFragment) -> None:
        origin = fragment.decode_time if self._origin is None else self._origin
        at = self._size
        self._write(fragment.encode_parts(self._fragments + 1, origin))
        self._origin = origin
        if fragment.is_keyframe:
            self._keyframes.append((fragment.start_us - self.name.start_us, at))
        for sample in fragment.samples:
            self._hash.update(sample.data)
        self._fragments += 1
        self._media_duration = fragment.decode_time + fragment.duration - origin
        self._end_us = max(self._end_us, fragment.end_us)

    def close(self) -> None:
        """Close the file; one without a single fragment is removed."""
        os.close(self._descriptor)
        if not self.has_footage:
            storage.remove(self._file)

    def row(self, *, complete: bool) -> SegmentRow:
        return SegmentRow(
            camera_id=self.name.camera_id,
            stream=self.name.stream,
            fence=self.name.fence,
            n=self.name.n,
            init=self._init,
            path=self.name.path,
            start_us=self.name.start_us,
            duration_us=self._end_us - self.name.start_us,
            media_duration_90k=self._media_duration,
            size_bytes=self._size,
            fragments=self._fragments,
            keyframes=tuple(self._keyframes),
            sha256=self._hash.digest(),
            complete=complete,
        )

    def _write(self, parts: list[bytes]) -> None:
        size = sum(map(len, parts))
        try:
            written = storage.write_parts(self._descriptor, parts[:_MOST_PARTS])
            if written < size:
                self._write_rest(b"".join(parts), written)
        except OSError as error:
            # On a failing disk neither may work; the segment ends here anyway, and its row says where it is whole.
            with suppress(OSError):
                storage.truncate(self._descriptor, self._size)
                os.lseek(self._descriptor, self._size, os.SEEK_SET)
            raise write_error(self._file, error) from error
        self._size += size

    def _write_rest(self, data: bytes, written: int) -> None:
        left = memoryview(data)[written:]
        while left:
            left = left[storage.write(self._descriptor, left) :]
