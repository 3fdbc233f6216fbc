"""Reads the `moof` boxes of a recorded file and steps over the media between them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ingest.footage.boxes import HEADER_BYTES, find

_MAX_MOOF_BYTES = 1 << 20
_NON_SYNC = 0x01_0000
_TRUN_SAMPLE = struct.Struct(">IIIi")


@dataclass(slots=True, frozen=True)
class SampleEntry:
    duration: int  # ticks
    size: int  # bytes
    is_keyframe: bool
    composition_offset: int  # ticks, may be negative


@dataclass(slots=True, frozen=True)
class FragmentHead:
    decode_time: int  # ticks
    data_start: int  # offset of the media in the file
    samples: list[SampleEntry]

    @property
    def data_bytes(self) -> int:
        return sum(sample.size for sample in self.samples)

    @property
    def duration(self) -> int:
        return sum(sample.duration for sample in self.samples)


def fragment_heads(file: BinaryIO, start: int, end: int | None = None) -> Iterator[FragmentHead]:
    """The whole fragments between two offsets; without an end, as far as the file is written now."""
    end = file.seek(0, 2) if end is None else end
    while start < end:
        file.seek(start)
        moof = _read_moof(file)
        if moof is None:
            return
        data_start = start + len(moof) + HEADER_BYTES
        head = file.read(HEADER_BYTES)
        found = _parse(moof, data_start) if head[4:] == b"mdat" else None
        start += len(moof) + int.from_bytes(head[:4], "big")
        if found is None or start > end or data_start + found.data_bytes != start:
            return
        yield found


def _read_moof(file: BinaryIO) -> bytes | None:
    head = file.read(HEADER_BYTES)
    size = int.from_bytes(head[:4], "big")
    if head[4:] != b"moof" or not HEADER_BYTES < size <= _MAX_MOOF_BYTES:
        return None
    moof = head + file.read(size - HEADER_BYTES)
    return moof if len(moof) == size else None


def _parse(moof: bytes, data_start: int) -> FragmentHead | None:
    tfdt, trun = (find(moof, b"moof", b"traf", kind) for kind in (b"tfdt", b"trun"))
    if tfdt is None or trun is None or tfdt.end - tfdt.body != 12 or (trun.end - trun.body - 12) % _TRUN_SAMPLE.size:
        return None
    (decode_time,) = struct.unpack_from(">Q", moof, tfdt.body + 4)
    samples = [
        SampleEntry(duration, size, not flags & _NON_SYNC, offset)
        for duration, size, flags, offset in _TRUN_SAMPLE.iter_unpack(moof[trun.body + 12 : trun.end])
    ]
    return FragmentHead(decode_time, data_start, samples)
