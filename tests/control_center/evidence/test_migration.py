"""What schema 0003 adds to a database of the version before: cameras go on as they were, and nothing is locked."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from foundation.database import Stores
from foundation.migrations import CORE, migrate, upgrade

CENTER, CAMERA = "0195c0de-0000-7000-8000-000000000001", "0195c0de-0000-7000-8000-000000000002"
_CENTER = "INSERT INTO center (id, node, code, name, level, created_us) VALUES (:id, 'n', '110000', 'C', 'city', 1)"
_CAMERA = (
    "INSERT INTO camera (id, center_id, node, code, name, disabled, created_us, updated_us) "
    "VALUES (:id, :center, 'n', '1', 'Gate', :no, 1, 1)"
)
_LOCK = (
    "INSERT INTO evidence_lock (id, center_id, node, camera_id, start_us, end_us, reason, version, locked_us, "
    "locked_by, locked_by_name) VALUES ('lock', :center, 'n', :camera, :start, :end, 'r', 1, 1, 'a', 'li')"
)


@pytest.fixture
def migrated(empty_stores: Stores) -> Stores:
    with empty_stores.core.begin() as connection:
        upgrade(CORE, connection, "0002")
        connection.execute(text(_CENTER), {"id": CENTER})
        connection.execute(text(_CAMERA), {"id": CAMERA, "center": CENTER, "no": False})
    migrate(empty_stores)
    return empty_stores


def test_a_camera_goes_on_as_it_was(migrated: Stores) -> None:
    with migrated.core.connect() as connection:
        query = text("SELECT transport, audio_purpose, retention_days, retention_bytes FROM camera")
        assert connection.execute(query).all() == [("tcp", None, None, None)]


@pytest.mark.parametrize(("camera", "end"), [(CAMERA, 5), ("no such camera", 6)])
def test_a_lock_names_a_camera_and_a_span_that_is_one(migrated: Stores, camera: str, end: int) -> None:
    values = {"center": CENTER, "camera": camera, "start": 5, "end": end}
    with pytest.raises(IntegrityError), migrated.core.begin() as connection:
        connection.execute(text(_LOCK), values)
