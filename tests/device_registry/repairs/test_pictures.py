"""Pictures from outside: what they tell beside the picture does not stay."""

from __future__ import annotations

import io
import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry.repairs.pictures import MAX_BYTES, checked
from foundation.errors import InvalidInput


def encoded(codec: str, pixel_format: str, width: int = 64, height: int = 48) -> bytes:
    pixels = np.indices((height, width)).sum(axis=0).astype(np.uint8)
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, pixel_format
    encoder.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(np.dstack([pixels] * 3), format="rgb24").reformat(format=pixel_format)
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


JPEG = encoded("mjpeg", "yuvj420p")
PNG = encoded("png", "rgb24")


def exif(orientation: int, order: str = "<") -> bytes:
    """As a phone writes it: which way is up, and where it was taken."""
    mark = {"<": b"II*\x00", ">": b"MM\x00*"}[order]
    entries = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(f"{order}HHII", 0x8825, 4, 1, 38)
    data = b"Exif\x00\x00" + mark + struct.pack(f"{order}IH", 8, 2) + entries + b"\x00" * 4 + b"GPS 31.2304 N"
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def pixels(content: bytes) -> np.ndarray:
    with av.open(io.BytesIO(content)) as container:
        (frame,) = container.decode(video=0)
    return frame.to_ndarray(format="rgb24")


@pytest.mark.parametrize(("content", "media_type"), [(JPEG, "image/jpeg"), (PNG, "image/png")], ids=["jpeg", "png"])
def test_a_picture_is_taken_as_it_is(content: bytes, media_type: str) -> None:
    found = checked(content)
    assert found.media_type == media_type
    assert np.array_equal(pixels(found.content), pixels(content))
    assert checked(found.content) == found


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photo_loses_its_place_and_keeps_which_way_is_up(order: str) -> None:
    comment = b"\xff\xfe" + struct.pack(">H", 14) + b"by somebody."
    found = checked(JPEG[:2] + exif(6, order) + comment + JPEG[2:] + b"after the end").content
    assert b"GPS" not in found
    assert b"somebody" not in found
    assert b"after" not in found
    assert struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) in found
    assert np.array_equal(pixels(found), pixels(JPEG))
    assert checked(found).content == found


def test_a_picture_in_png_loses_its_texts() -> None:
    text = struct.pack(">I4s", 11, b"tEXt") + b"Author\x00Anna" + b"\x00" * 4
    found = checked(PNG[:33] + text + PNG[33:]).content
    assert found == checked(PNG).content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"\xff\xd8\xff",
        JPEG[:100],
        PNG[:60],
        JPEG[: len(JPEG) - 2],
        b"\xff\xd8\xff\xd9",
        b"<svg onload='alert(1)'/>",
        PNG[:16] + struct.pack(">II", 8193, 1) + PNG[24:],
    ],
    ids=["empty", "gif", "begun", "cut-jpeg", "cut-png", "endless", "nothing", "svg", "wide"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="picture"):
        checked(content)


def test_a_large_picture_is_refused() -> None:
    with pytest.raises(InvalidInput, match="larger than 2 MiB"):
        checked(JPEG + bytes(MAX_BYTES))


@given(st.sampled_from([JPEG, PNG]), st.integers(0, 2000), st.binary(max_size=40))
def test_damage_is_told_or_harmless(content: bytes, at: int, put: bytes) -> None:
    try:
        found = checked(content[:at] + put + content[at + len(put) :])
    except InvalidInput:
        return
    assert checked(found.content) == found
