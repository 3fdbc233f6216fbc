from __future__ import annotations

import pytest
from sqlalchemy import select, text

from device_registry import cameras
from device_registry.access import push_tokens
from device_registry.access.push_tokens import PushToken
from device_registry.camera_fields import CameraFields


@pytest.fixture
def camera(session, keyring, clock, origin):
    fields = CameraFields(code="1", name="Gate", main_url="rtsp://10.0.0.7/main")
    return cameras.save(session, keyring, clock, origin, fields, actor="test").camera


def test_a_token_is_its_cameras_alone_and_only_its_hash_is_kept(session, clock, origin, camera):
    token = push_tokens.create(session, clock, origin, camera, "cli:test")
    session.flush()
    assert push_tokens.camera_of(session, camera.id, token) is camera
    for camera_id, shown in ((camera.id, token + "x"), (camera.id, ""), ("another", token)):
        assert push_tokens.camera_of(session, camera_id, shown) is None
    kept = [session.execute(text(f"SELECT * FROM {table}")).all() for table in ("push_token", "audit_entry")]
    assert token not in repr(kept)


def test_a_new_token_ends_the_one_before_and_removing_it_ends_all(session, clock, origin, camera):
    first = push_tokens.create(session, clock, origin, camera, "cli:test")
    second = push_tokens.create(session, clock, origin, camera, "cli:test")
    assert push_tokens.camera_of(session, camera.id, first) is None
    assert push_tokens.camera_of(session, camera.id, second) is camera
    assert push_tokens.remove(session, clock, origin, camera, "cli:test")
    session.flush()
    assert push_tokens.camera_of(session, camera.id, second) is None
    assert not push_tokens.remove(session, clock, origin, camera, "cli:test")
    assert session.scalars(select(PushToken)).all() == []


def test_a_disabled_camera_posts_nothing(session, clock, origin, camera):
    token = push_tokens.create(session, clock, origin, camera, "cli:test")
    camera.disabled = True
    session.flush()
    assert push_tokens.camera_of(session, camera.id, token) is None
