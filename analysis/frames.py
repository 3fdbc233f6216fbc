"""Access units in, pictures out: one decoder a stream, used by one thread (two on one codec context crash)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
import cv2
import numpy as np
from av.codec.context import ThreadType
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from numpy.typing import NDArray

from foundation.nal import split_length_prefixed
from ingest.access_unit import AccessUnit, CodecParameters

Luma = NDArray[np.uint8]  # height x width
Picture = NDArray[np.uint8]  # height x width x 3, BGR

_START_CODE = b"\x00\x00\x00\x01"
_DECODER = {"h264": "h264", "h265": "hevc"}
_PLANAR_420 = {"yuv420p", "yuvj420p"}
_REORDER_LIMIT = 32  # pictures a decoder may hold back: 16 by the standards


@dataclass(slots=True, frozen=True)
class Region:
    """A rectangle of a picture in pixels."""

    x: int
    y: int
    width: int
    height: int


class Frame:
    """A decoded picture that is converted only as far as somebody asks."""

    __slots__ = ("_video", "start_us")

    def __init__(self, video: VideoFrame, start_us: int) -> None:
        self._video = video if video.format.name in _PLANAR_420 else video.reformat(format="yuv420p")
        self.start_us = start_us

    @property
    def width(self) -> int:
        return self._video.width

    @property
    def height(self) -> int:
        return self._video.height

    def luma(self) -> Luma:
        return _plane(self._video.planes[0])

    def clip(self, region: Region) -> Region:
        """The part of the region within the picture, at least 2 x 2, widened to even coordinates as 4:2:0 has them."""
        left, right = _clip(region.x, region.x + region.width, self.width)
        top, bottom = _clip(region.y, region.y + region.height, self.height)
        return Region(left, top, right - left, bottom - top)

    def bgr(self, region: Region | None = None) -> Picture:
        """The region, clipped."""
        part = self.clip(region or Region(0, 0, self.width, self.height))
        luma, *chroma = (_plane(plane) for plane in self._video.planes[:3])
        packed = np.empty((part.height * 3 // 2, part.width), np.uint8)
        packed[: part.height] = luma[part.y : part.y + part.height, part.x : part.x + part.width]
        rows, columns = slice(part.y // 2, (part.y + part.height) // 2), slice(part.x // 2, (part.x + part.width) // 2)
        packed[part.height :] = np.stack([plane[rows, columns] for plane in chroma]).reshape(-1, part.width)
        return np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_I420), np.uint8)


def _clip(first: int, end: int, size: int) -> tuple[int, int]:
    start = min(max(first, 0), size - 2) & ~1
    return start, max(min(end + 1, size) & ~1, start + 2)


def _plane(plane: VideoPlane) -> Luma:
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
    return np.asarray(rows[: plane.height, : plane.width], np.uint8)


class StreamDecoder:
    """Decodes one stream; after an error or a gap it waits for the next keyframe. Not safe for threads."""

    def __init__(self, parameters: CodecParameters) -> None:
        self._parameters = parameters
        self._prefix = b"".join(_START_CODE + unit for unit in parameters.parameter_sets)
        self._times: dict[int, int] = {}
        self._context = self._open()
        self._waiting = True
        self.errors = 0
        self.skipped = 0

    def decode(self, unit: AccessUnit) -> Iterator[Frame]:
        if unit.is_keyframe and (self._waiting or unit.gap_before):
            self._context = self._open()
            self._times.clear()
            self._waiting = False
        elif self._waiting or unit.gap_before:
            self._waiting = True
            self.skipped += 1
            return
        try:
            decoded = self._context.decode(self._packet(unit))
        except av.error.FFmpegError:
            self.errors += 1
            self._waiting = True
            return
        for video in decoded:
            yield Frame(video, self._times.pop(video.pts or 0, unit.start_us))

    def flush(self) -> Iterator[Frame]:
        """The pictures that the decoder still held back; the next keyframe begins anew."""
        self._waiting = True
        try:
            decoded = self._context.decode(None)
        except av.error.FFmpegError:
            self.errors += 1
            return
        for video in decoded:
            yield Frame(video, self._times.pop(video.pts or 0, 0))

    def reset(self) -> None:
        """Forget the pictures so far; the next keyframe begins anew."""
        self._waiting = True

    def _open(self) -> VideoCodecContext:
        context = VideoCodecContext.create(_DECODER[self._parameters.codec], "r")
        assert isinstance(context, VideoCodecContext)
        context.thread_count = 1
        context.thread_type = ThreadType.NONE
        return context

    def _packet(self, unit: AccessUnit) -> av.Packet[Any]:
        prefix = self._prefix if unit.is_keyframe else b""
        packet = av.Packet(prefix + b"".join(_START_CODE + nal for nal in split_length_prefixed(unit.data)))
        packet.pts = unit.rtp_time
        self._times[unit.rtp_time] = unit.start_us
        while len(self._times) > _REORDER_LIMIT:
            del self._times[next(iter(self._times))]
        return packet
