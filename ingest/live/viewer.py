"""One viewer of a stream: a bounded queue of messages that a slow one never fills, for it skips to a keyframe."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

MAX_QUEUED_BYTES: Final = 8 << 20
# About three seconds: with more than this waiting when a keyframe comes, a viewer is moved on to it.
MAX_BACKLOG: Final = 45

Message = str | bytes  # a text message, or a binary one


@dataclass(slots=True, frozen=True)
class Opening:
    """What must stand before fragments of one set of parameters."""

    generation: int
    description: str
    init: bytes


@dataclass(slots=True, frozen=True)
class LiveFragment:
    opening: Opening
    data: bytes
    is_keyframe: bool  # starts with one


class Viewer:
    def __init__(self, max_bytes: int = MAX_QUEUED_BYTES) -> None:
        self.skips = 0
        self._max_bytes = max_bytes
        self._queue: deque[Message] = deque()
        self._queued_bytes = 0
        self._generation: int | None = None  # of the opening queued last
        self._waits_for_keyframe = True
        self._filled = asyncio.Event()

    def offer(self, fragment: LiveFragment) -> None:
        """Queue the fragment, or drop what is queued when it does not fit. Never waits."""
        if self._waits_for_keyframe and not fragment.is_keyframe:
            return
        if fragment.is_keyframe and len(self._queue) > MAX_BACKLOG:
            self._skip()
        elif self._queued_bytes + len(fragment.data) > self._max_bytes:
            self._skip()
            return
        self._waits_for_keyframe = False
        if fragment.opening.generation != self._generation:
            self._generation = fragment.opening.generation
            self._put(fragment.opening.description)
            self._put(fragment.opening.init)
        self._put(fragment.data)

    def _put(self, message: Message) -> None:
        self._queue.append(message)
        self._queued_bytes += len(message)
        self._filled.set()

    def _skip(self) -> None:
        self.skips += 1
        self._queue.clear()
        self._queued_bytes = 0
        self._filled.clear()
        self._waits_for_keyframe = True
        self._generation = None  # its opening may be among what was dropped

    async def next(self) -> Message:
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
        message = self._queue.popleft()
        self._queued_bytes -= len(message)
        return message
