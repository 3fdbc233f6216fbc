"""A video file as the access units a camera would send: NAL units with decoding and presentation times at 90 kHz."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from foundation.errors import FileMissing, InvalidInput
from foundation.nal import Codec, is_keyframe_unit, is_parameter_set, nal_type, split_annex_b

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

CLOCK_RATE = 90_000
_CODECS: dict[str, Codec] = {"h264": "h264", "hevc": "h265"}
# Whatever the container's framing, these give Annex B with the parameter sets before each keyframe.
_TO_ANNEX_B = {"h264": "h264_mp4toannexb", "h265": "hevc_mp4toannexb"}
_DEFAULT_RATE = Fraction(25)
_Timed = tuple[int, tuple[bytes, ...]]  # presentation time at 90 kHz, NAL units


@dataclass(slots=True, frozen=True)
class MediaUnit:
    dts: int  # 90 kHz, the file's first unit at 0; pts is never less
    pts: int
    is_keyframe: bool
    nal_units: tuple[bytes, ...]


@dataclass(slots=True, frozen=True)
class Media:
    codec: Codec
    parameter_sets: tuple[bytes, ...]  # SPS, PPS (H.264) or VPS, SPS, PPS (H.265)
    width: int
    height: int
    duration: int  # 90 kHz; what one loop adds to every time
    units: tuple[MediaUnit, ...]  # in decoding order, from a keyframe on


def load_media(file: Path) -> Media:
    """Demux an MP4, MKV or elementary stream; `FileMissing` or `InvalidInput` tells what is wrong with it."""
    import av  # late: the command is mounted in processes that must not carry FFmpeg

    try:
        with av.open(str(file)) as container:
            return _read(container, file)
    except FileNotFoundError as error:
        raise FileMissing("no such video file.", where=str(file), mend="Name an existing file.") from error
    except PermissionError as error:
        raise FileMissing("cannot be read.", where=str(file), mend="Check its permissions.") from error
    except (av.FFmpegError, IndexError) as error:
        raise _refused(file, "is not a video file that can be read.") from error


def _refused(file: Path, what: str) -> InvalidInput:
    return InvalidInput(what, where=str(file), mend="Give H.264 or H.265 in MP4, MKV or as an elementary stream.")


def _read(container: InputContainer, file: Path) -> Media:
    if not container.streams.video:
        raise _refused(file, "holds no video.")
    stream = container.streams.video[0]
    codec = _CODECS.get(stream.codec_context.name)
    if codec is None:
        raise _refused(file, f"holds {stream.codec_context.name} video.")
    packets = _annex_b_packets(container, stream, codec)
    timed = _timed_by_container(packets, stream) or _timed_by_decoder(packets, stream)
    timed = _from_first_keyframe(codec, timed)
    if not timed:
        raise _refused(file, "holds no keyframe.")
    return _media(stream, codec, timed)


def _media(stream: VideoStream, codec: Codec, timed: Sequence[_Timed]) -> Media:
    presentation = [pts for pts, _ in timed]
    shown = sorted(presentation)
    # Decoding times are the presentation times in order, early enough that none comes after its own presentation.
    lead = max(at - pts for at, pts in zip(shown, presentation, strict=True))
    start = shown[0] - lead
    units = tuple(
        MediaUnit(at - lead - start, pts - start, _is_keyframe(codec, nal_units), nal_units)
        for at, (pts, nal_units) in zip(shown, timed, strict=True)
    )
    span = shown[-1] - shown[0]
    interval = round(span / (len(shown) - 1)) if span else _frame_interval(stream)
    context = stream.codec_context
    return Media(codec, _parameter_sets(codec, units), context.width, context.height, span + interval, units)


def _annex_b_packets(container: InputContainer, stream: VideoStream, codec: Codec) -> list[Packet[VideoStream]]:
    from av.bitstream import BitStreamFilterContext

    to_annex_b = BitStreamFilterContext(_TO_ANNEX_B[codec], stream)
    packets = [out for packet in container.demux(stream) if packet.size for out in to_annex_b.filter(packet)]
    return packets + to_annex_b.filter(None)


def _timed_by_container(packets: Sequence[Packet[VideoStream]], stream: VideoStream) -> list[_Timed] | None:
    base = stream.time_base
    timed = []
    for packet in packets:
        if packet.pts is None or base is None:
            return None
        timed.append((round(packet.pts * base * CLOCK_RATE), _nal_units(packet)))
    return timed


def _timed_by_decoder(packets: Sequence[Packet[VideoStream]], stream: VideoStream) -> list[_Timed]:
    """Elementary streams carry no times: the order in which the decoder shows the pictures gives them."""
    units = [_nal_units(packet) for packet in packets]
    for index, packet in enumerate(packets):
        packet.pts = packet.dts = index
    context = stream.codec_context
    shown = [frame.pts for packet in (*packets, None) for frame in context.decode(packet)]
    interval = _frame_interval(stream)
    place = {index: order * interval for order, index in enumerate(shown) if index is not None}
    return [(place[index], unit) for index, unit in enumerate(units) if index in place]


def _frame_interval(stream: VideoStream) -> int:
    return round(CLOCK_RATE / (stream.average_rate or _DEFAULT_RATE))


def _nal_units(packet: Packet[VideoStream]) -> tuple[bytes, ...]:
    return tuple(split_annex_b(bytes(packet)))


def _is_keyframe(codec: Codec, nal_units: Sequence[bytes]) -> bool:
    return any(is_keyframe_unit(codec, unit) for unit in nal_units)


def _from_first_keyframe(codec: Codec, timed: Sequence[_Timed]) -> list[_Timed]:
    """Without what a decoder that starts here cannot show: units before the keyframe, and its leading pictures."""
    first = next((at for at, (_, units) in enumerate(timed) if _is_keyframe(codec, units)), len(timed))
    return [(pts, units) for pts, units in timed[first:] if units and pts >= timed[first][0]]


def _parameter_sets(codec: Codec, units: Sequence[MediaUnit]) -> tuple[bytes, ...]:
    keyframe = units[0].nal_units
    distinct = dict.fromkeys(unit for unit in keyframe if is_parameter_set(codec, unit))
    return tuple(sorted(distinct, key=lambda unit: nal_type(codec, unit)))
