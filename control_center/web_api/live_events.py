"""One look at the outbox for all who follow it: the newest position, polled while anybody waits."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from foundation import outbox
from foundation.database import reading
from foundation.errors import TooMany
from foundation.outbox import OutboxEvent
from foundation.scope import Scope

POLL_S = 0.2
MOST_STREAMS = 20
BATCH = 200
_log = structlog.get_logger()


class EventFeed:
    """Wakes its followers when the outbox has grown. Runs within one event loop, from `running` on."""

    def __init__(self, core: Engine) -> None:
        self._core = core
        self._position = 0
        self._followers = 0
        self._open: Counter[str] = Counter()  # event streams by account
        self._grown = asyncio.Condition()
        self.closing = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def follow(self, account_id: str, stream: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
        """The stream, counted until it ends; raises `TooMany` when the account has as many open as one may."""
        if self._open[account_id] >= MOST_STREAMS:
            raise TooMany(f"{MOST_STREAMS} event streams are open already.", mend="Close other pages of the console.")
        return self._counted(account_id, stream)

    async def _counted(self, account_id: str, stream: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
        self._open[account_id] += 1
        try:
            async with aclosing(stream):
                async for part in stream:
                    yield part
        finally:
            self._open[account_id] -= 1

    async def newest(self) -> int:
        return await asyncio.to_thread(self._read_position)

    async def read(self, origins: Scope, position: int) -> Sequence[OutboxEvent]:
        """The next events of these centers after the position; empty when there are none."""
        return await asyncio.to_thread(self._read_events, origins, position)

    async def wait(self, position: int, timeout_s: float) -> int:
        """The newest position, once it is beyond the one given, the time is over, or the server closes."""
        self._followers += 1
        try:
            async with self._grown:
                with suppress(TimeoutError):
                    await asyncio.wait_for(
                        self._grown.wait_for(lambda: self._position > position or self.closing), timeout_s
                    )
            return self._position
        finally:
            self._followers -= 1

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            if not self._followers:
                continue
            try:
                newest = await self.newest()
            except SQLAlchemyError as error:
                _log.warning("outbox_unreadable", error=type(error).__name__)
                continue
            if newest != self._position or self.closing:
                async with self._grown:
                    self._position = newest
                    self._grown.notify_all()

    def _read_position(self) -> int:
        with reading(self._core) as session:
            return outbox.last_position(session)

    def _read_events(self, origins: Scope, position: int) -> Sequence[OutboxEvent]:
        with reading(self._core) as session:
            return outbox.console_events_after(session, origins, position, BATCH)
