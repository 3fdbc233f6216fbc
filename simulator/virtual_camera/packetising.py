"""Access units as RTP payloads: RFC 6184 (H.264, packetization-mode 1) and RFC 7798 (H.265)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from foundation.nal import Codec
from simulator.virtual_camera.media import MediaUnit

MAX_PAYLOAD = 1400  # bytes: what fits a 1500-byte path, as cameras send it over TCP too
_STAP_A, _FU_A = 24, 28
_H265_FU = 49
_FU_START, _FU_END = 0x80, 0x40


@dataclass(slots=True, frozen=True)
class PacketisedUnit:
    dts: int  # 90 kHz
    pts: int
    is_keyframe: bool
    payloads: tuple[bytes, ...]


def packetise(codec: Codec, unit: MediaUnit) -> PacketisedUnit:
    make = _h264_payloads if codec == "h264" else _h265_payloads
    return PacketisedUnit(unit.dts, unit.pts, unit.is_keyframe, tuple(make(unit.nal_units)))


def _h264_payloads(units: Sequence[bytes]) -> Iterator[bytes]:
    for group in _grouped(units):
        if len(group) > 1:
            yield _stap_a(group)
        elif len(group[0]) <= MAX_PAYLOAD:
            yield group[0]
        else:
            header = group[0][0]
            yield from _fragments(group[0][1:], bytes((header & 0xE0 | _FU_A,)), header & 0x1F)


def _h265_payloads(units: Sequence[bytes]) -> Iterator[bytes]:
    for unit in units:
        if len(unit) <= MAX_PAYLOAD:
            yield unit
        else:
            header = bytes((unit[0] & 0x81 | _H265_FU << 1, unit[1]))
            yield from _fragments(unit[2:], header, (unit[0] >> 1) & 0x3F)


def _grouped(units: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Runs of units that fit one aggregation packet together: parameter sets and SEI travel as one."""
    group: list[bytes] = []
    size = 1
    for unit in units:
        if group and size + 2 + len(unit) > MAX_PAYLOAD:
            yield group
            group, size = [], 1
        group.append(unit)
        size += 2 + len(unit)
    if group:
        yield group


def _stap_a(group: Sequence[bytes]) -> bytes:
    reference = max(unit[0] & 0x60 for unit in group)
    return bytes((reference | _STAP_A,)) + b"".join(len(unit).to_bytes(2, "big") + unit for unit in group)


def _fragments(body: bytes, header: bytes, kind: int) -> Iterator[bytes]:
    room = MAX_PAYLOAD - len(header) - 1
    for at in range(0, len(body), room):
        flags = (_FU_START if at == 0 else 0) | (_FU_END if at + room >= len(body) else 0)
        yield header + bytes((flags | kind,)) + body[at : at + room]
