from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from control_center.device_events.devices import Channel, FollowedDevice, followed, version
from device_registry import credentials
from device_registry.login import Login
from device_registry.models import Camera, CameraStream
from device_registry.onvif.events import DeviceEvent
from foundation.database import reading, transaction
from foundation.keyring import Keyring

STATION, OTHER = "110101010000", "110201010000"
URL = "http://10.0.0.7/onvif/device_service"
FIRST, SECOND = Channel("c1", "s", frozenset({"/1", "/1/sub"})), Channel("c2", "s", frozenset({"/2"}))
TOKENS = {"/1": frozenset({"v1", "vsc1"}), "/2": frozenset({"v2", "vsc2"})}


@pytest.fixture
def keyring(tmp_path):
    return Keyring.open(tmp_path / "keys")


def register(city, code, **values):
    with transaction(city.stores.core) as session:
        camera = session.get_one(Camera, city.cameras[code])
        for name, value in values.items():
            setattr(camera, name, value)
        camera.updated_us += 1


def looked_up(city, keyring, node="node-1"):
    with reading(city.stores.core) as session:
        return followed(session, keyring, node), version(session, node)


def test_devices_of_this_node_are_followed_once_each(city, keyring):
    assert looked_up(city, keyring)[0] == {}
    for code in (STATION, OTHER):
        register(city, code, onvif_url=URL)
    with transaction(city.stores.core) as session:
        credentials.put(session, keyring, city.clock, city.cameras[OTHER], Login("u", "hunter2"))
        camera = session.scalar(select(Camera).where(Camera.id == city.cameras[STATION]))
        camera.streams = [CameraStream(name="main", url="rtsp://10.0.0.7:554/ch1?x=1")]
    (device,) = looked_up(city, keyring)[0].values()
    assert (device.url, device.login) == (URL, Login("u", "hunter2"))
    assert {channel.camera_id: channel.streams for channel in device.channels} == {
        city.cameras[STATION]: frozenset({"/ch1?x=1"}),
        city.cameras[OTHER]: frozenset(),
    }
    assert looked_up(city, keyring, "node-2")[0] == {}
    register(city, STATION, disabled=True)
    (device,) = looked_up(city, keyring)[0].values()
    assert [channel.camera_id for channel in device.channels] == [city.cameras[OTHER]]


def test_a_change_shows(city, keyring):
    versions = [looked_up(city, keyring)[1]]
    register(city, STATION, onvif_url=URL)
    versions.append(looked_up(city, keyring)[1])
    with transaction(city.stores.core) as session:
        credentials.put(session, keyring, city.clock, city.cameras[STATION], Login("u", "hunter2"))
    versions.append(looked_up(city, keyring)[1])
    assert len(set(versions)) == 3
    assert looked_up(city, keyring)[1] == versions[-1]


def event(kind: Any = "motion", source: str | None = "v1") -> DeviceEvent:
    return DeviceEvent(kind, 0, "device", True, source, None, "changed")


@pytest.mark.parametrize(
    ("told", "channel"),
    [
        (event(source="v1"), FIRST),
        (event(source="vsc2"), SECOND),
        (event(source="v9"), None),
        (event(source=None), None),
        (event("digital_input", "v1"), None),
    ],
    ids=["source", "configuration", "unknown", "none", "input"],
)
def test_an_event_of_an_nvr_is_of_the_channel_whose_source_it_names(told: DeviceEvent, channel: Channel | None) -> None:
    assert FollowedDevice(URL, None, (FIRST, SECOND)).channel_of(told, TOKENS) is channel


def test_a_token_that_two_channels_have_is_of_none() -> None:
    shared = {"/1": frozenset({"v"}), "/2": frozenset({"v"})}
    assert FollowedDevice(URL, None, (FIRST, SECOND)).channel_of(event(source="v"), shared) is None


@pytest.mark.parametrize("told", [event(source=None), event("digital_input", "3"), event(source="whatever")])
def test_a_device_with_one_camera_needs_no_token(told: DeviceEvent) -> None:
    assert FollowedDevice(URL, None, (FIRST,)).channel_of(told, {}) is FIRST
