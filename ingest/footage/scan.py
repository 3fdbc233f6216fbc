"""What the bytes of a segment file say by themselves, without the index."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from foundation.errors import InvalidInput
from ingest.access_unit import CodecParameters
from ingest.footage.fragmenter import us_from_ticks
from ingest.footage.index_writer import SegmentRow
from ingest.footage.mp4_reader import fragments, parameters_of, read_init
from ingest.footage.segment_file import SegmentName

_PIECE_BYTES = 1 << 20
_TORN_HEAD_BYTES = 4096  # init segments are smaller
_UNWRITTEN = bytes(512)  # a sector that a power cut left out; pictures have no such run of zeros


def scan(file: Path, name: SegmentName, synced_bytes: int | None = None) -> SegmentRow | None:
    """The row that the bytes of a file deserve; None when they hold no whole fragment.

    With `synced_bytes`, what lies beyond is not trusted where sectors of it were never written. Raises `InvalidInput`
    for a file that does not begin with an init segment, although more follows than a torn one.
    """
    with file.open("rb") as stream:
        try:
            init = read_init(stream)
            parameters = parameters_of(init)
        except InvalidInput:
            if file.stat().st_size > _TORN_HEAD_BYTES:
                raise
            return None
        has_pictures = isinstance(parameters, CodecParameters)
        end = _first_unwritten(stream, synced_bytes) if has_pictures and synced_bytes is not None else None
        if end is not None and end < len(init):
            return None
        return _scan_fragments(stream, name, init, end)


def holds_fragment(file: Path, start: int) -> bool:
    """Whether a whole fragment begins anywhere at or after the offset."""
    with file.open("rb") as stream:
        return any(next(fragments(stream, at), None) for at in _candidates(stream, start))


def _scan_fragments(stream: BinaryIO, name: SegmentName, init: bytes, until: int | None) -> SegmentRow | None:
    origin: int | None = None
    end = count = duration = 0
    keyframes: list[tuple[int, int]] = []
    digest = hashlib.sha256()
    for one in fragments(stream, len(init)):
        if until is not None and one.end > until:
            break
        origin = one.decode_time if origin is None else origin
        if one.samples and one.samples[0].is_keyframe:
            keyframes.append((us_from_ticks(one.decode_time - origin), one.start))
        for sample in one.samples:
            digest.update(sample.data)
        end, count, duration = one.end, count + 1, one.decode_time + one.duration - origin
    if not count:
        return None
    return SegmentRow(
        camera_id=name.camera_id,
        stream=name.stream,
        fence=name.fence,
        n=name.n,
        init=init,
        path=name.path,
        start_us=name.start_us,
        duration_us=us_from_ticks(duration),
        media_duration_90k=duration,
        size_bytes=end,
        fragments=count,
        keyframes=tuple(keyframes),
        sha256=digest.digest(),
        complete=True,
    )


def _candidates(stream: BinaryIO, start: int) -> Iterator[int]:
    """Where `moof` boxes may begin. Read piece by piece; a mapped file would kill the process on a bad sector."""
    kind = b"moof"
    at = start + 4  # of the next piece: the length of a box stands before its kind
    while True:
        stream.seek(at)
        piece = stream.read(_PIECE_BYTES)
        found = piece.find(kind)
        while found >= 0:
            yield at + found - 4
            found = piece.find(kind, found + 1)
        if len(piece) < _PIECE_BYTES:
            return
        at += len(piece) - len(kind) + 1


def _first_unwritten(stream: BinaryIO, start: int) -> int | None:
    """Where the first sector of zeros lies, at or after the offset; the last one may be short."""
    sector = len(_UNWRITTEN)
    at = start - start % sector
    stream.seek(at)
    while data := stream.read(sector << 11):
        for offset in range(0, len(data), sector):
            if _UNWRITTEN.startswith(data[offset : offset + sector]):
                return at + offset
        at += len(data)
    return None


def digest(file: Path, count: int) -> bytes | None:
    """SHA-256 over the access units of the first so many fragments; None where there are not that many."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        try:
            start = len(read_init(stream))
        except InvalidInput:
            return None
        for number, one in enumerate(fragments(stream, start), 1):
            for sample in one.samples:
                found.update(sample.data)
            if number == count:
                return found.digest()
    return None
