"""One stream from the tap to all of its viewers: subscribed once, cut once, whatever their number."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Final, cast

import structlog

from foundation.errors import VedetteError
from ingest.access_unit import TICKS_PER_S, AccessUnit, CodecParameters
from ingest.footage.fragmenter import Fragmenter, MediaFragment
from ingest.footage.mp4 import init_segment
from ingest.live.viewer import LiveFragment, Opening, Viewer
from ingest.rtsp.sps import sequence_parameters
from ingest.tap import StreamKey, TapEvent, subscribe

# Two pictures at 25 a second: half the messages of one each, for 40 ms more.
_FRAGMENT_TICKS: Final = TICKS_PER_S // 15
# A viewer who comes in between gets the pictures since the last keyframe; with more than this he waits for the next.
_MAX_GROUP_BYTES: Final = 6 << 20
_RETRY_S: Final = 1.0

_log = structlog.get_logger()
FindTap = Callable[[StreamKey], Path | None]


class Cutter:
    """Access units in, live fragments out, on one time line that never runs backwards, whatever the camera does."""

    def __init__(self) -> None:
        self._opening: Opening | None = None
        self._fragmenter = Fragmenter(_FRAGMENT_TICKS)
        self._reorder_frames: int | None = None
        self._waits_for_keyframe = True
        self._shift: int | None = None  # from the camera's ticks to ours; set by the next fragment
        self._end = 0  # ticks
        self._sequence_number = 0

    def feed(self, event: TapEvent) -> list[LiveFragment]:
        done: list[LiveFragment] = []
        if event.parameters is not None:
            done += self._restart()
            self._open(event.parameters)
        if event.unit is not None and self._opening is not None:
            if event.unit.gap_before:
                done += self._restart()
            done += self._push(event.unit)
        return done

    def _open(self, parameters: CodecParameters) -> None:
        description = {
            "mime": f'video/mp4; codecs="{parameters.rfc6381}"',
            "width": parameters.width,
            "height": parameters.height,
        }
        generation = self._opening.generation + 1 if self._opening else 1
        self._opening = Opening(generation, json.dumps(description), init_segment(parameters))
        self._reorder_frames = sequence_parameters(parameters).reorder_frames
        self._fragmenter = Fragmenter(_FRAGMENT_TICKS, self._reorder_frames)

    def _restart(self) -> list[LiveFragment]:
        """After a gap the camera's ticks may start anywhere, and only a keyframe can be shown."""
        done = [self._encode(fragment) for fragment in self._fragmenter.flush()]
        self._fragmenter = Fragmenter(_FRAGMENT_TICKS, self._reorder_frames)
        self._waits_for_keyframe = True
        self._shift = None
        return done

    def _push(self, unit: AccessUnit) -> list[LiveFragment]:
        if self._waits_for_keyframe and not unit.is_keyframe:
            return []
        self._waits_for_keyframe = False
        fragment = self._fragmenter.push(unit)
        return [self._encode(fragment)] if fragment else []

    def _encode(self, fragment: MediaFragment) -> LiveFragment:
        assert self._opening is not None
        if self._shift is None:
            self._shift = fragment.decode_time - self._end
        self._end = fragment.decode_time + fragment.duration - self._shift
        self._sequence_number += 1
        data = fragment.encode(self._sequence_number, self._shift)
        return LiveFragment(self._opening, data, fragment.is_keyframe)


class Channel:
    """Reads the tap for as long as somebody looks."""

    def __init__(self, key: StreamKey, find_tap: FindTap) -> None:
        self.key = key
        self._find_tap = find_tap
        self._viewers: set[Viewer] = set()
        self._group: list[LiveFragment] = []  # since the last keyframe
        self._task: asyncio.Task[None] | None = None

    @property
    def viewers(self) -> int:
        return len(self._viewers)

    def join(self, viewer: Viewer) -> None:
        for fragment in self._group:
            viewer.offer(fragment)
        self._viewers.add(viewer)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"live {'/'.join(self.key)}")

    async def leave(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)
        if not self._viewers and self._task is not None:
            task, self._task = self._task, None
            self._group = []
            task.cancel()
            await asyncio.wait([task])

    async def _run(self) -> None:
        cutter = Cutter()
        while True:
            socket = self._find_tap(self.key)
            if socket is not None:
                await self._read(socket, cutter)
            await asyncio.sleep(_RETRY_S)  # the recorder went, or restarts

    async def _read(self, socket: Path, cutter: Cutter) -> None:
        try:
            async with contextlib.aclosing(_events(socket, self.key)) as events:
                async for event in events:
                    for fragment in cutter.feed(event):
                        self._send(fragment)
        except VedetteError as error:
            _log.warning("live_tap_failed", camera_id=self.key[0], stream=self.key[1], error=str(error))

    def _send(self, fragment: LiveFragment) -> None:
        if fragment.is_keyframe:
            self._group = []
        if self._group or fragment.is_keyframe:
            self._group.append(fragment)
        if sum(len(kept.data) for kept in self._group) > _MAX_GROUP_BYTES:
            self._group = []
        for viewer in self._viewers:
            viewer.offer(fragment)


def _events(socket: Path, key: StreamKey) -> AsyncGenerator[TapEvent]:
    # It is a generator: closing it at once is what ends the subscription when the last viewer goes.
    return cast("AsyncGenerator[TapEvent]", subscribe(socket, [key]))


class Channels:
    """The channels that have viewers, by stream."""

    def __init__(self, find_tap: FindTap) -> None:
        self._find_tap = find_tap
        self._channels: dict[StreamKey, Channel] = {}

    def is_known(self, key: StreamKey) -> bool:
        return self._find_tap(key) is not None

    def join(self, key: StreamKey) -> Viewer:
        viewer = Viewer()
        channel = self._channels.setdefault(key, Channel(key, self._find_tap))
        channel.join(viewer)
        return viewer

    async def leave(self, key: StreamKey, viewer: Viewer) -> None:
        channel = self._channels[key]
        await channel.leave(viewer)
        if not channel.viewers:
            self._channels.pop(key, None)
