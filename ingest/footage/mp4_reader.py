"""Reads back the fragmented MP4 that `ingest.footage.mp4` writes: for repair, clips and checks.

A file may end in the middle of a fragment, as after a crash; reading stops at the last whole one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from foundation.errors import InvalidInput
from foundation.nal import Codec
from ingest.access_unit import CodecParameters, MediaParameters
from ingest.footage import mp4_audio
from ingest.footage.boxes import HEADER_BYTES, Box, find, walk
from ingest.footage.mp4 import Sample
from ingest.rtsp.sps import codec_parameters

_MAX_HEAD_BYTES = 1 << 20  # of `ftyp`, `moov` or `moof`
_VISUAL_ENTRY_BYTES = 78
_AUDIO_ENTRIES = (b"mp4a", b"alaw", b"ulaw")
_NON_SYNC = 0x01_0000


@dataclass(slots=True, frozen=True)
class StoredFragment:
    start: int  # offset of `moof` in the file
    end: int  # offset after `mdat`
    decode_time: int  # ticks
    samples: list[Sample]

    @property
    def duration(self) -> int:
        return sum(sample.duration for sample in self.samples)


def read_init(file: BinaryIO) -> bytes:
    """The init segment at the head of a file; `InvalidInput` when it is not whole."""
    file.seek(0)
    parts = []
    for kind in (b"ftyp", b"moov"):
        parts.append(_read_box(file, kind))
        if parts[-1] is None:
            raise InvalidInput(f"there is no whole {kind.decode()} box at the head of the file.")
    return b"".join(part for part in parts if part)


def parameters_of(init: bytes) -> MediaParameters:
    """The codec parameters that an init segment was written from."""
    stsd = find(init, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
    entry = next(walk(init, stsd.body + 8, stsd.end), None) if stsd else None
    if entry is None:
        raise InvalidInput("the init segment has no sample entry.")
    if entry.kind in _AUDIO_ENTRIES:
        return mp4_audio.parameters_of_entry(init, entry)
    inner = next(walk(init, entry.body + _VISUAL_ENTRY_BYTES, entry.end), None)
    if inner is None or inner.kind not in (b"avcC", b"hvcC"):
        raise InvalidInput("the init segment has no decoder configuration.")
    record = init[inner.body : inner.end]
    codec: Codec = "h264" if inner.kind == b"avcC" else "h265"
    try:
        return codec_parameters(codec, _avcc_units(record) if codec == "h264" else _hvcc_units(record))
    except (IndexError, struct.error) as error:
        raise InvalidInput("the decoder configuration ends too early.") from error


def picture_size(parameters: MediaParameters) -> tuple[int, int]:
    """Width and height in pixels; sound has none."""
    return (parameters.width, parameters.height) if isinstance(parameters, CodecParameters) else (0, 0)


def fragments(file: BinaryIO, start: int) -> Iterator[StoredFragment]:
    """The whole fragments from offset `start` on."""
    file.seek(start)
    while True:
        at = file.tell()
        moof = _read_box(file, b"moof")
        if moof is None:
            return
        mdat = _read_box(file, b"mdat", limit=1 << 30)
        if mdat is None:
            return
        try:
            yield _stored_fragment(at, moof, mdat)
        except (InvalidInput, struct.error):
            return
        file.seek(at + len(moof) + len(mdat))


def _read_box(file: BinaryIO, kind: bytes, limit: int = _MAX_HEAD_BYTES) -> bytes | None:
    head = file.read(HEADER_BYTES)
    if len(head) < HEADER_BYTES or head[4:] != kind:
        return None
    size = int.from_bytes(head[:4], "big")
    if not HEADER_BYTES <= size <= limit:
        return None
    body = file.read(size - HEADER_BYTES)
    return head + body if len(body) == size - HEADER_BYTES else None


def _stored_fragment(start: int, moof: bytes, mdat: bytes) -> StoredFragment:
    tfdt = _required(moof, b"tfdt")
    trun = _required(moof, b"trun")
    (decode_time,) = struct.unpack_from(">Q", moof, tfdt.body + 4)
    (count,) = struct.unpack_from(">I", moof, trun.body + 4)
    if trun.end - trun.body != 12 + 16 * count:
        raise InvalidInput("a track run has a length that does not fit its count.")
    samples = []
    at = HEADER_BYTES
    for duration, size, flags, offset in struct.iter_unpack(">IIIi", moof[trun.body + 12 : trun.end]):
        samples.append(Sample(mdat[at : at + size], duration, offset, not flags & _NON_SYNC))
        at += size
    if at != len(mdat):
        raise InvalidInput("the samples of a fragment do not fill its media data.")
    return StoredFragment(start, start + len(moof) + len(mdat), decode_time, samples)


def _required(moof: bytes, kind: bytes) -> Box:
    found = find(moof, b"moof", b"traf", kind)
    if found is None:
        raise InvalidInput(f"a fragment has no {kind.decode()} box.")
    return found


def _avcc_units(record: bytes) -> list[bytes]:
    sps, at = _counted_units(record, 6, record[5] & 0x1F)
    pps, _ = _counted_units(record, at + 1, record[at])
    return sps + pps


def _hvcc_units(record: bytes) -> list[bytes]:
    units: list[bytes] = []
    at = 23
    for _ in range(record[22]):
        (count,) = struct.unpack_from(">H", record, at + 1)
        more, at = _counted_units(record, at + 3, count)
        units += more
    return units


def _counted_units(record: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    units = []
    for _ in range(count):
        (size,) = struct.unpack_from(">H", record, at)
        if size == 0 or at + 2 + size > len(record):
            raise InvalidInput("the decoder configuration ends too early.")
        units.append(record[at + 2 : at + 2 + size])
        at += 2 + size
    return units, at
