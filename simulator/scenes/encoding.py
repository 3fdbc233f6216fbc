"""H.264 in MP4 for the main and the sub stream, at the same times; files appear only when they are whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from foundation.errors import DiskFull, NotWritable, ResourceError
from simulator.scenes.picture import Picture

FPS = 25
_GOP_S = 1.6
# ultrafast, but with the CABAC and 8x8 transforms of a camera's High profile. At this quality the loop filter
# and a finer search cost a third more time for nothing that can be seen.
_OPTIONS = {
    "preset": "ultrafast",
    "profile": "high",
    "crf": "25",
    "x264-params": "threads=1:bframes=0:scenecut=0:cabac=1:8x8dct=1",
}


class Encoder:
    def __init__(self, path: Path, width: int, height: int) -> None:
        self._container = av.open(str(path), "w", format="mp4")
        self._stream: VideoStream = self._container.add_stream("libx264", rate=FPS, options=dict(_OPTIONS))
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._stream.gop_size = round(FPS * _GOP_S)
        self._stream.time_base = Fraction(1, FPS)
        # BT.709 in limited range, as HD cameras say it (ITU-T H.273).
        context = self._stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
        # One frame serves for all: x264 copies what it is given, and a new frame each time costs more than the copy.
        self._frame = VideoFrame(width, height, "yuv420p")
        self._planes = [
            np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]  # type: ignore[call-overload]
            for plane in self._frame.planes
        ]
        self._frames = 0

    def write(self, picture: Picture) -> None:
        for target, source in zip(self._planes, (picture.y, picture.u, picture.v), strict=True):
            target[:] = source
        self._frame.pts, self._frame.time_base = self._frames, Fraction(1, FPS)
        self._frames += 1
        self._container.mux(self._stream.encode(self._frame))

    def finish(self) -> None:
        self._container.mux(self._stream.encode(None))

    def close(self) -> None:
        self._container.close()


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary neighbour that takes the file's name when the block ends well, and goes away when it does not."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise _as_resource_error(error, path) from error


def _as_resource_error(error: OSError, path: Path) -> ResourceError:
    if error.errno == errno.ENOSPC:
        return DiskFull("no space left on the disk.", where=str(path), mend="Free some space or name another folder.")
    reason = (error.strerror or str(error)).lower()
    return NotWritable(f"cannot be written: {reason}.", where=str(path), mend="Name a folder you may write to.")
