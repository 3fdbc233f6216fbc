"""A camera steered over the API, by one person at a time; the device is ours."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from control_center.identity.roles import Role
from device_registry import credentials
from device_registry.login import Login
from device_registry.models import Camera
from device_registry.onvif.endpoint import address_of
from device_registry.operations.models import PtzControl
from foundation.audit import AuditEntry
from foundation.database import reading, transaction
from simulator.onvif_device.server import OnvifDevice
from simulator.onvif_device.state import Position
from simulator.virtual_camera.digest import Credentials

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]


@pytest.fixture
def device(web_center) -> Iterator[OnvifDevice]:
    """The device of the camera at station-1."""
    camera_id = web_center.cameras["station-1"]
    with OnvifDevice(credentials=Credentials("admin", "hunter2")) as device:
        with transaction(web_center.stores.core) as session:
            url = address_of(device.authority)
            session.execute(update(Camera).where(Camera.id == camera_id).values(onvif_url=url))
            login = Login("admin", "hunter2")
            credentials.put(session, web_center.keyring, web_center.clock, camera_id, login)
        web_center.app.state.context.steering._allowed = web_center.settings.devices.model_copy(
            update={"allow": ["127.0.0.0/8"]}
        ).networks
        yield device


@pytest.fixture
def path(web_center) -> str:
    return f"/api/v1/cameras/{web_center.cameras['station-1']}/ptz"


def test_an_operator_turns_stops_and_goes_home(web_center, device, path) -> None:
    with web_center.signed_in("li") as client:
        assert client.get(f"{path}/control").json()["holder"] is None
        assert client.post(f"{path}/move", json={"pan": 0.5, "tilt": -0.2, "timeout_s": 5}).status_code == 204
        assert device.state.velocity == Position(0.5, -0.2, 0.0)
        assert client.get(f"{path}/control").json()["is_mine"] is True
        assert client.post(f"{path}/stop").status_code == 204
        assert device.state.velocity == Position()
        asked = len(device.asked)
        assert client.post(f"{path}/home").status_code == 204
        assert device.asked[asked:] == ["GotoHomePosition"]  # one request: the session is kept
        assert client.post(f"{path}/move", json={}).status_code == 204
        assert device.asked[-1] == "Stop"
        assert client.delete(f"{path}/control").status_code == 204
        assert client.get(f"{path}/control").json()["holder"] is None


def test_a_move_ends_by_itself(web_center, device, path) -> None:
    with web_center.signed_in("li") as client:
        assert client.post(f"{path}/move", json={"pan": 1, "timeout_s": 0.1}).status_code == 204
    end = time.monotonic() + 60
    while device.now_us() < device.state.moving_until_us and time.monotonic() < end:
        time.sleep(0.05)
    assert device.now_us() >= device.state.moving_until_us


def test_presets_are_kept_used_and_removed(web_center, device, path) -> None:
    with web_center.signed_in("li") as client:
        kept = client.put(f"{path}/presets", json={"name": "北门"}).json()
        assert client.get(f"{path}/presets").json() == {"items": [{"token": kept["token"], "name": "北门"}]}
        device.state.position = Position(0.9, 0.9, 0.9)
        assert client.post(f"{path}/presets/{kept['token']}/go").status_code == 204
        assert device.state.position == Position()
        changed = client.put(f"{path}/presets", json={"name": "N", "token": kept["token"]})
        assert changed.json() == {"token": kept["token"], "name": "N"}
        assert client.delete(f"{path}/presets/{kept['token']}").status_code == 204
        refused = client.post(f"{path}/presets/{kept['token']}/go")
        assert (refused.status_code, "NoToken" in refused.json()["detail"]) == (502, True)
    with reading(web_center.stores.core) as session:
        wanted = AuditEntry.action.in_(["api:ptz:take", "api:preset:change"])
        found = session.scalars(select(AuditEntry.action).where(wanted).order_by(AuditEntry.seq)).all()
        assert found == ["api:ptz:take"] + ["api:preset:change"] * 3


def test_a_supervisor_takes_over_and_the_operator_is_told(web_center, device, path) -> None:
    with web_center.signed_in("li") as operator, web_center.signed_in("zhao", role=Role.SUPERVISOR) as supervisor:
        operator.post(f"{path}/move", json={"pan": 1, "timeout_s": 10})
        refused = supervisor.post(f"{path}/move", json={"pan": -1})
        assert (refused.status_code, refused.json()["holder"]) == (409, "li")
        assert supervisor.post(f"{path}/control", json={"lease_s": 60}).json()["is_mine"] is True
        assert device.state.velocity == Position()
        assert supervisor.post(f"{path}/move", json={"pan": -1}).status_code == 204
        refused = operator.post(f"{path}/move", json={"pan": 1})
        assert (refused.status_code, refused.json()["holder"]) == (409, "zhao")
        assert operator.post(f"{path}/control", json={}).status_code == 409
        assert operator.delete(f"{path}/control").status_code == 204  # of nothing
        assert operator.get(f"{path}/control").json()["holder"] == "zhao"


def test_a_role_counts_where_it_reaches(web_center, device, path) -> None:
    """A supervisor of another station is an operator at most here, and does not even see the camera."""
    with web_center.signed_in("other", "station-2", Role.SUPERVISOR) as client:
        assert client.post(f"{path}/control", json={}).status_code == 404
    with web_center.signed_in("wang", role=Role.ANALYST) as client:
        assert client.post(f"{path}/move", json={"pan": 1}).status_code == 403
    assert device.asked == []


def test_what_is_left_elsewhere_goes_home(web_center, device, path) -> None:
    steering = web_center.app.state.context.steering
    with web_center.signed_in("li") as client:
        client.post(f"{path}/move", json={"pan": 1})
        steering.return_idle(0.0)
        assert "GotoHomePosition" not in device.asked  # it is still his
        client.delete(f"{path}/control")
        steering.return_idle(3600.0)
        assert "GotoHomePosition" not in device.asked
        steering.return_idle(0.0)
        assert device.asked.count("GotoHomePosition") == 1
        steering.return_idle(0.0)
        assert device.asked.count("GotoHomePosition") == 1


@pytest.mark.parametrize(
    "body", [{"pan": 1.1}, {"timeout_s": 0}, {"timeout_s": 11}, {"pan": "x"}, {"zoom": None}], ids=str
)
def test_what_no_camera_can_do_is_refused(web_center, device, path, body) -> None:
    with web_center.signed_in("li") as client:
        assert client.post(f"{path}/move", json=body).status_code == 422
    assert device.asked == []


def test_a_device_that_is_gone_is_told_and_found_again(web_center, device, path) -> None:
    with web_center.signed_in("li") as client:
        client.post(f"{path}/move", json={"pan": 1})
        device.state.silent_until_us = device.now_us() + 3600 * 1_000_000
        refused = client.post(f"{path}/stop")
        assert (refused.status_code, refused.json()["type"]) == (502, "urn:vedette:problem:device_answer_refused")
        device.state.silent_until_us = 0
        assert client.post(f"{path}/stop").status_code == 204


def test_control_lies_with_the_register(web_center, device, path) -> None:
    with web_center.signed_in("li") as client:
        client.post(f"{path}/control", json={"lease_s": 600})
    with reading(web_center.stores.core) as session:
        row = session.get(PtzControl, web_center.cameras["station-1"])
        assert (row.holder, row.priority, row.home_due) == ("li", 1, False)


def test_a_camera_that_is_busy_is_not_waited_for_long(web_center, device, path) -> None:
    steering = web_center.app.state.context.steering
    with web_center.signed_in("li") as client, steering._turn_of(web_center.cameras["station-1"]):
        refused = client.post(f"{path}/stop")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")


def test_a_camera_without_a_device_is_told(web_center, path) -> None:
    with web_center.signed_in("li") as client:
        refused = client.get(f"{path}/presets")
        assert (refused.status_code, "onvif_url" in refused.json()["mend"]) == (422, True)
