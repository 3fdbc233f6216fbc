from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import cameras, centers, particulars
from device_registry.camera_fields import CameraFields
from device_registry.changing import change_columns
from device_registry.models import Camera
from device_registry.rotation import planning
from foundation.audit import AuditAction
from foundation.clock import ManualClock
from foundation.errors import InvalidInput, NotFound
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope


@pytest.fixture
def register(session: Session, keyring: Keyring, clock: ManualClock, origin: Origin) -> Callable[..., None]:
    def registered(code: str, onvif: str | None, user: str | None = "admin", password: str = "hunter2") -> None:
        url = "rtsp://10.0.0.7/main"
        fields = CameraFields(code=code, name=code, main_url=url, username=user, password=password if user else None)
        camera = cameras.save(session, keyring, clock, origin, fields, actor="test").camera
        if onvif is not None:
            given = particulars.parsed(code, {"onvif_url": onvif})
            change_columns(session, clock, camera, given, action=AuditAction.CLI_CAMERA_CHANGE, actor="test")

    return registered


@pytest.fixture
def plan(session: Session, keyring: Keyring, origin: Origin) -> Callable[..., planning.Plan]:
    def planned(**options: object) -> planning.Plan:
        scope = centers.descendants(session, origin.center_id)
        return planning.plan(session, keyring, scope, **({"in_clear": True} | options))

    return planned


def test_cameras_that_share_address_and_user_are_one_device(register, plan) -> None:
    for code in ("C1", "C2"):
        register(code, "https://10.0.0.7")
    register("C3", "https://10.0.0.7", "viewer")
    register("C4", "https://10.0.0.8")
    found = plan(codes=["C2", "C3"])
    assert [(one.username, [camera.code for camera in one.cameras]) for one in found.devices] == [
        ("admin", ["C1", "C2"]),
        ("viewer", ["C3"]),
    ]
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("onvif", "user", "what"),
    [(None, "admin", "no ONVIF address"), ("https://10.0.0.7", None, "no user name")],
    ids=["address", "user"],
)
def test_a_camera_that_cannot_be_asked_is_left_out(register, plan, onvif, user, what) -> None:
    register("C1", onvif, user)
    found = plan()
    assert found.devices == ()
    assert [(one.place, what in one.what) for one in found.left_out] == [("C1", True)]


def test_a_device_whose_cameras_disagree_is_left_out(register, plan) -> None:
    register("C1", "https://10.0.0.7")
    register("C2", "https://10.0.0.7", password="other-one")
    (left_out,) = plan(codes=["C1"]).left_out
    assert "different passwords" in left_out.what
    assert "other-one" not in str(left_out)


def test_a_camera_that_would_be_locked_out_of_its_device_holds_it_back(register, plan) -> None:
    register("C1", "https://10.0.0.7")
    register("C2", None)
    (left_out,) = plan(codes=["C1"]).left_out
    assert "C2 streams from the same host" in left_out.what


def test_a_password_goes_in_the_clear_only_when_allowed(register, plan) -> None:
    register("C1", "10.0.0.7")
    (left_out,) = plan(in_clear=False).left_out
    assert ("--in-clear" in left_out.mend, len(plan(in_clear=True).devices)) == (True, 1)


def test_what_lies_on_a_device_beyond_reach_leaves_it_out_and_is_not_named(
    register, plan, session, clock, origin
) -> None:
    register("C1", "https://10.0.0.7")
    below = centers.add(
        session, clock, node="n", code="110101020000", name="B", level="station", parent_code=None, actor="test"
    )
    below.parent_id = origin.center_id
    reach = Scope([origin.center_id])
    assert len(plan(reach=reach).devices) == 1
    register("C2", None)  # streams from the same host
    other = session.scalars(select(Camera).where(Camera.code == "C2")).one()
    other.center_id = below.id
    (left_out,) = plan(reach=reach).left_out
    assert (left_out.reason, "C2" in left_out.what) == ("beyond_reach", False)
    other.onvif_url = session.scalars(select(Camera.onvif_url).where(Camera.code == "C1")).one()
    assert [one.reason for one in plan(reach=reach).left_out] == ["beyond_reach"]
    with pytest.raises(NotFound):
        plan(reach=reach, ids=[other.id])
    assert len(plan(ids=[other.id]).devices[0].cameras) == 2


def test_a_code_that_nobody_has_is_refused(register, plan) -> None:
    register("C1", "10.0.0.7")
    with pytest.raises(InvalidInput, match="no camera here has the code C9"):
        plan(codes=["C1", "C9"])


def test_other_centers_cameras_are_not_seen(register, session, keyring) -> None:
    register("C1", "10.0.0.7")
    assert planning.plan(session, keyring, Scope()) == planning.Plan((), ())


@given(st.text(max_size=80))
def test_any_list_of_codes_is_read_or_refused(text: str) -> None:
    try:
        found = planning.codes_of(text)
    except InvalidInput:
        return
    assert found
    assert all(code.strip() and not code.startswith("#") for code in found)
