from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from device_registry import cameras, centers
from device_registry.camera_fields import CameraFields
from device_registry.models import Camera
from foundation.clock import ManualClock
from foundation.database import transaction
from foundation.keyring import Keyring
from foundation.settings import Settings


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def camera(core: Engine, clock: ManualClock, tmp_path) -> Camera:
    with transaction(core) as session:
        origin = centers.ensure_local(session, Settings(data_dir=tmp_path), clock)
        fields = CameraFields(code="C1", name="Gate", main_url="rtsp://10.0.0.7/main")
        keyring = Keyring.open(tmp_path / "keys")
        return cameras.save(session, keyring, clock, origin, fields, actor="cli:test").camera


@pytest.fixture
def written(core: Engine) -> Callable[..., object]:
    """Do something in a transaction of its own."""

    def within(work: Callable[..., object], *arguments: object, **options: object) -> object:
        with transaction(core) as session:
            return work(session, *arguments, **options)

    return within
