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

    def bgr(self, region: Region | None = None) -> Picture:
        """The region, widened to even coordinates as 4:2:0 has them, clipped to the picture."""
        x, y, right, bottom = self._even(region or Region(0, 0, self.width, self.height))
        y_plane, u_plane, v_plane = (_plane(plane) for plane in self._video.planes[:3])
        width, height = right - x, bottom - y
        packed = np.empty((height * 3 // 2, width), np.uint8)
        packed[:height] = y_plane[y:bottom, x:right]
        quarter = width * height // 4
        chroma = packed[height:].reshape(-1)
        chroma[:quarter] = u_plane[y // 2 : bottom // 2, x // 2 : right // 2].reshape(-1)
        chroma[quarter:] = v_plane[y // 2 : bottom // 2, x // 2 : right // 2].reshape(-1)
        return np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2BGR_I420), np.uint8)

    def _even(self, region: Region) -> tuple[int, int, int, int]:
        x, y = max(region.x, 0) & ~1, max(region.y, 0) & ~1
        right = min(region.x + region.width + 1, self.width) & ~1
        bottom = min(region.y + region.height + 1, self.height) & ~1
        return min(x, self.width - 2), min(y, self.height - 2), max(right, x + 2), max(bottom, y + 2)


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
