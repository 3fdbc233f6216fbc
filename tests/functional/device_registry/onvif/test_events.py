"""Events pulled from devices: our own, which does wrong on purpose, and npm's `onvif` with its canned answers."""

from __future__ import annotations

import asyncio
import ipaddress
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from device_registry.login import Login
from device_registry.onvif import event_feed, pull_point
from device_registry.onvif.event_feed import EventFeed
from device_registry.onvif.events import DeviceEvent, Reading
from simulator.onvif_device.notifications import items, notification, plate_read
from simulator.onvif_device.server import OnvifDevice

pytestmark = pytest.mark.functional

FOLDER = Path(__file__).parents[3] / "onvif_device"
NODE = Path(__file__).parents[4] / "tools" / "node.py"
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
LOGIN = Login("admin", "hunter2")
HERE = "127.0.0.1"
PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_feed, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(event_feed, "LONGEST_PAUSE_S", 0.2)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


class Following:
    def __init__(self, url: str, pool: ThreadPoolExecutor, login: Login | None) -> None:
        self.readings: list[Reading] = []
        self.feed = EventFeed(url, login, self.readings.append, pool, allowed=LOOPBACK)

    @property
    def events(self) -> list[DeviceEvent]:
        return [event for reading in self.readings for event in reading.events]


@asynccontextmanager
async def following(
    device: OnvifDevice | str, pool: ThreadPoolExecutor, login: Login | None = LOGIN
) -> AsyncIterator[Following]:
    url = device if isinstance(device, str) else device.authority
    followed = Following(url, pool, login)
    task = asyncio.create_task(followed.feed.run())
    yield followed
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])
    await followed.feed.close()


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        await asyncio.sleep(0.02)


def motion(device: OnvifDevice, state: str = "true", operation: str = "Changed") -> str:
    told = items(State=state)
    source = items(Source="sensor0")
    return notification(
        "tns1:VideoSource/MotionAlarm", told, source=source, utc=device.events.utc(), operation=operation
    )


async def test_what_happens_is_told_at_once_and_how_it_stands_at_the_start(device, pool, dialled) -> None:
    one = device()
    one.events.properties = [motion(one, "false", "Initialized")]
    async with following(one, pool) as followed:
        await until(lambda: followed.events)
        one.events.tell(motion(one))
        await until(lambda: len(followed.events) == 2)
        assert followed.feed.is_subscribed
        assert one.events.subscribed == 1
    stood, moved = followed.events
    assert (stood.operation, stood.active, moved.operation, moved.active) == ("initialized", False, "changed", True)
    assert (moved.kind, moved.source, moved.time_from) == ("motion", "sensor0", "device")
    assert one.events.subscribed == 0  # unsubscribed at the end
    assert one.events.limits[0] == pull_point.MESSAGE_LIMIT
    assert {address for address, *_ in dialled} == {HERE}


@pytest.mark.parametrize("fault", ["digest-only", "old", "time-signed", "skew:3600", "encoding:utf-16"])
async def test_devices_of_all_sorts_are_followed(fault: str, device, pool) -> None:
    one = device(fault)
    async with following(one, pool) as followed:
        await until(lambda: followed.feed.is_subscribed)
        one.events.tell(motion(one))
        await until(lambda: followed.events)
    (event,) = followed.events
    assert event.time_from == "device"
    assert abs(event.at_us - time.time() * 1e6) < PATIENCE_S * 1e6


async def test_only_the_registered_host_is_dialled(device, pool, dialled, looked_up) -> None:
    one = device("lying-address:192.0.2.66")
    async with following(one, pool) as followed:
        await until(lambda: followed.feed.is_subscribed)
        one.events.tell(motion(one))
        await until(lambda: followed.events)
    assert {address for address, *_ in dialled} == {HERE}
    assert "192.0.2.66" not in looked_up


async def test_a_redirect_is_not_followed(device, pool, dialled) -> None:
    one = device("redirect:http://192.0.2.66/")
    async with following(one, pool) as followed:
        await until(lambda: len(dialled) > 2)
        assert not followed.feed.is_subscribed
    assert {address for address, *_ in dialled} == {HERE}


async def test_a_lease_that_is_shorter_than_asked_for_is_renewed_in_time(device, pool) -> None:
    one = device("short-lease:2")
    async with following(one, pool) as followed:
        await until(lambda: one.asked.count("Renew") >= 3)
        one.events.tell(motion(one))
        await until(lambda: followed.events)
    assert one.asked.count("CreatePullPointSubscription") == 1


async def test_a_device_that_cannot_renew_is_subscribed_anew_before_the_end(device, pool) -> None:
    one = device("no-renew", "short-lease:2")
    async with following(one, pool) as followed:
        await until(lambda: one.asked.count("CreatePullPointSubscription") >= 3)
        one.events.tell(motion(one))
        await until(lambda: followed.events)
    assert one.asked.count("Renew") == 1
    assert one.events.subscribed == 0


async def test_a_subscription_that_is_lost_is_made_anew(device, pool) -> None:
    one = device("forgets-subscription:1")
    one.events.properties = [motion(one, "false", "Initialized")]
    async with following(one, pool) as followed:
        await until(lambda: one.asked.count("CreatePullPointSubscription") >= 3)
        await until(lambda: len(followed.events) >= 3)


async def test_a_subscription_outlives_a_lost_connection(device, pool, monkeypatch) -> None:
    one = device()
    real, lost = pull_point.PullPoint.pull, []

    async def pull(point, most_s):
        if not lost:
            lost.append(1)
            await event_feed.async_exchange.post(point.at, b"", {}, 0.0)
        return await real(point, most_s)

    monkeypatch.setattr(pull_point.PullPoint, "pull", pull)
    async with following(one, pool) as followed:
        await until(lambda: followed.feed.is_subscribed and lost)
        one.events.tell(motion(one))
        await until(lambda: followed.events)
    assert one.asked.count("CreatePullPointSubscription") == 1


async def test_a_device_that_floods_is_held_back(device, pool) -> None:
    one = device("event-flood")
    async with following(one, pool) as followed:
        await until(lambda: followed.readings)
        begun_s, seen = time.monotonic(), len(followed.readings)
        await asyncio.sleep(1.0)
        most = 1 + (time.monotonic() - begun_s) * event_feed.MESSAGES_PER_S / 500
        assert len(followed.readings) - seen <= most
    assert len(followed.readings[0].events) == 100
    assert sum(followed.readings[0].dropped.values()) == 400


@pytest.mark.parametrize("fault", ["event-garbage", "no-events", "web-page", "empty", "xml-bomb", "refuse-password"])
async def test_a_device_that_answers_nonsense_costs_nothing_and_ends_nothing(fault: str, device, pool) -> None:
    one, good = device(fault), device()
    async with following(one, pool) as bad, following(good, pool) as followed:
        await until(lambda: followed.feed.is_subscribed)
        good.events.tell(motion(good))
        await until(lambda: followed.events)
        await asyncio.sleep(0.5)
        assert bad.events == []
    assert one.guard.refusals <= 2


async def test_plates_are_read_and_nothing_of_people(device, pool, of_people) -> None:
    one = device()
    async with following(one, pool) as followed:
        await until(lambda: followed.feed.is_subscribed)
        told = [*of_people.notifications(), plate_read("沪B88888", utc=one.events.utc())]
        for notification in told:
            one.events.tell(notification)
        await until(lambda: followed.events and followed.events[-1].plate and "沪" in followed.events[-1].plate.text)
    assert of_people.MARKER not in repr(followed.readings)


@pytest.fixture(scope="module")
def foreign() -> Iterator[str]:
    command = [sys.executable, str(NODE), "node", "server.cjs"]
    process = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    yield f"127.0.0.1:{int(process.stdout.readline())}"
    process.kill()
    process.communicate()


async def test_a_device_that_is_not_ours(foreign: str, pool, dialled) -> None:
    async with following(foreign, pool) as followed:
        await until(lambda: len(followed.events) >= 2)
    event = followed.events[0]
    assert (event.kind, event.active, event.source, event.rule) == ("motion", True, "000", "000")
    assert {address for address, *_ in dialled} == {HERE}
