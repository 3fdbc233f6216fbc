"""The head of a progressive MP4 (ISO/IEC 14496-12): full sample tables before the media, so that a player can seek
at once with ranges. What describes track and codec is taken from the recording's own init segment."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import accumulate, groupby

from foundation.errors import InvalidInput
from ingest.access_unit import TICKS_PER_S
from ingest.footage.boxes import HEADER_BYTES, box, find, full_box
from ingest.playback.fragment_heads import SampleEntry

_FTYP = box(b"ftyp", b"isom", struct.pack(">I", 0), b"isomiso6avc1mp41")
_MDIA = (b"moov", b"trak", b"mdia")
_MINF = (*_MDIA, b"minf")
_UNITY_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_TKHD_DURATION = slice(HEADER_BYTES + 20, HEADER_BYTES + 24)  # version 0


def progressive_head(init: bytes, chunks: Sequence[Sequence[SampleEntry]]) -> bytes:
    """`ftyp`, `moov` and the header of `mdat`; the media follow as the chunks' samples, one after the other."""
    media_bytes = sum(sample.size for chunk in chunks for sample in chunk)
    mdat = struct.pack(">I4s", HEADER_BYTES + media_bytes, b"mdat")
    # Offsets have a fixed width, so the head is as long with the right ones as with any.
    length = len(_FTYP) + len(_moov(init, chunks, 0)) + len(mdat)
    return _FTYP + _moov(init, chunks, length) + mdat


def _moov(init: bytes, chunks: Sequence[Sequence[SampleEntry]], media_start: int) -> bytes:
    samples = [sample for chunk in chunks for sample in chunk]
    duration = sum(sample.duration for sample in samples)
    media_header = b"vmhd" if find(init, *_MINF, b"vmhd") else b"smhd"
    minf = box(
        b"minf",
        _taken(init, *_MINF, media_header),
        _taken(init, *_MINF, b"dinf"),
        box(b"stbl", _taken(init, *_MINF, b"stbl", b"stsd"), *_tables(samples, chunks, media_start)),
    )
    mdia = box(b"mdia", _mdhd(duration), _taken(init, *_MDIA, b"hdlr"), minf)
    return box(b"moov", _mvhd(duration), box(b"trak", _tkhd(init, duration), mdia))


def _taken(init: bytes, *path: bytes) -> bytes:
    found = find(init, *path)
    if found is None:
        raise InvalidInput(f"the recording's init segment has no {path[-1].decode()} box.")
    return init[found.start : found.end]


def _mvhd(duration: int) -> bytes:
    fields = struct.pack(">IIIIIHHQ", 0, 0, TICKS_PER_S, duration, 0x10000, 0x0100, 0, 0)
    return full_box(b"mvhd", 0, 0, fields, _UNITY_MATRIX, bytes(24), struct.pack(">I", 2))


def _mdhd(duration: int) -> bytes:
    return full_box(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, TICKS_PER_S, duration, 0x55C4, 0))


def _tkhd(init: bytes, duration: int) -> bytes:
    tkhd = bytearray(_taken(init, b"moov", b"trak", b"tkhd"))
    tkhd[_TKHD_DURATION] = struct.pack(">I", duration)
    return bytes(tkhd)


def _tables(samples: Sequence[SampleEntry], chunks: Sequence[Sequence[SampleEntry]], media_start: int) -> list[bytes]:
    keyframes = [number for number, sample in enumerate(samples, 1) if sample.is_keyframe]
    sizes = [sum(sample.size for sample in chunk) for chunk in chunks]
    offsets = [media_start + before for before in accumulate(sizes, initial=0)][:-1]
    return [
        _table(b"stts", 0, "II", _runs([sample.duration for sample in samples])),
        _table(b"ctts", 1, "Ii", _runs([sample.composition_offset for sample in samples])),
        _table(b"stss", 0, "I", [(number,) for number in keyframes]),
        _table(b"stsc", 0, "III", _chunk_runs([len(chunk) for chunk in chunks])),
        full_box(b"stsz", 0, 0, struct.pack(f">II{len(samples)}I", 0, len(samples), *(one.size for one in samples))),
        _table(b"stco", 0, "I", [(offset,) for offset in offsets]),
    ]


def _table(kind: bytes, version: int, layout: str, rows: Sequence[tuple[int, ...]]) -> bytes:
    row = struct.Struct(f">{layout}")
    return full_box(kind, version, 0, struct.pack(">I", len(rows)), b"".join(row.pack(*values) for values in rows))


def _runs(values: Sequence[int]) -> list[tuple[int, ...]]:
    return [(len(list(same)), value) for value, same in groupby(values)]


def _chunk_runs(counts: Sequence[int]) -> list[tuple[int, ...]]:
    """First chunk, samples per chunk, sample description: a row only where the count changes."""
    return [(number, count, 1) for number, count in enumerate(counts, 1) if number == 1 or counts[number - 2] != count]
