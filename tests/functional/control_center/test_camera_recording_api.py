"""How a camera is recorded, over the API: read by who sees cameras, set by a supervisor within the center's limits."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from control_center.identity.roles import Role
from device_registry import assignments
from foundation.audit import AuditEntry
from foundation.database import reading

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]


@pytest.fixture
def path(web_center) -> str:
    return f"/api/v1/cameras/{web_center.cameras['station-1']}/recording"


def test_a_supervisor_sets_how_a_camera_is_recorded(web_center, path: str) -> None:
    with web_center.signed_in("zhao", role=Role.SUPERVISOR) as client:
        read = client.get(path)
        as_registered = {"transport": "tcp", "audio_purpose": None, "retention_days": None, "retention_bytes": None}
        center = {"days": 30.0, "min_days": 0.0, "max_days": 365.0}
        assert (as_registered | {"center": center}).items() <= read.json().items()
        wanted = {"transport": "udp", "audio_purpose": "complaints desk", "retention_days": 7}
        assert client.patch(path, json=wanted).status_code == 428
        changed = client.patch(path, json=wanted, headers={"If-Match": read.headers["etag"]})
        assert changed.status_code == 200
        assert wanted.items() <= changed.json().items()
        assert client.patch(path, json=wanted, headers={"If-Match": read.headers["etag"]}).status_code == 412
        taken_back = client.patch(path, json={"audio_purpose": None}, headers={"If-Match": changed.headers["etag"]})
        assert (taken_back.json()["audio_purpose"], taken_back.json()["retention_days"]) == (None, 7)
        assert client.get(path).json() == taken_back.json()
    with reading(web_center.stores.core) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "api:camera:change")).all()
        assert [entry.actor for entry in entries] == ["zhao", "zhao"]
        assert entries[1].detail["changed"] == {"audio_purpose": {"from": "complaints desk", "to": None}}
        handed_out = assignments.refresh(session, web_center.settings)
    [stream] = [one for one in handed_out["streams"] if one["camera_id"] == web_center.cameras["station-1"]]
    assert (stream["transport"], stream["audio"], stream["retention_days"]) == ("udp", False, 7.0)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"retention_days": 400}, "retention_days"),
        ({"retention_days": -1}, "retention_days"),
        ({"retention_bytes": 5}, "retention_bytes"),
        ({"audio_purpose": " "}, "audio_purpose"),
    ],
)
def test_what_lies_outside_the_limits_is_refused(web_center, path: str, body: dict[str, object], where: str) -> None:
    with web_center.signed_in("zhao", role=Role.SUPERVISOR) as client:
        etag = client.get(path).headers["etag"]
        refused = client.patch(path, json=body, headers={"If-Match": etag})
        assert refused.status_code == 422
        assert where in refused.json()["where"]
        assert refused.json()["mend"]
        assert client.patch(path, json={}, headers={"If-Match": etag}).status_code == 422
        assert client.get(path).headers["etag"] == etag


def test_who_only_sees_cameras_sets_nothing(web_center, path: str) -> None:
    for role in (Role.OPERATOR, Role.TECHNICIAN):
        with web_center.signed_in(f"our-{role}", role=role) as client:
            etag = client.get(path).headers["etag"]
            answer = client.patch(path, json={"retention_days": 1}, headers={"If-Match": etag})
            assert answer.status_code == 403
