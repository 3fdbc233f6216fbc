from __future__ import annotations

import pytest
from sqlalchemy import Engine

from device_registry import cameras, centers
from device_registry.camera_fields import CameraFields
from device_registry.operations import targets
from foundation.clock import ManualClock
from foundation.database import transaction
from foundation.errors import InvalidInput, NotFound
from foundation.keyring import Keyring
from foundation.settings import Settings


@pytest.fixture
def keyring(tmp_path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


@pytest.fixture
def register(core: Engine, clock: ManualClock, keyring: Keyring, tmp_path):
    """Cameras A, B and N of this center, A and B on one NVR; A again at the center below."""
    with transaction(core) as session:
        settings = Settings(data_dir=tmp_path, center={"level": "city"})
        origin = centers.ensure_local(session, settings, clock)
        below = centers.add(
            session,
            clock,
            node="n",
            code="110101",
            name="Below",
            level="station",
            parent_code=settings.center.code,
            actor="cli:test",
        )

        def add(code: str, onvif_url: str | None, center_id: str) -> None:
            fields = CameraFields(
                code=code, name=code, main_url="rtsp://10.0.0.7/main", username="viewer", password="hunter2"
            )
            saved = cameras.save(session, keyring, clock, origin, fields, actor="cli:test", center_id=center_id).camera
            saved.onvif_url = onvif_url

        nvr = "http://10.0.0.7/onvif/device_service"
        for code, url in (("A", nvr), ("B", nvr), ("N", None)):
            add(code, url, origin.center_id)
        add("A", nvr, below.id)
        return origin.center_id, below.id


def test_cameras_are_found_within_the_scope(core, keyring, register) -> None:
    here, below = register
    with transaction(core) as session:
        alone = centers.descendants(session, below)
        assert [one.origin.center_id for one in targets.by_codes(session, keyring, alone, ["A"])] == [below]
        everything = centers.descendants(session, here)
        with pytest.raises(InvalidInput, match="several centers have a camera of this code"):
            targets.by_codes(session, keyring, everything, ["A"])
        with pytest.raises(NotFound):
            targets.by_codes(session, keyring, alone, ["B"])
        assert [one.code for one in targets.by_codes(session, keyring, everything, ["N", "B", "N"])] == ["N", "B"]
        assert [one.code for one in targets.all_of(session, keyring, everything)] == ["A", "A", "B"]
        assert targets.by_host(session, keyring, everything, "10.0.0.7").code == "A"
        assert targets.by_host(session, keyring, everything, "10.0.0.8") is None
        assert targets.by_host(session, keyring, everything, "no host") is None


def test_the_cameras_of_an_nvr_are_one_device(core, keyring, register) -> None:
    with transaction(core) as session:
        found = targets.all_of(session, keyring, centers.descendants(session, register[0]))
        assert [len(group) for group in targets.by_device(found)] == [3]
        assert len(targets.on_device(session, keyring, centers.descendants(session, register[1]), found[0])) == 1


def test_a_password_is_not_shown(core, keyring, register) -> None:
    with transaction(core) as session:
        found = targets.all_of(session, keyring, centers.descendants(session, register[0]))
    assert found[0].login.password == "hunter2"
    assert "hunter2" not in repr(found)
