"""The events for consoles: one reader of the outbox for all who follow it.

New events are fetched once, encoded once, and kept in a ring. A follower takes from the ring what its principal may
see; one that has fallen behind the ring catches up from the database, at its own pace. Nobody waits for anybody: a
follower holds a position and nothing else. Whoever follows is looked up anew every two seconds, all in one go, so that
a stream ends with its session, and shows no more than the present rights.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from time import monotonic

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from control_center.identity.principal import Principal
from control_center.identity.roles import KEPT_WHILE_LOCKED
from control_center.web_api.event_ring import BATCH, LONGEST_RING, Batch, EventRing, LiveEvent, Sight, encode
from foundation import outbox
from foundation.database import reading_rows
from foundation.errors import Forbidden, NotAuthenticated, TooMany
from foundation.metrics import counter, gauge

POLL_S = 0.2
CHECK_S = 2.0
MOST_STREAMS = 20
MOST_CATCHING_UP = 4
_followers = gauge("vedette_api_event_followers", "Event streams that are open now.")
_caught_up = counter("vedette_api_event_catch_ups_total", "Batches read for followers that lay behind the ring.")
_log = structlog.get_logger()

Recognise = Callable[[], Principal]  # asks the database who follows; raises NotAuthenticated or Forbidden


class Follower:
    """One stream: where it has got to, and what it may see."""

    def __init__(self, principal: Principal, recognise: Recognise, position: int) -> None:
        self.principal = principal
        self.recognise = recognise
        self.position = position
        self.sight = sight_of(principal)
        self.over = False
        self.has_new_sight = False  # until it is told to fetch anew

    def look(self, principal: Principal | None) -> None:
        """Take over what was found out about who follows; None: not signed in any more."""
        if principal is None:
            self.over = True
            return
        self.principal = principal
        sight = sight_of(principal)
        if sight.key != self.sight.key:
            self.sight, self.has_new_sight = sight, True


def sight_of(principal: Principal) -> Sight:
    """A locked console is told what it may go on with, and no more."""
    usable = {right: s for right, s in principal.scopes.items() if not principal.locked or right in KEPT_WHILE_LOCKED}
    return Sight.of(usable)


class EventFeed:
    """Runs within one event loop, from `running` on."""

    def __init__(self, core: Engine) -> None:
        self._core = core
        self._ring = EventRing()
        self._following: set[Follower] = set()
        self._open: Counter[str] = Counter()  # event streams by account
        self._stirred = asyncio.Event()
        self._awake = asyncio.Event()  # set while anybody follows
        self._catching_up = asyncio.Semaphore(MOST_CATCHING_UP)
        self.closing = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self._poll()), asyncio.create_task(self._check())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def require_room(self, principal: Principal) -> None:
        """Raise `TooMany` when the account has as many streams open as one may."""
        if self._open[principal.account_id] >= MOST_STREAMS:
            raise TooMany(f"{MOST_STREAMS} event streams are open already.", mend="Close other pages of the console.")

    @contextmanager
    def following(self, follower: Follower) -> Iterator[Follower]:
        """Count the stream, and keep it fed, until it ends."""
        account_id = follower.principal.account_id
        self._open[account_id] += 1
        self._following.add(follower)
        self._awake.set()
        _followers.inc()
        try:
            yield follower
        finally:
            _followers.dec()
            self._following.discard(follower)
            self._open[account_id] -= 1
            if not self._open[account_id]:
                del self._open[account_id]

    async def start_at(self, asked: int | None) -> tuple[int, bool]:
        """Where a stream begins, and whether everything since `asked` will be in it."""
        return await asyncio.to_thread(self._start_at, asked)

    async def next(self, follower: Follower, timeout_s: float) -> Batch:
        """What the follower is told next; a batch without events when the time is over, or when something about it has
        changed: see `over`, `has_new_sight` and the feed's `closing`."""
        end_s = monotonic() + timeout_s
        while True:
            stirred = self._stirred
            if follower.over or follower.has_new_sight or self.closing:
                return Batch(follower.position, ())
            batch = self._ring.after(follower.position, follower.sight)
            if batch is None:
                batch = await self._catch_up(follower)
            moved = batch.until > follower.position
            follower.position = batch.until
            if batch.events:
                return batch
            if moved:
                continue
            left_s = end_s - monotonic()
            if left_s <= 0:
                return batch
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await stirred.wait()

    async def _catch_up(self, follower: Follower) -> Batch:
        """From the database, as far as the ring; a few followers at a time, so that the others' reader has its turn."""
        _caught_up.inc()
        floor, position = self._ring.floor, follower.position
        async with self._catching_up:
            found = await asyncio.to_thread(self._read, position, BATCH)
        until = found[-1].position if len(found) == BATCH else max(floor, found[-1].position if found else 0)
        return Batch(until, tuple(event for event in found if follower.sight.covers(event)))

    def _stir(self) -> None:
        """Wake all who wait, each once."""
        stirred, self._stirred = self._stirred, asyncio.Event()
        stirred.set()

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            if self.closing:
                self._stir()
            if not self._following:
                self._awake.clear()
                await self._awake.wait()
                await self._guarded(self._resume)
            await self._guarded(self._fetch)

    async def _resume(self) -> None:
        """After a pause: what came meanwhile is in the database for who wants it."""
        newest = await asyncio.to_thread(self._newest)
        if newest < self._ring.newest or newest - self._ring.newest > LONGEST_RING:
            self._ring.begin(newest)

    async def _fetch(self) -> None:
        while True:
            found = await asyncio.to_thread(self._read, self._ring.newest, BATCH)
            if found:
                self._ring.add(found)
                self._stir()
            if len(found) < BATCH:
                return

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            if self._following:
                await self._guarded(self._look_at_all)

    async def _look_at_all(self) -> None:
        followers = list(self._following)
        before = [(follower.over, follower.sight) for follower in followers]
        for follower, principal in zip(followers, await asyncio.to_thread(_recognised, followers), strict=True):
            follower.look(principal)
        if before != [(follower.over, follower.sight) for follower in followers]:
            self._stir()

    async def _guarded(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except SQLAlchemyError as error:
            _log.warning("outbox_unreadable", error=type(error).__name__)

    def _newest(self) -> int:
        with reading_rows(self._core) as rows:
            return outbox.newest_position(rows)

    def _start_at(self, asked: int | None) -> tuple[int, bool]:
        with reading_rows(self._core) as rows:
            newest = outbox.newest_position(rows)
            if asked is None:
                return newest, True
            # Beyond the newest: from before a restore. No such event: it was let go with what followed it.
            known = asked == 0 or (asked <= newest and outbox.has_position(rows, asked))
            return (asked, True) if known else (newest, False)

    def _read(self, position: int, limit: int) -> Sequence[LiveEvent]:
        with reading_rows(self._core) as rows:
            return [encode(*row) for row in outbox.console_rows_after(rows, position, limit)]


def _recognised(followers: Sequence[Follower]) -> list[Principal | None]:
    """Each as they are now; followers of one session are asked for once."""
    known: dict[str, Principal | None] = {}
    for follower in followers:
        key = follower.principal.token_hash
        if key not in known:
            try:
                known[key] = follower.recognise()
            except (NotAuthenticated, Forbidden):
                known[key] = None
    return [known[follower.principal.token_hash] for follower in followers]
