"""A video file as access units, for running the analysis offline: what a camera would have sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av

from analysis.frames import Frame
from foundation.clock import US_PER_S
from foundation.errors import FileMissing, InvalidInput


def frames(path: Path) -> Iterator[Frame]:
    """Decoded pictures with times from the start of the file; any codec that FFmpeg reads."""
    if not path.is_file():
        raise FileMissing("no such video file.", where=str(path), mend="Name an existing file.")
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise InvalidInput("holds no video.", where=str(path))
            stream = container.streams.video[0]
            stream.thread_count = 1
            first: float | None = None
            for picture in container.decode(stream):
                at_s = picture.time or 0.0
                first = at_s if first is None else first
                yield Frame(picture, round((at_s - first) * US_PER_S))
    except av.error.FFmpegError as error:
        raise InvalidInput(f"cannot be read as video: {error.strerror}.", where=str(path)) from error
