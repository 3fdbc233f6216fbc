"""The process *events*: follows the registry, and each device's events, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import resource
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from analysis.observations import ObservationWriter
from control_center.device_events import devices, metrics
from control_center.device_events.devices import FollowedDevice
from control_center.device_events.observing import DeviceObserver
from control_center.device_events.writing import EventWriter
from device_registry.onvif.device import Device
from device_registry.onvif.event_feed import EventFeed
from device_registry.onvif.sources import stream_tokens
from foundation.clock import SYSTEM_CLOCK, Clock
from foundation.database import Stores, open_stores, reading
from foundation.errors import VedetteError
from foundation.keyring import Keyring
from foundation.settings import Settings

LOOK_S = 2.0  # at the registry
ASKERS = 16  # threads for first questions to devices
END_WITHIN_S = 5.0  # for taking leave of all devices
_log = structlog.get_logger()


def run_device_events(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> None:
    """Raises nothing that a device or a database can bring about."""
    _allow_many_connections()
    asyncio.run(_run(settings, clock))


async def _run(settings: Settings, clock: Clock) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    stores = open_stores(settings)
    observations = ObservationWriter(stores.observations, settings.center.node, clock=clock)
    writer = EventWriter(stores.observations, observations)
    writer.start()
    following = Following(settings, stores, writer, clock)
    try:
        while not stopping.is_set():
            await following.refresh()
            await _wait(stopping, LOOK_S)
    finally:
        await following.close()
        writer.close()
        stores.dispose()


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        pass


@dataclass
class _Followed:
    device: FollowedDevice
    feed: EventFeed
    task: asyncio.Task[None]


@dataclass
class Following:
    """The devices that are followed now; `refresh` brings them up to date with the registry."""

    settings: Settings
    stores: Stores
    writer: EventWriter
    clock: Clock
    _followed: dict[str, _Followed] = field(default_factory=dict)
    _version: tuple[int | None, ...] | None = None
    _askers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(ASKERS, "ask"))
    _registry: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "registry"))

    async def refresh(self) -> None:
        """A registry that does not answer changes nothing."""
        try:
            wanted = await asyncio.get_running_loop().run_in_executor(self._registry, self._wanted)
        except (SQLAlchemyError, VedetteError, OSError) as error:
            _log.warning("registry_not_followed", error=type(error).__name__)
        else:
            if wanted is not None:
                await self._follow(wanted)
        self._revive()
        metrics.SUBSCRIPTIONS.set(sum(one.feed.is_subscribed for one in self._followed.values()))
        self.writer.count_lost()

    async def close(self) -> None:
        await self._drop(list(self._followed))
        metrics.SUBSCRIPTIONS.set(0)
        self._askers.shutdown(wait=False, cancel_futures=True)
        self._registry.shutdown(wait=False, cancel_futures=True)

    def _wanted(self) -> dict[str, FollowedDevice] | None:
        """None: nothing has changed since the last look."""
        node = self.settings.center.node
        with reading(self.stores.core) as session:
            version = devices.version(session, node)
            if version == self._version:
                return None
            wanted = devices.followed(session, Keyring.open(self.settings.key_dir), node)
        self._version = version
        return wanted

    async def _follow(self, wanted: dict[str, FollowedDevice]) -> None:
        await self._drop([url for url, one in self._followed.items() if wanted.get(url) != one.device])
        for url, device in wanted.items():
            if url not in self._followed:
                self._followed[url] = self._start(device)
        _log.info("devices_followed", devices=len(self._followed))

    def _revive(self) -> None:
        for url, one in list(self._followed.items()):
            if one.task.done():
                _log.error("device_feed_died", device=url, exc_info=one.task.exception())
                self._followed[url] = self._start(one.device)

    def _start(self, device: FollowedDevice) -> _Followed:
        tokens: dict[str, frozenset[str]] = {}

        def prepare(asked: Device) -> None:
            if len(device.channels) > 1:
                tokens.update(stream_tokens(asked))

        observer = DeviceObserver(lambda event: device.channel_of(event, tokens), self.writer.add, self.clock)
        allowed = self.settings.devices.networks
        feed = EventFeed(
            device.url,
            device.login,
            observer.take,
            self._askers,
            allowed=allowed,
            tls_sha256=device.tls_sha256,
            prepare=prepare,
            clock=self.clock,
        )
        return _Followed(device, feed, asyncio.create_task(feed.run()))

    async def _drop(self, urls: list[str]) -> None:
        dropped = [self._followed.pop(url) for url in urls]
        for one in dropped:
            one.task.cancel()
        if dropped:
            await asyncio.wait([one.task for one in dropped])
            # A device that does not answer keeps nobody waiting; its subscription ends with its lease.
            closing = [asyncio.create_task(one.feed.close()) for one in dropped]
            _, late = await asyncio.wait(closing, timeout=END_WITHIN_S)
            for task in late:
                task.cancel()


def _allow_many_connections() -> None:
    """A connection for each device: many systems allow a process 1,024 until it asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
