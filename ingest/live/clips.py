"""Clips over HTTP: planned once for a viewing, then read range by range from the disks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from typing import Final, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from foundation.errors import VedetteError
from ingest.live.byte_range import ByteRange, UnsatisfiableRange, parse_range
from ingest.live.problems import problem
from ingest.playback import Clip

_CHUNK_BYTES: Final = 256 << 10
_MAX_KEPT: Final = 64


class ClipKey(NamedTuple):
    account: str
    camera_id: str
    stream: str
    start_us: int
    end_us: int


class ClipShelf:
    """Keeps the plans of clips being watched.

    While a camera records, the same clip grows. A player that asks for ranges must see one and the same file, so a
    plan is made anew only when a viewing starts: without a range, or with one from the first byte.
    """

    def __init__(self, make: Callable[[ClipKey], Clip]) -> None:
        self._make = make
        self._kept: OrderedDict[ClipKey, Clip] = OrderedDict()

    async def get(self, key: ClipKey, range_header: str | None) -> Clip:
        starts = range_header is None or range_header.replace(" ", "").startswith("bytes=0-")
        clip = None if starts else self._kept.get(key)
        if clip is None:
            clip = await run_in_threadpool(self._make, key)
        self._kept[key] = clip
        self._kept.move_to_end(key)
        if len(self._kept) > _MAX_KEPT:
            self._kept.popitem(last=False)
        return clip


def clip_response(clip: Clip, range_header: str | None, if_range: str | None, *, head_only: bool) -> Response:
    headers = {"Accept-Ranges": "bytes", "ETag": clip.etag}
    if if_range is not None and if_range != clip.etag:
        range_header = None
    try:
        part = parse_range(range_header, clip.size)
    except UnsatisfiableRange:
        response = problem(VedetteError("the range lies behind the end of the clip."), 416)
        response.headers["Content-Range"] = f"bytes */{clip.size}"
        return response
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{clip.size}"
    part = part or ByteRange(0, clip.size)
    headers["Content-Length"] = str(part.end - part.start)
    status = 206 if "Content-Range" in headers else 200
    media_type = clip.mime.partition(";")[0]
    if head_only:
        return Response(status_code=status, headers=headers, media_type=media_type)
    return StreamingResponse(_chunks(clip, part), status, headers, media_type=media_type)


async def _chunks(clip: Clip, part: ByteRange) -> AsyncIterator[bytes]:
    for start in range(part.start, part.end, _CHUNK_BYTES):
        yield await run_in_threadpool(clip.read, start, min(start + _CHUNK_BYTES, part.end))
