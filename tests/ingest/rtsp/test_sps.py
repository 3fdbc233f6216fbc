from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInput
from foundation.nal import is_parameter_set
from ingest.access_unit import CodecParameters
from ingest.rtsp.bits import BitReader
from ingest.rtsp.sps import parse_sps, sequence_parameters


def test_exponential_golomb_codes() -> None:
    reader = BitReader(bytes([0b1_010_011_0, 0b0100_0010, 0b1_0000000]))
    assert [reader.ue() for _ in range(5)] == [0, 1, 2, 3, 4]
    assert BitReader(bytes([0b010_011_00, 0b100_00000])).se() == 1
    with pytest.raises(InvalidInput):
        BitReader(b"\x00" * 8).ue()


def test_h264_and_h265_of_the_same_scene(h264: Any, h265: Any) -> None:
    assert (h264.parameters.width, h264.parameters.height) == (320, 240)
    assert (h265.parameters.width, h265.parameters.height) == (320, 240)
    assert h264.parameters.rfc6381.startswith("avc1.")
    assert h265.parameters.rfc6381.startswith("hvc1.")
    assert sequence_parameters(h265.parameters).reorder_frames is not None


def test_same_as_the_decoder_says(shared_data: Path) -> None:
    """The size of each sample of odd and broken files agrees with what FFmpeg reads from them."""
    av = pytest.importorskip("av")
    for name in ("mp4ff_bbb_prog_10s.mp4", "mp4ff_hevc.mp4", "mp4ff_h264.mp4", "mp4ff_ed_hevc.mp4"):
        with av.open(str(shared_data / "video" / "decode_edge" / name)) as container:
            stream = container.streams.video[0]
            codec = "h264" if stream.codec_context.name == "h264" else "h265"
            extradata = stream.codec_context.extradata
            from ingest.footage.mp4_reader import _avcc_units, _hvcc_units

            units = _avcc_units(extradata) if codec == "h264" else _hvcc_units(extradata)
            sets = tuple(unit for unit in units if is_parameter_set(codec, unit))
            parsed = sequence_parameters(CodecParameters(codec, sets, 0, 0, ""))
            assert (parsed.width, parsed.height) == (stream.width, stream.height)


@given(st.sampled_from(["h264", "h265"]), st.binary(max_size=80))
def test_any_bytes_parse_or_are_refused(codec: Any, data: bytes) -> None:
    try:
        parsed = parse_sps(codec, data)
    except InvalidInput:
        return
    assert 0 < parsed.width <= 16_384
    assert 0 < parsed.height <= 16_384


def test_a_picture_larger_than_any_level_allows_is_refused() -> None:
    """A decoder would set hundreds of megabytes aside for each."""
    sizes = {1: "1", 512: "0000000001000000000"}  # Exp-Golomb codes of one less, in macroblocks

    def sps(width: int, height: int) -> bytes:
        # Baseline, level 6.2; order count type 2; only whole frames; no cropping, no usability information.
        bits = "1" + "1" + "011" + "1" + "0" + sizes[width] + sizes[height] + "1" + "0" + "0" + "0" + "1"
        bits += "0" * (-len(bits) % 8)
        return bytes([0x67, 66, 0xC0, 62]) + int(bits, 2).to_bytes(len(bits) // 8, "big")

    assert parse_sps("h264", sps(512, 1)).width == 8192
    with pytest.raises(InvalidInput, match="8192x8192"):
        parse_sps("h264", sps(512, 512))
