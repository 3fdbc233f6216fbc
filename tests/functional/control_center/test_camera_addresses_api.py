"""Where cameras are reached, for who compares it with what is found in a network."""

from __future__ import annotations

import pytest

from control_center.identity.roles import Role

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
CAMERAS = "/api/v1/cameras"
NEW = {"name": "Gate", "main_url": "rtsp://viewer:hunter2@10.0.0.1/main"}


def test_a_technician_sees_the_addresses_of_the_own_cameras_without_logins(web_center):
    with web_center.signed_in("tan", "county", Role.TECHNICIAN) as client:
        assert client.post(CAMERAS, json=NEW | {"code": "C2", "onvif_url": "10.0.0.1:8000"}).status_code == 201
        assert client.post(CAMERAS, json=NEW | {"code": "C1"}).status_code == 201
        answer = client.get(f"{CAMERAS}/addresses")
        assert "hunter2" not in answer.text
        shown = {item["code"]: item for item in answer.json()["items"] if item["name"] == "Gate"}
    assert list(shown) == ["C1", "C2"]
    assert [(item["onvif_url"], item["main_url"]) for item in shown.values()] == [
        (None, "rtsp://10.0.0.1/main"),
        ("http://10.0.0.1:8000/onvif/device_service", "rtsp://10.0.0.1/main"),
    ]
    with web_center.signed_in("other", "station-2", Role.TECHNICIAN) as client:
        codes = {item["code"] for item in client.get(f"{CAMERAS}/addresses").json()["items"]}
    assert codes.isdisjoint(shown)
