"""Fragmented MP4 with one track (CMAF, ISO/IEC 23000-19): the init segment, and fragments of moof and mdat.

The same bytes go to disk and to a browser's MediaSource. Media time is 90 kHz. Composition offsets are signed
(`trun` version 1), so that the first picture is shown at the fragment's own decode time.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from foundation.nal import H264_PPS, H264_SPS, H265_PPS, H265_SPS, H265_VPS, nal_type
from ingest.access_unit import TICKS_PER_S, AudioParameters, CodecParameters, MediaParameters
from ingest.footage import mp4_audio
from ingest.footage.boxes import HEADER_BYTES, box, box_header, full_box
from ingest.rtsp.sps import SequenceParameters, sequence_parameters

TRACK_ID = 1
_SYNC_SAMPLE = 0x0200_0000  # sample_depends_on = 2: on no other
_OTHER_SAMPLE = 0x0101_0000  # sample_depends_on = 1, sample_is_non_sync_sample
_TFHD_DEFAULT_BASE_IS_MOOF = 0x02_0000
_TRUN_FLAGS = 0x000F01  # data offset; duration, size, flags, composition offset of each sample
_TRUN_SAMPLE = struct.Struct(">IIIi")
_UNITY_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


@dataclass(slots=True, frozen=True)
class Sample:
    data: bytes  # NAL units, each after its length in 4 bytes; or a unit of sound
    duration: int  # ticks
    composition_offset: int  # ticks, may be negative
    is_keyframe: bool


def init_segment(parameters: MediaParameters, *, duration: int = 0) -> bytes:
    """`ftyp` and `moov`. `duration` in ticks stands in `mehd` where the whole length is known."""
    if isinstance(parameters, AudioParameters):
        tkhd, handler = _tkhd(volume=1), _AUDIO_HDLR
        minf = _minf(full_box(b"smhd", 0, 0, bytes(4)), mp4_audio.sample_entry(parameters))
    else:
        tkhd, handler = _tkhd(width=parameters.width, height=parameters.height), _HDLR
        minf = _minf(full_box(b"vmhd", 0, 1, bytes(8)), _sample_entry(parameters))
    return _FTYP + box(
        b"moov",
        _mvhd(),
        box(b"trak", tkhd, box(b"mdia", _mdhd(), handler, minf)),
        box(b"mvex", *([full_box(b"mehd", 1, 0, struct.pack(">Q", duration))] if duration else []), _TREX),
    )


def fragment(sequence_number: int, base_decode_time: int, samples: Sequence[Sample]) -> bytes:
    """`moof` and `mdat` of at least one sample; `base_decode_time` is the first one's decode time in ticks."""
    return b"".join(fragment_parts(sequence_number, base_decode_time, samples))


def fragment_parts(sequence_number: int, base_decode_time: int, samples: Sequence[Sample]) -> list[bytes]:
    """The same in pieces, of which the samples' data are not copied."""
    data_offset = _EMPTY_MOOF_BYTES + len(samples) * _TRUN_SAMPLE.size + HEADER_BYTES
    moof = _moof(sequence_number, base_decode_time, samples, data_offset)
    data = [sample.data for sample in samples]
    return [moof + box_header(b"mdat", sum(map(len, data))), *data]


def _moof(sequence_number: int, base_decode_time: int, samples: Sequence[Sample], data_offset: int) -> bytes:
    run = b"".join(
        _TRUN_SAMPLE.pack(
            sample.duration,
            len(sample.data),
            _SYNC_SAMPLE if sample.is_keyframe else _OTHER_SAMPLE,
            sample.composition_offset,
        )
        for sample in samples
    )
    return box(
        b"moof",
        full_box(b"mfhd", 0, 0, struct.pack(">I", sequence_number & 0xFFFFFFFF)),
        box(
            b"traf",
            full_box(b"tfhd", 0, _TFHD_DEFAULT_BASE_IS_MOOF, struct.pack(">I", TRACK_ID)),
            full_box(b"tfdt", 1, 0, struct.pack(">Q", base_decode_time)),
            full_box(b"trun", 1, _TRUN_FLAGS, struct.pack(">Ii", len(samples), data_offset), run),
        ),
    )


def _mvhd() -> bytes:
    fields = struct.pack(">IIIIIHHQ", 0, 0, 1000, 0, 0x10000, 0x0100, 0, 0)
    return full_box(b"mvhd", 0, 0, fields, _UNITY_MATRIX, bytes(24), struct.pack(">I", TRACK_ID + 1))


def _tkhd(*, width: int = 0, height: int = 0, volume: int = 0) -> bytes:
    fields = struct.pack(">IIIII", 0, 0, TRACK_ID, 0, 0) + bytes(8) + struct.pack(">HHHH", 0, 0, volume << 8, 0)
    size = struct.pack(">II", width << 16, height << 16)
    return full_box(b"tkhd", 0, 3, fields, _UNITY_MATRIX, size)


def _mdhd() -> bytes:
    return full_box(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, TICKS_PER_S, 0, 0x55C4, 0))  # language "und"


def _minf(media_header: bytes, sample_entry: bytes) -> bytes:
    empty = struct.pack(">I", 0)
    return box(
        b"minf",
        media_header,
        box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1))),
        box(
            b"stbl",
            full_box(b"stsd", 0, 0, struct.pack(">I", 1), sample_entry),
            full_box(b"stts", 0, 0, empty),
            full_box(b"stsc", 0, 0, empty),
            full_box(b"stsz", 0, 0, empty, empty),
            full_box(b"stco", 0, 0, empty),
        ),
    )


def _sample_entry(parameters: CodecParameters) -> bytes:
    """VisualSampleEntry (14496-12, 12.1.3) with its decoder configuration record (14496-15)."""
    parsed = sequence_parameters(parameters)
    if parameters.codec == "h264":
        kind, configuration = b"avc1", box(b"avcC", _avcc(parameters, parsed))
    else:
        kind, configuration = b"hvc1", box(b"hvcC", _hvcc(parameters, parsed))
    visual = (
        bytes(6)
        + struct.pack(">H", 1)
        + bytes(16)
        + struct.pack(">HHIIIH", parameters.width, parameters.height, 0x480000, 0x480000, 0, 1)
        + bytes(32)
        + struct.pack(">Hh", 0x18, -1)
    )
    return box(kind, visual, configuration)


def _avcc(parameters: CodecParameters, parsed: SequenceParameters) -> bytes:
    """AVCDecoderConfigurationRecord (14496-15, 5.3.3.1)."""
    sps = _units_of(parameters, H264_SPS)
    pps = _units_of(parameters, H264_PPS)
    record = bytes([1, sps[0][1], sps[0][2], sps[0][3], 0xFF, 0xE0 | len(sps)]) + b"".join(map(_counted, sps))
    record += bytes([len(pps)]) + b"".join(map(_counted, pps))
    if sps[0][1] in (66, 77, 88):
        return record
    extension = (0xFC | parsed.chroma_format_idc, 0xF8 | parsed.bit_depth_luma - 8, 0xF8 | parsed.bit_depth_chroma - 8)
    return record + bytes([*extension, 0])


def _hvcc(parameters: CodecParameters, parsed: SequenceParameters) -> bytes:
    """HEVCDecoderConfigurationRecord (14496-15, 8.3.3.1)."""
    head = b"\x01" + parsed.profile_tier_level + struct.pack(">HB", 0xF000, 0xFC)
    head += bytes(
        [0xFC | parsed.chroma_format_idc, 0xF8 | parsed.bit_depth_luma - 8, 0xF8 | parsed.bit_depth_chroma - 8]
    )
    head += struct.pack(">HB", 0, parsed.temporal_layers << 3 | parsed.temporal_nested << 2 | 3)
    arrays = [(kind, _units_of(parameters, kind)) for kind in (H265_VPS, H265_SPS, H265_PPS)]
    return (
        head
        + bytes([len(arrays)])
        + b"".join(
            struct.pack(">BH", 0x80 | kind, len(units)) + b"".join(map(_counted, units)) for kind, units in arrays
        )
    )


def _units_of(parameters: CodecParameters, kind: int) -> list[bytes]:
    return [unit for unit in parameters.parameter_sets if nal_type(parameters.codec, unit) == kind]


def _counted(unit: bytes) -> bytes:
    return struct.pack(">H", len(unit)) + unit


_EMPTY_MOOF_BYTES = len(_moof(0, 0, [], 0))
_FTYP = box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6cmfcmp41")
_HDLR = full_box(b"hdlr", 0, 0, bytes(4), b"vide", bytes(12), b"Video\x00")
_AUDIO_HDLR = full_box(b"hdlr", 0, 0, bytes(4), b"soun", bytes(12), b"Sound\x00")
_TREX = full_box(b"trex", 0, 0, struct.pack(">IIIII", TRACK_ID, 1, 0, 0, 0))
