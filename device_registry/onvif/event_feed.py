"""One device's events for as long as they are wanted: subscribed, pulled, renewed, and subscribed anew after a fault.

All of this waits in the event loop, a connection a device. Only the first questions (its time, its services), which
zeep reads and a dead device leaves unanswered, are asked from a pool of threads that all feeds share: there a thousand
dead devices keep waiting none but each other.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

import structlog

from device_registry.login import Login
from device_registry.onvif import async_exchange
from device_registry.onvif.async_exchange import AsyncExchange
from device_registry.onvif.device import Device
from device_registry.onvif.endpoint import Endpoint, IpNetwork, resolve
from device_registry.onvif.events import EventReader, Reading
from device_registry.onvif.faults import DeviceAuthFailed, DeviceFault
from device_registry.onvif.pull_point import MESSAGE_LIMIT, POLL_S, PullPoint, event_service
from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.errors import DeviceError, InvalidInput

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0
LOCKED_PAUSE_S = 900.0  # a password that was refused is not shown again before an account's lock has gone
MESSAGES_PER_S = 50
_LEARN_TIME_EVERY_US = 900 * US_PER_S
_LEAST_PULL_S = 1.0  # a device that answers at once that nothing happened is asked no more often
_LEAST_POLL_S = 1.0
_END_BEFORE_S = 5.0  # a subscription that cannot be renewed is made anew so long before it ends
_TELL_FLOOD_EVERY_US = 300 * US_PER_S
_T = TypeVar("_T")
_log = structlog.get_logger()


class EventFeed:
    """Start `run` as a task; cancel it and await `close` to end."""

    def __init__(
        self,
        url: str,
        login: Login | None,
        take: Callable[[Reading], None],
        pool: Executor,
        *,
        allowed: Sequence[IpNetwork] = (),
        tls_sha256: str | None = None,
        exchange: AsyncExchange = async_exchange.post,
        prepare: Callable[[Device], None] = lambda _: None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """`take` is given what came, in the event loop's thread; `prepare` may ask the device before it subscribes."""
        self.url = url
        self.is_subscribed = False
        self._login = login
        self._take = take
        self._pool = pool
        self._allowed = allowed
        self._tls_sha256 = tls_sha256
        self._exchange = exchange
        self._prepare = prepare
        self._clock = clock
        self._reader = EventReader()
        self._asked: tuple[Device, Endpoint] | None = None  # and where it answers for its events
        self._point: PullPoint | None = None
        self._can_renew = True
        self._poll_s = POLL_S
        self._pause_s = FIRST_PAUSE_S
        self._time_due_us = 0
        self._flood_told_us: int | None = None

    async def run(self) -> None:
        """Follow the device until cancelled; nothing that it does ends this."""
        while True:
            try:
                await self._follow(await self._subscribed())
            except DeviceFault as error:
                await self._lost(error)
            except (DeviceError, InvalidInput) as error:
                self._asked = None  # it may have another address by now, or another clock
                await self._lost(error)

    async def close(self) -> None:
        """End the subscription at the device, which may keep no more than one or two."""
        point, self._point, self.is_subscribed = self._point, None, False
        if point is not None:
            await _end(point)

    async def _subscribed(self) -> PullPoint:
        if self._asked is None:
            self._asked = await self._blocking(self._ask)
            self._time_due_us = self._clock.monotonic_us() + _LEARN_TIME_EVERY_US
        self._point = await PullPoint.create(*self._asked, self._exchange, self._clock)
        await self._point.synchronise()
        if not self.is_subscribed:
            _log.info("events_followed", device=self.url)
        self.is_subscribed = True
        return self._point

    def _ask(self) -> tuple[Device, Endpoint]:
        device = Device(resolve(self.url, self._allowed, self._tls_sha256), self._login, clock=self._clock)
        device.learn_time()
        service = event_service(device)
        if service is None:
            raise _NoEvents("the device tells no events.", where=self.url, mend="Update its firmware.")
        self._prepare(device)
        return device, service

    async def _follow(self, point: PullPoint) -> None:
        is_new = True
        while True:
            if point.is_renewal_due:
                point = await self._renewed(point)
            try:
                pause_s = await self._pull(point)
            except DeviceFault:
                self._can_renew = True
                if is_new:
                    self._poll_s = max(self._poll_s / 2, _LEAST_POLL_S)  # a device may refuse to wait so long
                raise
            except DeviceAuthFailed:
                raise
            except DeviceError:
                if point.left_s <= 0:
                    raise
                await self._pause()  # the subscription outlives a lost connection, and keeps what happens meanwhile
                continue
            is_new = False
            await asyncio.sleep(pause_s)

    async def _pull(self, point: PullPoint) -> float:
        """Seconds to wait before the next one."""
        begun_us = self._clock.monotonic_us()
        answer = await point.pull(self._poll_s)
        device, now_us = point.device, self._clock.now_us()
        reading = self._reader.read(answer, now_us, device.clock_offset_us or 0, str(device.endpoint))
        self._pause_s = FIRST_PAUSE_S
        self._take(reading)
        count = len(reading.events) + sum(reading.dropped.values())
        if count > MESSAGE_LIMIT:
            self._tell_flood(count)
        took_s = (self._clock.monotonic_us() - begun_us) / US_PER_S
        return max(count / MESSAGES_PER_S, _LEAST_PULL_S if not count else 0.0) - took_s

    async def _renewed(self, point: PullPoint) -> PullPoint:
        """The subscription with time left; another one where the device cannot renew, or cannot any more."""
        if self._can_renew:
            try:
                await point.renew()
                await self._learn_time(point.device)
                return point
            except DeviceFault as error:
                self._can_renew = False
                _log.info("events_not_renewable", device=self.url, cause=error.what)
            except DeviceAuthFailed:
                raise
            except DeviceError:
                return point  # the next pull shows whether it is gone
        if point.left_s > point.poll_s(self._poll_s) + _END_BEFORE_S:
            return point
        await _end(point)
        return await self._subscribed()

    async def _learn_time(self, device: Device) -> None:
        """Now and then: clocks are set, and drift."""
        if self._clock.monotonic_us() < self._time_due_us:
            return
        self._time_due_us = self._clock.monotonic_us() + _LEARN_TIME_EVERY_US
        try:
            await self._blocking(device.learn_time)
        except DeviceError:
            pass  # what was learnt before goes on

    async def _blocking(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def _lost(self, error: DeviceError | InvalidInput) -> None:
        if self.is_subscribed or self._pause_s == FIRST_PAUSE_S:
            _log.warning("events_lost", device=self.url, fault=error.kind, cause=error.what)
        self.is_subscribed = False
        point, self._point = self._point, None
        if point is not None and isinstance(error, DeviceFault):
            await _end(point)
        if isinstance(error, DeviceAuthFailed | InvalidInput | _NoEvents):
            self._pause_s = LOCKED_PAUSE_S
        await self._pause()

    async def _pause(self) -> None:
        """Longer after each fault, and not for all devices alike: a switch that comes back brings a thousand."""
        await asyncio.sleep(self._pause_s * random.uniform(0.5, 1.5))  # noqa: S311 - it is no secret
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S) if self._pause_s < LOCKED_PAUSE_S else self._pause_s

    def _tell_flood(self, count: int) -> None:
        now_us = self._clock.monotonic_us()
        if self._flood_told_us is None or now_us - self._flood_told_us > _TELL_FLOOD_EVERY_US:
            self._flood_told_us = now_us
            _log.warning("events_limited", device=self.url, messages=count, per_second=MESSAGES_PER_S)


async def _end(point: PullPoint) -> None:
    try:
        await point.end()
    except DeviceError:
        pass  # it ends by itself when its lease does


class _NoEvents(DeviceError):
    kind = "device_no_events"
