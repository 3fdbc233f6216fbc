from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from foundation.nal import Codec, is_keyframe_unit, is_parameter_set, length_prefixed, nal_type, split_annex_b
from ingest.access_unit import AccessUnit, CodecParameters
from ingest.rtsp.sps import codec_parameters

START_US = 1_790_000_000_000_000
FRAME_TICKS = 3_600


@dataclass
class Footage:
    parameters: CodecParameters
    pictures: list[tuple[bytes, ...]]  # NAL units, parameter sets included
    units: list[AccessUnit]


def _pictures(codec: Codec, units: list[bytes]) -> Iterator[tuple[bytes, ...]]:
    """Grouped by the first slice of each picture."""
    at = 1 if codec == "h264" else 2
    last_slice = 5 if codec == "h264" else 31
    gathered: list[bytes] = []
    has_slice = False
    for unit in units:
        is_slice = nal_type(codec, unit) <= last_slice
        if has_slice and (not is_slice or unit[at] & 0x80):
            yield tuple(gathered)
            gathered, has_slice = [], False
        gathered.append(unit)
        has_slice = has_slice or is_slice
    if has_slice:  # else an end of sequence
        yield tuple(gathered)


def _footage(file: Path, codec: Codec) -> Footage:
    units = list(split_annex_b(file.read_bytes()))
    sets = list(dict.fromkeys(unit for unit in units if is_parameter_set(codec, unit)))
    pictures = list(_pictures(codec, units))
    return Footage(
        codec_parameters(codec, sets),
        pictures,
        [
            AccessUnit(
                start_us=START_US + index * 40_000,
                rtp_time=index * FRAME_TICKS,
                is_keyframe=any(is_keyframe_unit(codec, unit) for unit in picture),
                gap_before=False,
                data=length_prefixed(unit for unit in picture if not is_parameter_set(codec, unit)),
            )
            for index, picture in enumerate(pictures)
        ],
    )


@pytest.fixture(scope="session")
def h264(shared_data: Path) -> Footage:
    """Times are made up: decoding order, 25 a second."""
    return _footage(shared_data / "video" / "libvpl_cars_320x240.h264", "h264")


@pytest.fixture(scope="session")
def h265(shared_data: Path) -> Footage:
    return _footage(shared_data / "video" / "libvpl_cars_320x240.h265", "h265")
