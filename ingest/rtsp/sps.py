"""Sequence parameter sets of H.264 (7.3.2.1.1, Annex E) and H.265 (7.3.2.2): picture size, profile, reordering.

Codec strings follow RFC 6381 and, for H.265, ISO/IEC 14496-15 Annex E.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.errors import InvalidInput
from foundation.nal import H264_SPS, H265_SPS, Codec, nal_type
from ingest.access_unit import CodecParameters
from ingest.rtsp.bits import BitReader

_H264_HIGH_PROFILES = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
_EXTENDED_SAR = 255
_MAX_SIDE = 16_384
_MAX_SAMPLES = 35_651_584  # luma samples of a picture at level 6.2, the highest of both standards
_MAX_REORDER = 16
_SUBSAMPLING = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}  # chroma_format_idc: SubWidthC, SubHeightC


@dataclass(slots=True, frozen=True)
class SequenceParameters:
    codec: Codec
    width: int
    height: int  # pixels, after cropping
    rfc6381: str
    chroma_format_idc: int
    bit_depth_luma: int
    bit_depth_chroma: int
    reorder_frames: int | None  # pictures that may precede another in decoding and follow it in output; None: unsaid
    profile_tier_level: bytes = b""  # H.265: the 12 general bytes as they stand in `hvcC`
    temporal_layers: int = 1
    temporal_nested: bool = True


def parse_sps(codec: Codec, unit: bytes) -> SequenceParameters:
    parsed = _parse_h264(unit) if codec == "h264" else _parse_h265(unit)
    sides_fit = 0 < parsed.width <= _MAX_SIDE and 0 < parsed.height <= _MAX_SIDE
    if not sides_fit or parsed.width * parsed.height > _MAX_SAMPLES:
        raise InvalidInput(f"a parameter set claims a picture of {parsed.width}x{parsed.height} pixels.")
    return parsed


def sequence_parameters(parameters: CodecParameters) -> SequenceParameters:
    return parse_sps(parameters.codec, _first_sps(parameters.codec, parameters.parameter_sets))


def codec_parameters(codec: Codec, parameter_sets: Sequence[bytes]) -> CodecParameters:
    parsed = parse_sps(codec, _first_sps(codec, parameter_sets))
    return CodecParameters(codec, tuple(parameter_sets), parsed.width, parsed.height, parsed.rfc6381)


def _first_sps(codec: Codec, parameter_sets: Sequence[bytes]) -> bytes:
    wanted = H264_SPS if codec == "h264" else H265_SPS
    for unit in parameter_sets:
        if nal_type(codec, unit) == wanted:
            return unit
    raise InvalidInput("there is no sequence parameter set.")


def _parse_h264(unit: bytes) -> SequenceParameters:
    reader = BitReader(unit[1:])
    profile, constraints, level = reader.u(8), reader.u(8), reader.u(8)
    reader.ue()  # seq_parameter_set_id
    chroma, depth_luma, depth_chroma, separate = _h264_chroma(reader, profile)
    reader.ue()  # log2_max_frame_num_minus4
    order_count_type = _h264_picture_order_count(reader)
    reader.ue()  # max_num_ref_frames
    reader.flag()
    width, height = 16 * (reader.ue() + 1), 16 * (reader.ue() + 1)
    frame_mbs_only = reader.flag()
    if not frame_mbs_only:
        height *= 2
        reader.flag()
    reader.flag()  # direct_8x8_inference_flag
    unit_x, unit_y = (1, 1) if separate else _SUBSAMPLING[chroma]
    left, right, top, bottom = _crop(reader)
    reorder = 0 if order_count_type == 2 else _h264_reorder_frames(reader)
    return SequenceParameters(
        codec="h264",
        width=width - unit_x * (left + right),
        height=height - unit_y * (1 if frame_mbs_only else 2) * (top + bottom),
        rfc6381=f"avc1.{profile:02X}{constraints:02X}{level:02X}",
        chroma_format_idc=chroma,
        bit_depth_luma=depth_luma,
        bit_depth_chroma=depth_chroma,
        reorder_frames=reorder,
    )


def _h264_chroma(reader: BitReader, profile: int) -> tuple[int, int, int, bool]:
    if profile not in _H264_HIGH_PROFILES:
        return 1, 8, 8, False
    chroma = _chroma_format(reader)
    separate = chroma == 3 and reader.flag()
    depth_luma, depth_chroma = _bit_depth(reader), _bit_depth(reader)
    reader.flag()  # qpprime_y_zero_transform_bypass_flag
    if reader.flag():
        for index in range(8 if chroma != 3 else 12):
            if reader.flag():
                _skip_scaling_list(reader, 16 if index < 6 else 64)
    return chroma, depth_luma, depth_chroma, separate


def _chroma_format(reader: BitReader) -> int:
    chroma = reader.ue()
    if chroma not in _SUBSAMPLING:
        raise InvalidInput(f"a parameter set claims chroma format {chroma}.")
    return chroma


def _bit_depth(reader: BitReader) -> int:
    depth = 8 + reader.ue()
    if depth > 16:
        raise InvalidInput(f"a parameter set claims {depth} bits a sample.")
    return depth


def _skip_scaling_list(reader: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + reader.se()) % 256
        last = following or last


def _h264_picture_order_count(reader: BitReader) -> int:
    kind = reader.ue()
    if kind == 0:
        reader.ue()
    elif kind == 1:
        reader.flag()
        reader.se()
        reader.se()
        for _ in range(min(reader.ue(), 255)):
            reader.se()
    return kind


def _crop(reader: BitReader) -> tuple[int, int, int, int]:
    return (reader.ue(), reader.ue(), reader.ue(), reader.ue()) if reader.flag() else (0, 0, 0, 0)


def _h264_reorder_frames(reader: BitReader) -> int | None:
    """`max_num_reorder_frames`; None where the usability information is absent, or broken as some cameras have it."""
    try:
        if not reader.flag():
            return None
        _skip_h264_vui_head(reader)
        nal_hrd = reader.flag() and _skip_h264_hrd(reader)
        vcl_hrd = reader.flag() and _skip_h264_hrd(reader)
        reader.u(2 if nal_hrd or vcl_hrd else 1)  # low_delay_hrd_flag, pic_struct_present_flag
        if not reader.flag():
            return None
        reader.flag()
        for _ in range(4):
            reader.ue()
        reorder = reader.ue()
    except InvalidInput:
        return None
    return reorder if reorder <= _MAX_REORDER else None


def _skip_h264_vui_head(reader: BitReader) -> None:
    if reader.flag() and reader.u(8) == _EXTENDED_SAR:
        reader.u(32)
    if reader.flag():
        reader.flag()  # overscan_appropriate_flag
    if reader.flag():
        reader.u(4)
        if reader.flag():
            reader.u(24)
    if reader.flag():
        reader.ue()
        reader.ue()
    if reader.flag():
        reader.u(65)  # num_units_in_tick, time_scale, fixed_frame_rate_flag


def _skip_h264_hrd(reader: BitReader) -> bool:
    count = reader.ue() + 1
    reader.u(8)
    for _ in range(min(count, 32)):
        reader.ue()
        reader.ue()
        reader.flag()
    reader.u(20)
    return True


def _parse_h265(unit: bytes) -> SequenceParameters:
    reader = BitReader(unit[2:])
    reader.u(4)  # sps_video_parameter_set_id
    layers = reader.u(3) + 1
    nested = reader.flag()
    general = reader.u(96).to_bytes(12, "big")
    _skip_h265_sub_layers(reader, layers - 1)
    reader.ue()  # sps_seq_parameter_set_id
    chroma = _chroma_format(reader)
    separate = chroma == 3 and reader.flag()
    width, height = reader.ue(), reader.ue()
    unit_x, unit_y = (1, 1) if separate else _SUBSAMPLING[chroma]
    left, right, top, bottom = _crop(reader)
    depth_luma, depth_chroma = _bit_depth(reader), _bit_depth(reader)
    reader.ue()  # log2_max_pic_order_cnt_lsb_minus4
    return SequenceParameters(
        codec="h265",
        width=width - unit_x * (left + right),
        height=height - unit_y * (top + bottom),
        rfc6381=_h265_codec_string(general),
        chroma_format_idc=chroma,
        bit_depth_luma=depth_luma,
        bit_depth_chroma=depth_chroma,
        reorder_frames=_h265_reorder_frames(reader, layers),
        profile_tier_level=general,
        temporal_layers=layers,
        temporal_nested=nested,
    )


def _skip_h265_sub_layers(reader: BitReader, count: int) -> None:
    present = [(reader.flag(), reader.flag()) for _ in range(count)]
    if count:
        reader.u(2 * (8 - count))
    for profile, level in present:
        reader.u(88 * profile + 8 * level)


def _h265_reorder_frames(reader: BitReader, layers: int) -> int | None:
    reorder = 0
    for _ in range(layers if reader.flag() else 1):
        reader.ue()
        reorder = reader.ue()
        reader.ue()
    return reorder if reorder <= _MAX_REORDER else None


def _h265_codec_string(general: bytes) -> str:
    space = ("", "A", "B", "C")[general[0] >> 6]
    tier = "H" if general[0] & 0x20 else "L"
    compatibility = int(f"{int.from_bytes(general[1:5], 'big'):032b}"[::-1], 2)
    constraints = "".join(f".{byte:X}" for byte in general[5:11].rstrip(b"\x00"))
    return f"hvc1.{space}{general[0] & 0x1F}.{compatibility:X}.{tier}{general[11]}{constraints}"
