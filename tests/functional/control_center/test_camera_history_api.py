"""What became of a camera, and another device at its place, over the API."""

from __future__ import annotations

import pytest

from control_center.identity.roles import Role

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]


def test_a_device_is_replaced_and_the_history_tells_it(web_center) -> None:
    at = f"/api/v1/cameras/{web_center.cameras['station-1']}"
    with web_center.signed_in("tan", "station-1", Role.TECHNICIAN) as client:
        body = {"reason": "struck by lightning", "serial": "SN-8", "username": "viewer", "password": "hunter2"}
        replaced = client.post(f"{at}/replacement", json=body)
        assert (replaced.status_code, replaced.headers["etag"][:2]) == (204, '"v')
        again = client.post(f"{at}/replacement", json={"reason": "again", "serial": "SN-8"})
        assert again.status_code == 422
        page = client.get(f"{at}/history", params={"limit": 1}).json()
        (newest,) = page["items"]
        assert (newest["action"], newest["actor"], newest["reason"]) == ("api:camera:replace", "tan", body["reason"])
        assert newest["changes"] == {
            "serial": {"from": None, "to": "SN-8"},
            "credential": {"from": None, "to": "set"},
        }
        rest = client.get(f"{at}/history", params={"cursor": page["next_cursor"]})
        assert [event["action"] for event in rest.json()["items"]] == ["cli:camera:add"]
        assert rest.json()["next_cursor"] is None
        assert "hunter2" not in rest.text + str(page)
    with web_center.signed_in("op", "station-1") as client:
        assert client.get(f"{at}/history").status_code == 200
        assert client.post(f"{at}/replacement", json={"reason": "x"}).status_code == 403
