"""Repairs over HTTP: from the fault to the signature, and what does not go."""

from __future__ import annotations

import base64

import pytest

from control_center.identity.roles import Role

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]

API = "/api/v1"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")


def add(client, ticket: str, kind: str, content: bytes = PNG, media_type: str = "image/png"):
    named = {"ticket_id": ticket, "kind": kind}
    return client.post(f"{API}/repair-pictures", params=named, content=content, headers={"Content-Type": media_type})


def test_a_repair_is_opened_done_and_seen(web_center) -> None:
    camera = web_center.cameras["station-1"]
    with web_center.signed_in("wu", "station-1", Role.TECHNICIAN) as client:
        opened = client.post(f"{API}/repairs", json={"camera_id": camera, "fault": "dark"})
        assert (opened.status_code, opened.headers["etag"]) == (201, '"v1"')
        ticket = opened.json()["id"]
        again = client.post(f"{API}/repairs", json={"camera_id": camera, "fault": "darker"})
        assert (again.status_code, ticket in again.text) == (409, True)
        steps = f"{API}/repairs/{ticket}/steps"
        finish = {"step": "finish", "text": "cleaned", "accepted_by": "Anna Li"}
        assert client.post(steps, json=finish).status_code == 428
        assert client.post(steps, json=finish, headers={"If-Match": '"v1"'}).status_code == 409
        assert add(client, ticket, "photo").status_code == 201
        version = add(client, ticket, "signature").headers["etag"]
        assert client.post(steps, json=finish, headers={"If-Match": '"v1"'}).status_code == 412
        done = client.post(steps, json=finish, headers={"If-Match": version}).json()
        assert (done["state"], done["accepted_by"], sorted(one["kind"] for one in done["pictures"])) == (
            "done",
            "Anna Li",
            ["photo", "signature"],
        )
        shown = client.get(f"{API}/repairs/{ticket}/pictures/{done['pictures'][0]['id']}")
        assert (shown.headers["content-type"], shown.content) == ("image/png", PNG)
    with web_center.signed_in("li", "station-1", Role.OPERATOR) as seer:
        assert [one["id"] for one in seer.get(f"{API}/repairs?running=false").json()["items"]] == [ticket]
        assert seer.get(f"{API}/repairs?running=true").json()["items"] == []


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"GIF89a", "image/png", 422),
        (PNG, "text/html", 415),
        (PNG + bytes(3 << 20), "image/png", 413),
        (b"", "image/png", 422),
    ],
    ids=["gif", "page", "large", "empty"],
)
def test_what_is_no_picture_is_refused(web_center, content: bytes, media_type: str, status: int) -> None:
    camera = web_center.cameras["station-1"]
    with web_center.signed_in("wu", "station-1", Role.TECHNICIAN) as client:
        ticket = client.post(f"{API}/repairs", json={"camera_id": camera, "fault": "dark"}).json()["id"]
        assert add(client, ticket, "photo", content, media_type).status_code == status
        assert client.get(f"{API}/repairs/{ticket}").json()["pictures"] == []
